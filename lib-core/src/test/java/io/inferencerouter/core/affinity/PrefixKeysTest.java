package io.inferencerouter.core.affinity;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.inferencerouter.InferenceRequest;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import net.jqwik.api.constraints.StringLength;
import org.junit.jupiter.api.Test;

class PrefixKeysTest {
  private final PrefixKeys keys = PrefixKeys.builder().blockSize(64).seed(1).build();

  /** As CPython computes {@code hash(bytes(range(n)))}, with PYTHONHASHSEED=0 and =12345. */
  @Test
  void aKeyIsTheSipHashOfTheWholePrefix() {
    byte[] prompt = new byte[64];
    for (int i = 0; i < prompt.length; i++) {
      prompt[i] = (byte) i;
    }
    assertThat(new PrefixKeys(8, 3, 0, 0).start().update(prompt, 0, 64).keys())
        .containsExactly(-1525574692105212182L, -8542738587087157833L, 3537676771234361146L);
    assertThat(new PrefixKeys(64, 3, 0, 0).start().update(prompt, 0, 64).keys())
        .containsExactly(8493894268803903686L);
    PrefixKeys keyed = new PrefixKeys(8, 9, 2690177042846309536L, -270527294849717104L);
    assertThat(keyed.start().update(prompt, 0, 64).keys())
        .hasSize(8)
        .startsWith(3841248364853774658L, 3356067954167317909L, 8894325544501024108L)
        .endsWith(198014204539689756L);
  }

  @Test
  void promptsHaveAsManyKeysInCommonAsTheyHaveWholeBlocks() {
    String shared = "You are a helpful assistant. ".repeat(20);
    long[] one = keys.of(shared + "What is the weather like?" + " ".repeat(200));
    long[] other = keys.of(shared + "Translate this:" + " ".repeat(300));

    int common = shared.length() / 64;
    assertThat(Arrays.mismatch(one, other)).isEqualTo(common);
    for (int block = common; block < Math.min(one.length, other.length); block++) {
      assertThat(one[block]).isNotEqualTo(other[block]);
    }
  }

  @Test
  void aDifferenceInTheFirstBlockChangesAllKeys() {
    String rest = "x".repeat(1000);

    long[] one = keys.of("a" + rest);
    long[] other = keys.of("b" + rest);

    assertThat(one).hasSize(1001 / 64);
    assertThat(Arrays.stream(one).boxed().toList())
        .doesNotContainAnyElementsOf(Arrays.stream(other).boxed().toList());
  }

  @Property
  void aPromptHasTheSameKeysUnitByUnit(@ForAll String prompt) {
    PrefixKeys small = PrefixKeys.builder().blockSize(64).maxBlocks(2).seed(1).build();
    PrefixKeys.Digest digest = small.start();
    prompt.chars().forEach(unit -> digest.update((char) unit));

    assertThat(digest.keys()).isEqualTo(small.of(prompt));
  }

  @Test
  void anIncompleteBlockHasNoKey() {
    assertThat(keys.of("")).isEmpty();
    assertThat(keys.of("x".repeat(63))).isEmpty();
    assertThat(keys.of("x".repeat(64))).hasSize(1);
    assertThat(keys.of("x".repeat(127))).isEqualTo(keys.of("x".repeat(64)));
  }

  @Test
  void whatComesAfterTheLastBlockThatCountsIsIgnored() {
    PrefixKeys few = PrefixKeys.builder().blockSize(64).maxBlocks(3).seed(1).build();
    String prompt = "0123456789".repeat(100);

    assertThat(few.of(prompt)).isEqualTo(Arrays.copyOf(keys.of(prompt), 3));
    byte[] bytes = prompt.getBytes(UTF_8);
    PrefixKeys.Digest digest = few.start();
    for (int i = 0; i < 5; i++) {
      digest.update(bytes, 0, bytes.length).update(prompt).updateToken(i);
    }
    assertThat(digest.keys()).isEqualTo(few.of(prompt));
  }

  @Property
  void thePiecesInWhichAPromptComesDoNotMatter(
      @ForAll @StringLength(max = 600) String prompt,
      @ForAll @Size(max = 8) List<@IntRange(max = 600) Integer> cuts) {
    int[] ends = cuts.stream().mapToInt(x -> Math.min(x, prompt.length())).sorted().toArray();
    PrefixKeys.Digest digest = keys.start();
    int at = 0;
    for (int end : ends) {
      digest.update(prompt.substring(at, end));
      at = end;
    }

    assertThat(digest.update(prompt.substring(at)).keys()).isEqualTo(keys.of(prompt));
  }

  @Property
  void textHasTheKeysOfItsBytes(
      @ForAll @Size(max = 300) List<@IntRange(min = 1, max = 0x10FFFF) Integer> codePoints,
      @ForAll @IntRange(max = 900) int cut) {
    StringBuilder text = new StringBuilder();
    for (int codePoint : codePoints) {
      if (codePoint < Character.MIN_SURROGATE || codePoint > Character.MAX_SURROGATE) {
        text.appendCodePoint(codePoint);
      }
    }
    byte[] bytes = text.toString().getBytes(UTF_8);
    int end = Math.min(cut, bytes.length);

    assertThat(keys.start().update(bytes, 0, end).update(bytes, end, bytes.length - end).keys())
        .isEqualTo(keys.of(text));
  }

  @Test
  void halfASurrogatePairIsCountedWhereverItStands() {
    String alone = "\uD83D";

    assertThat(keys.of(alone + "x".repeat(61))).hasSize(1);
    assertThat(keys.of(alone + alone + "x".repeat(58))).hasSize(1);
    assertThat(keys.of(alone + "x".repeat(61))).isNotEqualTo(keys.of("x".repeat(64)));
    assertThat(keys.start().update(alone).update("x".repeat(61).getBytes(UTF_8), 0, 61).keys())
        .isEqualTo(keys.of(alone + "x".repeat(61)));
    assertThat(keys.start().update(alone).update("\uDE00" + "x".repeat(60)).keys())
        .isEqualTo(keys.of("\uD83D\uDE00" + "x".repeat(60)));
  }

  @Test
  void tokenIdsAreFourBytesEach() {
    PrefixKeys.Digest digest = keys.start();
    for (int token = 0; token < 33; token++) {
      digest.updateToken(token * 1_000_003);
    }
    assertThat(digest.keys()).hasSize(2);
    assertThat(digest.keys()[0]).isNotEqualTo(digest.keys()[1]);
  }

  @Test
  void keysDependOnTheSeed() {
    String prompt = "x".repeat(64);
    Set<Long> seen = new HashSet<>();
    for (long seed = -50; seed < 50; seed++) {
      seen.add(PrefixKeys.builder().blockSize(64).seed(seed).build().of(prompt)[0]);
    }
    assertThat(seen).hasSize(100);
    assertThat(PrefixKeys.builder().blockSize(64).seed(1).build().of(prompt))
        .isEqualTo(keys.of(prompt));
  }

  @Test
  void withoutASeedKeysAreTheSameWithinAProcess() {
    String prompt = "x".repeat(PrefixKeys.DEFAULT_BLOCK_SIZE);
    PrefixKeys defaults = PrefixKeys.builder().build();

    assertThat(defaults.of(prompt)).hasSize(1).isEqualTo(PrefixKeys.builder().build().of(prompt));
    assertThat(defaults.blockSize()).isEqualTo(PrefixKeys.DEFAULT_BLOCK_SIZE);
    assertThat(defaults.maxBlocks()).isEqualTo(PrefixKeys.DEFAULT_MAX_BLOCKS);
    assertThat(defaults).hasToString("PrefixKeys[blocks of 2048 bytes, at most 4096]");
  }

  @Test
  void keysFitIntoARequest() {
    long[] prompt = keys.of("x".repeat(200));
    InferenceRequest request = InferenceRequest.forModel("m").prefixKeys(prompt).build();

    assertThat(request.prefixKeyCount()).isEqualTo(3);
    assertThat(request.prefixKey(2)).isEqualTo(prompt[2]);
  }

  @Test
  void valuesOutOfRangeAreRefused() {
    PrefixKeys.Builder builder = PrefixKeys.builder();

    assertThatThrownBy(() -> builder.blockSize(100))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("blockSize: 100 (expected: a multiple of 8 from 64 to 1048576)");
    assertThatThrownBy(() -> builder.blockSize(56)).isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> builder.maxBlocks(0))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("maxBlocks: 0 (expected: 1 to 65535)");
    assertThatThrownBy(() -> keys.start().update(new byte[4], 2, 3))
        .isInstanceOf(IndexOutOfBoundsException.class);
  }
}
