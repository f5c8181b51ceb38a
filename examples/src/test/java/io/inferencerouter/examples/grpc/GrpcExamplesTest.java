package io.inferencerouter.examples.grpc;

import static org.assertj.core.api.Assertions.assertThat;

import io.inferencerouter.examples.CapturedOutput;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

class GrpcExamplesTest {
  @Test
  void theFastestEndpointEmbedsTheMost() throws Exception {
    String output = CapturedOutput.of(() -> GrpcInference.main(new String[0]));

    Matcher counts =
        Pattern.compile(
                "60 sentences embedded: fast (\\d+), half as fast (\\d+), a quarter as fast (\\d+)")
            .matcher(output);
    assertThat(counts.find()).as(output).isTrue();
    int fast = Integer.parseInt(counts.group(1));
    int half = Integer.parseInt(counts.group(2));
    int slow = Integer.parseInt(counts.group(3));
    assertThat(fast + half + slow).isEqualTo(60);
    assertThat(fast).isGreaterThan(slow);
  }

  @Test
  void aStreamThatHasSaidEnoughIsLeft() throws Exception {
    String output = CapturedOutput.of(() -> GrpcStreaming.main(new String[0]));

    Matcher tokens =
        Pattern.compile("tokens generated: (\\d+) of 420; requests in flight: 0").matcher(output);
    assertThat(tokens.find()).as(output).isTrue();
    // The second answer had the only slot, after the first one had been left
    assertThat(Integer.parseInt(tokens.group(1))).isBetween(45, 419);
    assertThat(output).contains("(left after 25 tokens of up to 400)");
  }

  @Test
  void anEndpointBehindTlsGetsItsToken() throws Exception {
    String output = CapturedOutput.of(() -> GrpcSecure.main(new String[0]));

    assertThat(output)
        .contains("384 numbers over TLS from secure; calls seen by the interceptor: 1");
  }
}
