package io.inferencerouter.examples.demo.documents;

import static org.assertj.core.api.Assertions.assertThat;

import io.inferencerouter.examples.embedding.LoadedModel;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class DocumentGeneratorTest {
  @Test
  void equalSeedsGiveEqualDocuments() throws Exception {
    assertThat(documents(7, 50)).isEqualTo(documents(7, 50));
  }

  @Test
  void otherSeedsGiveOtherDocuments() throws Exception {
    assertThat(documents(7, 50)).isNotEqualTo(documents(8, 50));
  }

  @ParameterizedTest
  @EnumSource
  void aDocumentIsAsLongAsItsKindAllows(DocumentKind kind) throws Exception {
    DocumentGenerator generator = new DocumentGenerator(3);

    Set<Integer> lengths =
        Stream.generate(() -> generator.next(kind).pages().size())
            .limit(300)
            .collect(Collectors.toSet());

    assertThat(lengths).allMatch(n -> n >= kind.minPages() && n <= kind.maxPages());
    assertThat(lengths).contains(kind.minPages(), kind.maxPages());
  }

  @Test
  void everyPageFitsIntoTheModelAndHasNoBlankLeft() throws Exception {
    for (Document document : documents(1, 100)) {
      for (String page : document.pages()) {
        assertThat(page).doesNotContain("{", "}");
        assertThat(page.split(" ").length).isBetween(DocumentGenerator.MIN_WORDS, 100);
        assertThat(LoadedModel.get().tokens(page)).isBetween(40, 130);
      }
    }
  }

  @Test
  void kindsComeInTheirSharesAndInRandomOrder() throws Exception {
    List<Document> documents = documents(1, 200);

    assertThat(Arrays.stream(DocumentKind.values()).mapToInt(DocumentKind::perHundred).sum())
        .isEqualTo(100);
    for (DocumentKind kind : DocumentKind.values()) {
      assertThat(documents.subList(0, 100).stream().filter(d -> d.kind() == kind))
          .hasSize(kind.perHundred());
    }
    assertThat(documents.subList(0, 100).stream().map(Document::kind).toList())
        .isNotEqualTo(documents.subList(100, 200).stream().map(Document::kind).toList());
  }

  private static List<Document> documents(long seed, int count) throws IOException {
    DocumentGenerator generator = new DocumentGenerator(seed);
    return Stream.generate(generator::next).limit(count).toList();
  }
}
