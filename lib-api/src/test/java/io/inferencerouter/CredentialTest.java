package io.inferencerouter;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Iterator;
import java.util.List;
import org.junit.jupiter.api.Test;

class CredentialTest {
  @Test
  void theValueIsAskedForEachTimeSoThatTokensMayRotate() {
    Iterator<String> tokens = List.of("one", "two").iterator();
    Credential credential = Credential.bearer(tokens::next);

    assertThat(credential.value()).isEqualTo("Bearer one");
    assertThat(credential.value()).isEqualTo("Bearer two");
    assertThat(credential.header()).isEqualTo("Authorization");
  }

  @Test
  void aSecretThatCannotBeSentIsRefusedWithoutBeingRepeated() {
    Credential credential = Credential.header("x-api-key", () -> "hush\r\nX: 1");

    assertThatThrownBy(credential::value)
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("x-api-key")
        .satisfies(e -> assertThat(e.getMessage()).doesNotContain("hush"));
    assertThatThrownBy(() -> Credential.bearer("hush\n"))
        .isInstanceOf(IllegalArgumentException.class)
        .satisfies(e -> assertThat(e.getMessage()).doesNotContain("hush"));
  }
}
