package io.inferencerouter.examples.grpc;

import com.google.protobuf.ByteString;
import io.inferencerouter.examples.embedding.MiniLm;
import io.inferencerouter.kserve.InferTensorContents;
import io.inferencerouter.kserve.ModelInferRequest;
import io.inferencerouter.kserve.ModelInferRequest.InferInputTensor;
import io.inferencerouter.kserve.ModelInferResponse;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;

/** Texts and vectors as tensors of the Open Inference Protocol. */
final class Vectors {
  private Vectors() {}

  /** A request for the embeddings of texts. */
  static ModelInferRequest request(List<String> texts) {
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

  static List<ByteString> texts(ModelInferRequest request) {
    return request.getInputs(0).getContents().getBytesContentsList();
  }

  static ByteString write(float[] vector) {
    ByteBuffer bytes =
        ByteBuffer.allocate(vector.length * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
    bytes.asFloatBuffer().put(vector);
    return ByteString.copyFrom(bytes);
  }

  static float[] read(ModelInferResponse response) {
    ByteString bytes = response.getRawOutputContents(0);
    float[] vector = new float[bytes.size() / Float.BYTES];
    bytes.asReadOnlyByteBuffer().order(ByteOrder.LITTLE_ENDIAN).asFloatBuffer().get(vector);
    return vector;
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
