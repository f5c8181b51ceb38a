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
    assertThat(between(README, "```java", "```")).isEqualTo(program);
  }

  @Test
  void theReadmeShowsCallsOfOnesOwnAsTheyAre() throws Exception {
    List<String> program =
        between(
            Path.of("src/test/java/io/inferencerouter/examples/quickstart/QuickstartTest.java"),
            "// tag::own-calls",
            "// end::own-calls");

    assertThat(program).hasSizeBetween(5, MOST_LINES);
    assertThat(between(README, "Say how fast your endpoints are", "```java", "```"))
        .isEqualTo(program);
  }

  @Test
  void aCallOfOnesOwnGoesToTheEndpointThatIsDeclared() throws Exception {
    assertThat(callOfOnesOwn("secret")).isEqualTo("llama-70b at https://gpu-1:8000");
  }

  private static String callOfOnesOwn(String token) throws Exception {
    // tag::own-calls
    Endpoint h100 =
        Endpoint.builder("h100", "https://gpu-1:8000")
            .profile(Gpu.H100.forModelOf(70)) // or your own rates; learned from there
            .model("llama-70b")
            .maxConcurrency(64)
            .credential(Credential.bearer(() -> token))
            .build();
    // end::own-calls
    try (InferenceRouter router = InferenceRouters.of(h100)) {
      // tag::own-calls
      InferenceRequest request =
          InferenceRequest.forModel("llama-70b")
              .input(InputUnit.TOKENS, 1_200)
              .outputLimit(400)
              .build();
      String answer =
          router.execute(request, lease -> send(lease.endpoint().uri(), lease.model()));
      // end::own-calls
      return answer;
    }
  }

  private static String send(URI uri, String model) {
    return model + " at " + uri;
  }

}
