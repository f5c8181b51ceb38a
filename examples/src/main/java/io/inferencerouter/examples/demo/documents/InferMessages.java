package io.inferencerouter.examples.demo.documents;

import io.inferencerouter.examples.grpc.Vectors;
import io.inferencerouter.kserve.InferParameter;
import io.inferencerouter.kserve.ModelInferResponse;
import java.io.IOException;

/** Embeddings as messages of the Open Inference Protocol. */
final class InferMessages {
  private static final String PROMPT_TOKENS = "prompt_tokens";

  private InferMessages() {}

  /** An answer with the embeddings, and with the number of tokens as a parameter. */
  static ModelInferResponse.Builder response(EmbeddingsResponse embeddings) {
    return Vectors.response(embeddings.embeddings())
        .setModelName(embeddings.model())
        .putParameters(
            PROMPT_TOKENS,
            InferParameter.newBuilder().setInt64Param(embeddings.promptTokens()).build());
  }

  /**
   * Reads an answer.
   *
   * @throws IOException if it is no such message, or if its tensor is not as defined
   */
  static EmbeddingsResponse parse(byte[] message) throws IOException {
    ModelInferResponse response = ModelInferResponse.parseFrom(message);
    long tokens =
        response
            .getParametersOrDefault(PROMPT_TOKENS, InferParameter.getDefaultInstance())
            .getInt64Param();
    try {
      return new EmbeddingsResponse(
          response.getModelName(), Vectors.read(response), Math.toIntExact(tokens));
    } catch (IllegalArgumentException | ArithmeticException e) {
      throw new IOException(e.getMessage(), e);
    }
  }
}
