package io.inferencerouter.grpc;

import io.grpc.MethodDescriptor;
import io.inferencerouter.InferenceRequest;
import io.inferencerouter.InputUnit;
import io.inferencerouter.grpc.internal.wire.ModelInferReader;
import java.util.Locale;
import java.util.Objects;

/**
 * Classifies calls of the Open Inference Protocol, version 2, that is of the service {@code
 * inference.GRPCInferenceService} as KServe, Triton and others serve it: {@code ModelInfer},
 * Triton's {@code ModelStreamInfer}, and {@code ModelReady} and {@code ModelMetadata}. Generated
 * classes are not needed: the beginning of the serialized message is read.
 *
 * <p>It reads the model and its version, and of the shapes of the input tensors how large the input
 * is:
 *
 * <ul>
 *   <li>{@linkplain InputUnit#TOKENS Tokens}: the elements of the tensor {@value #TOKEN_TENSOR}, or
 *       of the largest tensor of integers if no tensor is named so.
 *   <li>{@linkplain InputUnit#IMAGES Images}: the first dimension of tensors with four dimensions.
 *   <li>{@linkplain InputUnit#BYTES Bytes}: of the serialized message.
 * </ul>
 *
 * <p>The parameter {@code max_tokens} is the limit of the output. The parameter {@code sequence_id}
 * is the session; such requests belong together, so they are sent once only. All others of {@code
 * ModelInfer} are {@linkplain InferenceRequest#idempotent() idempotent}. Of a stream of requests
 * the first one counts.
 *
 * <p>At most {@link Builder#maxScannedBytes} of a message are read, and tensors come before their
 * contents where those are sent raw. Other methods, and whatever is not understood, are classified
 * as {@link SerializedSizeClassifier} does. Safe for use by many threads.
 */
public final class KServeClassifier implements GrpcRequestClassifier {
  /** The default of {@link Builder#maxScannedBytes}, in bytes. */
  public static final int DEFAULT_MAX_SCANNED_BYTES = 1 << 14;

  /** The smallest {@link Builder#maxScannedBytes}, in bytes. */
  public static final int MIN_SCANNED_BYTES = 1 << 8;

  /** The largest {@link Builder#maxScannedBytes}, in bytes. */
  public static final int MAX_SCANNED_BYTES = 1 << 28;

  /** The name of the tensor that holds tokens. */
  public static final String TOKEN_TENSOR = "input_ids";

  private static final String SERVICE = "inference.GRPCInferenceService";
  private static final int IMAGE_RANK = 4;
  private static final int LONGEST_NAME = 1024;

  private final int maxScannedBytes;

  private KServeClassifier(Builder builder) {
    maxScannedBytes = builder.maxScannedBytes;
  }

  /** A classifier with the default limits. */
  public static KServeClassifier create() {
    return builder().build();
  }

  /** Starts a classifier. */
  public static Builder builder() {
    return new Builder();
  }

  @Override
  public boolean readsMessage(MethodDescriptor<?, ?> method) {
    return Operation.of(method) == Operation.INFER
        || GrpcRequestClassifier.super.readsMessage(method);
  }

  @Override
  public InferenceRequest classify(GrpcRequest request) {
    Operation operation = Operation.of(request.method());
    if (operation == Operation.OTHER || request.message().isEmpty()) {
      return SerializedSizeClassifier.create().classify(request);
    }
    byte[] head = request.serializedHead(maxScannedBytes);
    Found found = new Found();
    // The requests of the model's state have model and version in the same two fields.
    new ModelInferReader(head, head.length, found).read();
    return describe(operation, found, request);
  }

  private static InferenceRequest describe(Operation operation, Found found, GrpcRequest request) {
    InferenceRequest.Builder inference =
        isName(found.model) && !found.model.isBlank()
            ? InferenceRequest.forModel(found.model)
            : InferenceRequest.forAnyModel();
    SerializedSizeClassifier.describe(inference, request);
    if (!found.model.isBlank() && isName(found.version)) {
      inference.modelVersion(found.version);
    }
    if (operation == Operation.STATE) {
      return inference.idempotent(true).outputLimit(0).build();
    }
    if (found.session.isEmpty()) {
      inference.idempotent(true);
    } else {
      inference.replayable(false);
      if (isName(found.session)) {
        inference.session(found.session);
      }
    }
    if (found.maxTokens >= 0 && found.maxTokens <= InferenceRequest.MAX_SIZE) {
      inference.outputLimit(found.maxTokens);
    }
    if (found.tokens() > 0) {
      inference.input(InputUnit.TOKENS, found.tokens());
    }
    if (found.images > 0) {
      inference.input(InputUnit.IMAGES, Math.min(found.images, InferenceRequest.MAX_SIZE));
    }
    return inference.build();
  }

  /** Whether the router would take it for a name, or for none. */
  private static boolean isName(String text) {
    return text.length() <= LONGEST_NAME && text.chars().noneMatch(Character::isISOControl);
  }

  private enum Operation {
    /** Requests with a model and tensors. */
    INFER,
    /** Requests with a model. */
    STATE,
    OTHER;

    static Operation of(MethodDescriptor<?, ?> method) {
      if (!SERVICE.equals(method.getServiceName())) {
        return OTHER;
      }
      return switch (Objects.requireNonNullElse(method.getBareMethodName(), "")) {
        case "ModelInfer", "ModelStreamInfer" -> INFER;
        case "ModelReady", "ModelMetadata" -> STATE;
        default -> OTHER;
      };
    }
  }

  /** What was found in a message. */
  private static final class Found implements ModelInferReader.Sink {
    String model = "";
    String version = "";
    String session = "";
    long maxTokens = -1;
    long images;
    private long namedTokens = -1;
    private long integers;

    long tokens() {
      return namedTokens >= 0 ? namedTokens : integers;
    }

    @Override
    public void modelName(String name) {
      model = name;
    }

    @Override
    public void modelVersion(String of) {
      version = of;
    }

    @Override
    public void input(String name, String datatype, long elements, int rank, long batch) {
      if (name.equals(TOKEN_TENSOR)) {
        namedTokens = elements;
      } else if (rank == IMAGE_RANK) {
        images += batch;
      } else if (datatype.toUpperCase(Locale.ROOT).contains("INT")) {
        integers = Math.max(integers, elements);
      }
    }

    @Override
    public void parameter(String name, long value) {
      if (name.equals("max_tokens")) {
        maxTokens = value;
      } else if (name.equals("sequence_id") && value != 0) {
        session = Long.toString(value);
      }
    }

    @Override
    public void parameter(String name, String value) {
      if (name.equals("sequence_id")) {
        session = value;
      }
    }
  }

  /** Builds a {@link KServeClassifier}. Not safe for use by several threads at once. */
  public static final class Builder {
    private int maxScannedBytes = DEFAULT_MAX_SCANNED_BYTES;

    private Builder() {}

    /**
     * Limits how much of a message is read, in bytes, {@value KServeClassifier#MIN_SCANNED_BYTES}
     * to {@value KServeClassifier#MAX_SCANNED_BYTES}; by default {@value
     * KServeClassifier#DEFAULT_MAX_SCANNED_BYTES}.
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
    public KServeClassifier build() {
      return new KServeClassifier(this);
    }
  }
}
