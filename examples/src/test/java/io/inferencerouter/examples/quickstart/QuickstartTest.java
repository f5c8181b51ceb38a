package io.inferencerouter.examples.quickstart;

import static org.assertj.core.api.Assertions.assertThat;

import io.inferencerouter.examples.CapturedOutput;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

class QuickstartTest {
  private static final int MOST_LINES = 12;

  @Test
  void itPrintsTheAnswerOfOneOfTheEndpoints() throws Exception {
    String output = CapturedOutput.of(() -> Quickstart.main(new String[0]));

    assertThat(output).containsPattern("\"content\":\"Answered by gpu-[12]\"");
  }

  @Test
  void theReadmeShowsTheProgramAsItIs() throws Exception {
    List<String> program =
        between(
            Path.of("src/main/java/io/inferencerouter/examples/quickstart/Quickstart.java"),
            "// tag::quickstart",
            "// end::quickstart");

    assertThat(program).hasSizeBetween(5, MOST_LINES);
    assertThat(between(Path.of("../README.md"), "```java", "```")).isEqualTo(program);
  }

  /** The lines between the first two marks, without their indentation. */
  private static List<String> between(Path file, String start, String end) throws Exception {
    return Files.readAllLines(file).stream()
        .map(String::strip)
        .dropWhile(line -> !line.equals(start))
        .skip(1)
        .takeWhile(line -> !line.equals(end))
        .toList();
  }
}
