package io.inferencerouter.okhttp;

import io.inferencerouter.InferenceRequest;
import io.inferencerouter.InputUnit;
import io.inferencerouter.okhttp.internal.json.OpenAiBody;
import io.inferencerouter.okhttp.internal.peek.BodyHead;
import java.io.IOException;
import java.util.Locale;
import okhttp3.MediaType;
import okhttp3.Request;
import okhttp3.RequestBody;
import org.jspecify.annotations.Nullable;

/**
 * Classifies requests of the OpenAI API, which most inference servers speak: those whose path ends
 * in {@code /chat/completions}, {@code /completions} or {@code /embeddings}.
 *
 * <p>It reads the model, whether the answer is streamed, the limit of the output ({@code
 * max_completion_tokens} or {@code max_tokens}, times {@code n}; 0 for embeddings), and the size of
 * the input: the {@linkplain InputUnit#CHARACTERS characters} of messages, prompts and texts, the
 * {@linkplain InputUnit#TOKENS tokens} of inputs given as tokens, and the number of {@linkplain
 * InputUnit#IMAGES images}. Embeddings are {@linkplain InferenceRequest#idempotent() idempotent}; a
 * request is {@linkplain InferenceRequest#replayable() replayable} when its body is.
 *
 * <p>At most {@link Builder#maxScannedBytes} of a body are read. Of a longer one counts what was
 * read of model and limits, and its length in {@linkplain InputUnit#BYTES bytes} for its size;
 * clients that write {@code model} after the messages need a limit above the size of their messages
 * where not every endpoint serves every model. Bodies that can be written only once are not read.
 * Whatever is not understood, other paths, other content types, encoded or malformed bodies, is
 * routed to any endpoint by its size in bytes. Nothing of this ever fails a request.
 *
 * <p>Safe for use by many threads.
 */
public final class OpenAiClassifier implements RequestClassifier {
  /** The default of {@link Builder#maxScannedBytes}, in bytes. */
  public static final int DEFAULT_MAX_SCANNED_BYTES = 1 << 20;

  /** The smallest {@link Builder#maxScannedBytes}, in bytes. */
  public static final int MIN_SCANNED_BYTES = 1 << 10;

  /** The largest {@link Builder#maxScannedBytes}, in bytes. */
  public static final int MAX_SCANNED_BYTES = 1 << 28;

  private final int maxScannedBytes;

  private OpenAiClassifier(Builder builder) {
    maxScannedBytes = builder.maxScannedBytes;
  }

  /** A classifier with the default limits. */
  public static OpenAiClassifier create() {
    return builder().build();
  }

  /** Starts a classifier. */
  public static Builder builder() {
    return new Builder();
  }

  @Override
  public InferenceRequest classify(Request request) {
    RequestBody body = request.body();
    Operation operation = Operation.of(request.url().encodedPath());
    if (body == null
        || operation == Operation.OTHER
        || !Unclassified.canBeWrittenAgain(body)
        || !isJson(body.contentType())
        || request.header("Content-Encoding") != null) {
      return Unclassified.of(request);
    }
    long length = Unclassified.contentLength(body);
    try {
      BodyHead head = BodyHead.of(body, maxScannedBytes, length);
      OpenAiBody content = OpenAiBody.read(head.bytes(), head.size());
      if (content.isWhole() || head.isTruncated()) {
        return describe(operation, content, head.isTruncated(), length);
      }
    } catch (IOException unreadable) {
      return Unclassified.of(request);
    }
    return Unclassified.of(request);
  }

  private static InferenceRequest describe(
      Operation operation, OpenAiBody content, boolean truncated, long length) {
    InferenceRequest.Builder request =
        isName(content.model())
            ? InferenceRequest.forModel(content.model())
            : InferenceRequest.forAnyModel();
    request.replayable(true).streaming(content.stream());
    if (operation == Operation.EMBEDDINGS) {
      request.outputLimit(0).idempotent(true);
    } else if (content.maxTokens() != OpenAiBody.NOT_STATED) {
      request.outputLimit(product(content.maxTokens(), content.choices()));
    }
    if (truncated) {
      if (length >= 0) {
        request.input(InputUnit.BYTES, Math.min(length, InferenceRequest.MAX_SIZE));
      }
      return request.build();
    }
    if (content.characters() > 0 || content.tokens() == 0) {
      request.input(InputUnit.CHARACTERS, content.characters());
    }
    if (content.tokens() > 0) {
      request.input(InputUnit.TOKENS, content.tokens());
    }
    if (content.images() > 0) {
      request.input(InputUnit.IMAGES, content.images());
    }
    return request.build();
  }

  private static long product(long a, long b) {
    long most = InferenceRequest.MAX_SIZE;
    return a > most / b ? most : a * b;
  }

  /** Whether the router would take it for the name of a model. */
  private static boolean isName(String model) {
    return !model.isBlank()
        && model.length() <= 1024
        && model.chars().noneMatch(Character::isISOControl);
  }

  private static boolean isJson(@Nullable MediaType type) {
    if (type == null) {
      return true;
    }
    String subtype = type.subtype().toLowerCase(Locale.ROOT);
    return subtype.equals("json") || subtype.endsWith("+json");
  }

  private enum Operation {
    COMPLETIONS,
    EMBEDDINGS,
    OTHER;

    static Operation of(String path) {
      if (path.endsWith("/completions")) {
        return COMPLETIONS;
      }
      return path.endsWith("/embeddings") ? EMBEDDINGS : OTHER;
    }
  }

  /** Builds an {@link OpenAiClassifier}. Not safe for use by several threads at once. */
  public static final class Builder {
    private int maxScannedBytes = DEFAULT_MAX_SCANNED_BYTES;

    private Builder() {}

    /**
     * Limits how much of a body is read, in bytes, {@value OpenAiClassifier#MIN_SCANNED_BYTES} to
     * {@value OpenAiClassifier#MAX_SCANNED_BYTES}; by default {@value
     * OpenAiClassifier#DEFAULT_MAX_SCANNED_BYTES}. As much memory is used while a large body is
     * classified.
     */
    public Builder maxScannedBytes(int maxScannedBytes) {
      if (maxScannedBytes < MIN_SCANNED_BYTES || maxScannedBytes > MAX_SCANNED_BYTES) {
        throw new IllegalArgumentException(
            "maxScannedBytes: "
                + maxScannedBytes
                + " (expected: "
                + MIN_SCANNED_BYTES
                + " to "
                + MAX_SCANNED_BYTES
                + ")");
      }
      this.maxScannedBytes = maxScannedBytes;
      return this;
    }

    /** Builds the classifier. */
    public OpenAiClassifier build() {
      return new OpenAiClassifier(this);
    }
  }
}
