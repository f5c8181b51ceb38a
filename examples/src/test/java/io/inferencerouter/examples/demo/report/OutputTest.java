package io.inferencerouter.examples.demo.report;

import static org.assertj.core.api.Assertions.assertThat;

import io.inferencerouter.examples.demo.workload.Answer;
import io.inferencerouter.examples.demo.workload.FixedJob;
import io.inferencerouter.examples.demo.workload.Job;
import io.inferencerouter.examples.demo.workload.ServerTiming;
import java.awt.image.BufferedImage;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class OutputTest {
  @TempDir private Path directory;

  @Test
  void progressIsALineForEachQuarter() {
    StringWriter text = new StringWriter();
    try (Progress progress = Progress.lines("task", 10, new PrintWriter(text))) {
      for (int i = 0; i < 10; i++) {
        progress.step();
      }
    }

    assertThat(text.toString().lines())
        .containsExactly("task: 3 of 10", "task: 5 of 10", "task: 8 of 10", "task: 10 of 10");
  }

  @Test
  void aRequestIsALineOfTheLog() throws Exception {
    Path file = directory.resolve("log.csv");
    Job job = new FixedJob(7, "letter", 12, 0, 1_500_000);
    Job streamed = new FixedJob(8, "question", 12, 2, 1_500_000);
    long[] outputs = {500_000, 700_000};
    try (RequestLog log = new RequestLog(file)) {
      log.add(
          "round-robin",
          Answer.whole(job, 2_000_000, 503, "gpu-1", new ServerTiming(0.25, 1), new byte[0]),
          "status 503, really");
      log.add(
          "round-robin",
          new Answer(
              streamed, 800_000, outputs, 200, "gpu-2", ServerTiming.UNKNOWN, new byte[0], ""),
          "");
    }

    assertThat(Files.readAllLines(file))
        .containsExactly(
            "policy,request,kind,input_tokens,output_tokens,arrival_ms,first_token_ms,latency_ms,"
                + "endpoint,queue_ms,service_ms,status,problem",
            "round-robin,7,letter,12,0,1.500,,2.000,gpu-1,0.250,1.000,503,\"status 503, really\"",
            "round-robin,8,question,12,2,1.500,0.500,0.800,gpu-2,,,200,");
  }

  @Test
  void aPolicyIsALineOfTheReactions() throws Exception {
    Path file = directory.resolve("reactions.csv");

    ReactionLog.write(
        file,
        List.of(
            Results.withReaction("round-robin", new Reaction(11, 7, 2), 3, 1),
            Results.of("predicted-time", 1, 0, 0)));

    assertThat(Files.readAllLines(file))
        .containsExactly("policy,retried,moved,ejected,errors,lost", "round-robin,11,7,2,3,1");
  }

  @Test
  void theChartIsAPictureWithMoreThanOneColour() throws Exception {
    Path file = directory.resolve("chart.png");

    Chart.write(
        file,
        "mixed fleet",
        Headline.ANSWER,
        List.of(Results.of("round-robin", 6, 0, 0), Results.of("predicted-time", 2, 0, 0)));

    BufferedImage image = ImageIO.read(file.toFile());
    assertThat(image.getWidth()).isGreaterThan(image.getHeight());
    assertThat(
            java.util.stream.IntStream.range(0, image.getWidth())
                .mapToObj(x -> image.getRGB(x, image.getHeight() / 2))
                .distinct()
                .count())
        .isGreaterThan(2);
  }
}
