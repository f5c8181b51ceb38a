package io.inferencerouter.examples.quickstart;

import static org.assertj.core.api.Assertions.assertThat;

import io.inferencerouter.Credential;
import io.inferencerouter.Endpoint;
import io.inferencerouter.Gpu;
import io.inferencerouter.InferenceRequest;
import io.inferencerouter.InferenceRouter;
import io.inferencerouter.InputUnit;
import io.inferencerouter.core.InferenceRouters;
import io.inferencerouter.examples.CapturedOutput;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class QuickstartTest {
  private static final int MOST_LINES = 12;
  private static final Path README = Path.of("../README.md");

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
    assertThat(between(README, "```java", "```").subList(0, program.size())).isEqualTo(program);
  }

  /** Line breaks aside, for the margin is another one there. */
  @Test
  void theReadmeShowsCallsOfOnesOwnAsTheyAre() throws Exception {
    String program =
        withoutSpace(
            between(
                Path.of("src/test/java/io/inferencerouter/examples/quickstart/QuickstartTest.java"),
                "// tag::own-calls",
                "// end::own-calls"));

    assertThat(program).startsWith("Endpointh100=").endsWith("lease.model()));");
    assertThat(withoutSpace(between(README, "```java", "```"))).endsWith(program);
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
      String answer = router.execute(request, lease -> send(lease.endpoint().uri(), lease.model()));
      // end::own-calls
      return answer;
    }
  }

  private static String send(URI uri, String model) {
    return model + " at " + uri;
  }

  private static String withoutSpace(List<String> lines) {
    return String.join("", lines).replace(" ", "");
  }

  /** The lines between all such marks, without their indentation. */
  private static List<String> between(Path file, String start, String end) throws Exception {
    List<String> lines = new ArrayList<>();
    boolean within = false;
    for (String line : Files.readAllLines(file)) {
      String text = line.strip();
      if (text.equals(end)) {
        within = false;
      }
      if (within) {
        lines.add(text);
      }
      if (text.equals(start)) {
        within = true;
      }
    }
    return lines;
  }
}
