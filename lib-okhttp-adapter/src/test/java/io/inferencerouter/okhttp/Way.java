package io.inferencerouter.okhttp;

import io.inferencerouter.InferenceRouter;
import java.io.IOException;
import java.time.Clock;
import java.util.List;
import okhttp3.Call;
import okhttp3.Interceptor;
import okhttp3.OkHttpClient;
import okhttp3.Response;

/** The ways to make a call. */
enum Way {
  EXECUTED,
  ENQUEUED,
  INTERCEPTED,
  INTERCEPTED_ALONE;

  /** What makes such calls. Clients made for it share connections and threads with the given. */
  Call.Factory calls(
      InferenceRouter router, OkHttpClient client, RequestClassifier classifier, Clock clock) {
    return calls(router, client, classifier, clock, List.of());
  }

  /**
   * The same.
   *
   * @param behind interceptors that see the addresses of endpoints
   */
  Call.Factory calls(
      InferenceRouter router,
      OkHttpClient client,
      RequestClassifier classifier,
      Clock clock,
      List<Interceptor> behind) {
    if (this == EXECUTED || this == ENQUEUED) {
      return RoutingCallFactory.builder(router, with(client, behind))
          .classifier(classifier)
          .clock(clock)
          .build();
    }
    RoutingInterceptor interceptor =
        RoutingInterceptor.builder(router).classifier(classifier).clock(clock).build();
    return with(
        this == INTERCEPTED ? interceptor.addTo(client) : with(client, List.of(interceptor)),
        behind);
  }

  private static OkHttpClient with(OkHttpClient client, List<Interceptor> interceptors) {
    OkHttpClient.Builder extended = client.newBuilder();
    interceptors.forEach(extended::addInterceptor);
    return extended.build();
  }

  /** Makes a call and waits for its response. */
  Response answer(Call call) throws IOException, InterruptedException {
    if (this != ENQUEUED) {
      return call.execute();
    }
    RecordedCallback callback = new RecordedCallback();
    call.enqueue(callback);
    return callback.get();
  }
}
