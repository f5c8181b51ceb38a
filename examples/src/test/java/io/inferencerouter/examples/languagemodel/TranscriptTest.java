package io.inferencerouter.examples.languagemodel;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.CharRange;
import net.jqwik.api.constraints.StringLength;

class TranscriptTest {
  private static final char LAST_BEFORE_SURROGATES = '\uD7FF';

  private final TinyKjv model = LoadedKjv.get();

  @Property(tries = 50)
  void thePiecesTogetherAreTheText(
      @ForAll
          @StringLength(min = 1, max = 20)
          @CharRange(from = '\u0001', to = LAST_BEFORE_SURROGATES)
          String any) {
    String text = model.decode(model.encode("It is written: " + any));

    Transcript transcript = new Transcript(model, List.of());

    assertThat(String.join("", pieces(transcript, text)) + transcript.end()).isEqualTo(text);
  }

  @Example
  void aCharacterOfSeveralTokensComesInOnePiece() {
    assertThat(model.encode("€")).hasSizeGreaterThan(1);
    Transcript transcript = new Transcript(model, List.of());

    List<String> pieces = pieces(transcript, "a€b");

    assertThat(pieces).contains("€").noneMatch(piece -> piece.contains("\uFFFD"));
  }

  @Example
  void whatMayBecomeAStopIsHeldBack() {
    Transcript transcript = new Transcript(model, List.of("unto Moses"));

    List<String> pieces = pieces(transcript, "And said unto the king");

    assertThat(String.join("", pieces)).isEqualTo("And said unto the king");
    assertThat(pieces).containsSequence(" ", "unto the");
    assertThat(transcript.isStopped()).isFalse();
  }

  @Example
  void theTextEndsBeforeTheStop() {
    Transcript transcript = new Transcript(model, List.of("never", "unto Moses"));

    List<String> pieces = pieces(transcript, "And he said unto Moses, Speak");

    assertThat(transcript.isStopped()).isTrue();
    assertThat(String.join("", pieces) + transcript.end()).isEqualTo("And he said ");
  }

  @Example
  void whatWasHeldBackComesAtTheEnd() {
    Transcript transcript = new Transcript(model, List.of("the king."));

    List<String> pieces = pieces(transcript, "And the king");

    assertThat(String.join("", pieces)).isEqualTo("And ");
    assertThat(transcript.end()).isEqualTo("the king");
    assertThat(transcript.end()).isEmpty();
  }

  private List<String> pieces(Transcript transcript, String text) {
    List<String> pieces = new ArrayList<>();
    for (long token : model.encode(text)) {
      if (!transcript.isStopped()) {
        pieces.add(transcript.add(token));
      }
    }
    return pieces;
  }
}
