package io.inferencerouter.examples.demo.documents;

import io.inferencerouter.InferenceRouter;
import io.inferencerouter.examples.demo.transport.BodyReader;
import io.inferencerouter.examples.demo.transport.GrpcSender;
import io.inferencerouter.examples.demo.transport.HttpSender;
import io.inferencerouter.examples.demo.transport.Transport;
import io.inferencerouter.examples.demo.workload.Sender;
import io.inferencerouter.examples.embedding.MiniLm;
import io.inferencerouter.examples.grpc.Vectors;
import io.inferencerouter.examples.loopback.ModelServer;
import java.io.IOException;

/** The interfaces by which documents are embedded: what is sent, to whom, and how it is read. */
enum DocumentApi {
  /** {@code POST /v1/embeddings} as OpenAI defines it. */
  OPENAI {
    @Override
    ModelServer start(EndpointEngine engine) throws IOException {
      return EmbeddingServer.start(engine);
    }

    @Override
    Sender sender(InferenceRouter router) {
      return HttpSender.over(router, EmbeddingServer.PATH, BodyReader.WHOLE);
    }

    @Override
    byte[] request(Document document) {
      return new EmbeddingsRequest(MiniLm.NAME, document.pages(), true).toJson();
    }

    @Override
    EmbeddingsResponse response(byte[] body) throws IOException {
      return EmbeddingsResponse.parse(body);
    }
  },

  /** {@code ModelInfer} of the Open Inference Protocol, version 2 (KServe v2), over gRPC. */
  OPEN_INFERENCE {
    @Override
    ModelServer start(EndpointEngine engine) throws IOException {
      return GrpcEmbeddingServer.start(engine);
    }

    @Override
    Sender sender(InferenceRouter router) {
      return GrpcSender.over(router);
    }

    @Override
    byte[] request(Document document) {
      return Vectors.request(document.pages()).toByteArray();
    }

    @Override
    EmbeddingsResponse response(byte[] body) throws IOException {
      return InferMessages.parse(body);
    }
  };

  static DocumentApi of(Transport transport) {
    return switch (transport) {
      case HTTP -> OPENAI;
      case GRPC -> OPEN_INFERENCE;
    };
  }

  /** Starts a server on a free port of the loopback interface; the caller closes it. */
  abstract ModelServer start(EndpointEngine engine) throws IOException;

  /** Makes what sends requests; the caller closes it. */
  abstract Sender sender(InferenceRouter router);

  /** The body that asks for the embeddings of the pages. */
  abstract byte[] request(Document document);

  /**
   * Reads the body of an answer.
   *
   * @throws IOException if it is not as defined
   */
  abstract EmbeddingsResponse response(byte[] body) throws IOException;
}
