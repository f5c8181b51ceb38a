package io.inferencerouter.examples.chat;

import io.inferencerouter.Endpoint;
import io.inferencerouter.InferenceRouter;
import io.inferencerouter.core.InferenceRouters;
import io.inferencerouter.examples.languagemodel.CompletionServer;
import io.inferencerouter.examples.languagemodel.Pace;
import io.inferencerouter.examples.languagemodel.TinyKjv;
import io.inferencerouter.examples.loopback.ModelServer;
import io.inferencerouter.okhttp.RoutingCallFactory;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import okhttp3.OkHttpClient;

/**
 * Asks a language model three questions, and prints each answer token by token, as it comes from
 * whichever of two endpoints is predicted to answer first.
 */
public final class ChatExample {
  private static final List<String> QUESTIONS =
      List.of("And the king said unto", "Who can find wisdom?", "Tell of the days of old.");

  private static final Pace FAST = Pace.of(100_000, 10_000_000);
  private static final Pace SLOW = Pace.of(300_000, 20_000_000);
  private static final int SLOTS = 4;

  private ChatExample() {}

  /** Starts two servers and asks. */
  public static void main(String[] args) throws IOException {
    try (TinyKjv model = TinyKjv.load();
        CompletionServer fast = CompletionServer.start("fast", model, FAST, SLOTS);
        CompletionServer slow = CompletionServer.start("slow", model, SLOW, SLOTS)) {
      run(QUESTIONS, List.of(fast, slow), System.out);
    }
  }

  /** Asks the questions one after the other; the result is what was printed for each. */
  static List<StreamedAnswer> run(
      List<String> questions, List<? extends ModelServer> servers, Appendable out)
      throws IOException {
    List<Endpoint> endpoints = new ArrayList<>();
    for (ModelServer server : servers) {
      endpoints.add(
          Endpoint.builder(server.name(), server.uri())
              .model(server.model())
              .maxConcurrency(server.slots())
              .profile(server.profile())
              .build());
    }
    OkHttpClient client = new OkHttpClient();
    try (InferenceRouter router = InferenceRouters.builder().endpoints(endpoints).build()) {
      StreamingChat chat = new StreamingChat(RoutingCallFactory.create(router, client));
      List<StreamedAnswer> answers = new ArrayList<>();
      for (String question : questions) {
        out.append("> ").append(question).append('\n');
        StreamedAnswer answer = chat.ask(question, out);
        out.append(answer.summary()).append("\n\n");
        answers.add(answer);
      }
      return answers;
    } finally {
      client.dispatcher().executorService().shutdown();
      client.connectionPool().evictAll();
    }
  }
}
