package io.inferencerouter.examples.grpc;

import com.google.protobuf.ByteString;
import io.inferencerouter.examples.embedding.MiniLm;
import io.inferencerouter.kserve.InferTensorContents;
import io.inferencerouter.kserve.ModelInferRequest;
import io.inferencerouter.kserve.ModelInferRequest.InferInputTensor;
import io.inferencerouter.kserve.ModelInferResponse;
import io.inferencerouter.kserve.ModelInferResponse.InferOutputTensor;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.List;

/** Texts and vectors as tensors of the Open Inference Protocol. */
public final class Vectors {
  private Vectors() {}

  /** A request for the embeddings of texts. */
  public static ModelInferRequest request(List<String> texts) {
    InferTensorContents.Builder contents = InferTensorContents.newBuilder();
    texts.forEach(text -> contents.addBytesContents(ByteString.copyFromUtf8(text)));
    return ModelInferRequest.newBuilder()
        .setModelName(MiniLm.NAME)
        .addInputs(
            InferInputTensor.newBuilder()
                .setName("text")
                .setDatatype("BYTES")
                .addShape(texts.size())
                .setContents(contents))
        .build();
  }

  /** The texts of a request; none if it has no tensor. */
  public static List<ByteString> texts(ModelInferRequest request) {
    return request.getInputsCount() == 0
        ? List.of()
        : request.getInputs(0).getContents().getBytesContentsList();
  }

  /** An answer with the embeddings of the texts, in their order. */
  public static ModelInferResponse.Builder response(List<float[]> vectors) {
    ByteBuffer bytes =
        ByteBuffer.allocate(vectors.size() * MiniLm.DIMENSIONS * Float.BYTES)
            .order(ByteOrder.LITTLE_ENDIAN);
    FloatBuffer floats = bytes.asFloatBuffer();
    vectors.forEach(floats::put);
    return ModelInferResponse.newBuilder()
        .addOutputs(
            InferOutputTensor.newBuilder()
                .setName("embedding")
                .setDatatype("FP32")
                .addShape(vectors.size())
                .addShape(MiniLm.DIMENSIONS))
        .addRawOutputContents(ByteString.copyFrom(bytes));
  }

  /** The first embedding of an answer. */
  static float[] first(ModelInferResponse response) {
    return read(response).get(0);
  }

  /**
   * The embeddings of an answer.
   *
   * @throws IllegalArgumentException if there is no tensor of floats in two dimensions, or if it is
   *     not as large as its shape
   */
  public static List<float[]> read(ModelInferResponse response) {
    if (response.getOutputsCount() != 1
        || response.getRawOutputContentsCount() != 1
        || response.getOutputs(0).getShapeCount() != 2) {
      throw new IllegalArgumentException(
          "outputs: " + response.getOutputsList() + " (expected: one of two dimensions)");
    }
    long count = response.getOutputs(0).getShape(0);
    long length = response.getOutputs(0).getShape(1);
    ByteString bytes = response.getRawOutputContents(0);
    if (count < 0 || length < 1 || count * length * Float.BYTES != bytes.size()) {
      throw new IllegalArgumentException(
          "raw_output_contents: %d bytes (expected: %d times %d floats)"
              .formatted(bytes.size(), count, length));
    }
    FloatBuffer floats =
        bytes.asReadOnlyByteBuffer().order(ByteOrder.LITTLE_ENDIAN).asFloatBuffer();
    List<float[]> vectors = new ArrayList<>();
    for (long i = 0; i < count; i++) {
      float[] vector = new float[(int) length];
      floats.get(vector);
      vectors.add(vector);
    }
    return vectors;
  }

  /** The cosine of the angle between two vectors of length one. */
  static double similarity(float[] one, float[] other) {
    double sum = 0;
    for (int i = 0; i < one.length; i++) {
      sum += one[i] * other[i];
    }
    return sum;
  }
}
