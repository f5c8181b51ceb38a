package io.inferencerouter.benchmarks.okhttp;

import io.inferencerouter.InferenceRequest;
import io.inferencerouter.okhttp.InferenceApiClassifier;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.TimeUnit;
import okhttp3.MediaType;
import okhttp3.Request;
import okhttp3.RequestBody;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/**
 * Reading the body of a chat request: its model, its limits, its size, and the prefix keys. Run it
 * with {@code -prof gc} to see what is allocated.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 3, time = 1)
@Fork(1)
public class ClassifyBody {
  private static final int MESSAGES = 10;
  private static final String TOOLS = "\"tools\":[{\"type\":\"function\",\"name\":\"search\"}]";

  /** About how long the body is, in bytes. */
  @Param({"2000", "20000"})
  public int bytes;

  /** How the body is written. */
  @Param public Shape shape = Shape.PLAIN;

  private final InferenceApiClassifier classifier = InferenceApiClassifier.create();
  private Request request = new Request.Builder().url("http://inference/").build();

  /** What bodies look like. */
  public enum Shape {
    /** Plain English, in the order in which engines read it. */
    PLAIN("The quick brown fox jumps. ", true),
    /** Lines of text, the tools behind the messages. */
    LINES("The quick brown fox jumps over \\\"it\\\".\\n", false),
    /** Text in which hardly a letter is ASCII. */
    CYRILLIC("Съешь ещё этих мягких булок. ", true);

    private final String text;
    private final boolean toolsFirst;

    Shape(String text, boolean toolsFirst) {
      this.text = text;
      this.toolsFirst = toolsFirst;
    }
  }

  /** Writes the body. */
  @Setup
  public void write() {
    int bytesOfText = shape.text.getBytes(StandardCharsets.UTF_8).length;
    String content = shape.text.repeat(Math.max(1, bytes / MESSAGES / bytesOfText));
    String message = "{\"role\":\"user\",\"content\":\"" + content + "\"}";
    String messages = "\"messages\":[" + message + ("," + message).repeat(MESSAGES - 1) + "]";
    String json =
        "{\"model\":\"llama\","
            + (shape.toolsFirst ? TOOLS + "," + messages : messages + "," + TOOLS)
            + ",\"max_tokens\":200}";
    request =
        new Request.Builder()
            .url("http://inference/v1/chat/completions")
            .post(
                RequestBody.create(
                    json.getBytes(StandardCharsets.UTF_8), MediaType.get("application/json")))
            .build();
  }

  /** One request. */
  @Benchmark
  public InferenceRequest classify() {
    return classifier.classify(request);
  }
}
