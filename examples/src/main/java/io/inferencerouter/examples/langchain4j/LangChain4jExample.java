package io.inferencerouter.examples.langchain4j;

import dev.langchain4j.model.chat.response.ChatResponse;
import dev.langchain4j.model.chat.response.StreamingChatResponseHandler;
import dev.langchain4j.model.openai.OpenAiChatModel;
import dev.langchain4j.model.openai.OpenAiStreamingChatModel;
import io.inferencerouter.Endpoint;
import io.inferencerouter.InferenceRouter;
import io.inferencerouter.core.InferenceRouters;
import io.inferencerouter.examples.languagemodel.CompletionServer;
import io.inferencerouter.examples.languagemodel.Pace;
import io.inferencerouter.examples.languagemodel.TinyKjv;
import java.io.IOException;
import java.net.URI;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import okhttp3.OkHttpClient;

/** Asks two of LangChain4j's models, one that answers at once and one that streams. */
public final class LangChain4jExample {
  private static final Pace PACE = Pace.of(100_000, 5_000_000);
  private static final int SLOTS = 4;
  private static final int MAX_TOKENS = 40;
  private static final String BASE_URL = "http://any/v1"; // the router replaces the host

  private LangChain4jExample() {}

  /** Starts two servers and asks. */
  public static void main(String[] args) throws IOException {
    OkHttpClient client = new OkHttpClient();
    try (TinyKjv engine = TinyKjv.load();
        CompletionServer one = CompletionServer.start("gpu-1", engine, PACE, SLOTS);
        CompletionServer two = CompletionServer.start("gpu-2", engine, PACE, SLOTS);
        InferenceRouter router = router(List.of(one.uri(), two.uri()))) {
      System.out.println(ask(router, client, "Who can find wisdom?"));
      askStreaming(router, client, "Tell of the days of old.", System.out::print).join();
      System.out.println();
    } finally {
      client.dispatcher().executorService().shutdown();
      client.connectionPool().evictAll();
    }
  }

  /** A router over servers at the given addresses. */
  static InferenceRouter router(List<URI> addresses) {
    InferenceRouters.Builder router = InferenceRouters.builder();
    for (URI address : addresses) {
      String id = "gpu-" + (addresses.indexOf(address) + 1);
      router.endpoint(Endpoint.builder(id, address).model(TinyKjv.NAME).build());
    }
    return router.build();
  }

  /** Asks and waits for the whole answer. */
  static String ask(InferenceRouter router, OkHttpClient client, String question) {
    return OpenAiChatModel.builder()
        .httpClientBuilder(new RoutingHttpClientBuilder(router, client))
        .baseUrl(BASE_URL)
        .apiKey("none")
        .modelName(TinyKjv.NAME)
        .maxTokens(MAX_TOKENS)
        .build()
        .chat(question);
  }

  /** Asks for a stream; the result is the response at its end. */
  static CompletableFuture<ChatResponse> askStreaming(
      InferenceRouter router, OkHttpClient client, String question, Consumer<String> pieces) {
    CompletableFuture<ChatResponse> response = new CompletableFuture<>();
    OpenAiStreamingChatModel.builder()
        .httpClientBuilder(new RoutingHttpClientBuilder(router, client))
        .baseUrl(BASE_URL)
        .apiKey("none")
        .modelName(TinyKjv.NAME)
        .maxTokens(MAX_TOKENS)
        .build()
        .chat(
            question,
            new StreamingChatResponseHandler() {
              @Override
              public void onPartialResponse(String piece) {
                pieces.accept(piece);
              }

              @Override
              public void onCompleteResponse(ChatResponse complete) {
                response.complete(complete);
              }

              @Override
              public void onError(Throwable failure) {
                response.completeExceptionally(failure);
              }
            });
    return response;
  }
}
