package io.inferencerouter.okhttp;

import io.inferencerouter.core.testing.Waiting;
import java.io.IOException;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import okhttp3.Call;
import okhttp3.Callback;
import okhttp3.Response;

/** Keeps what an asynchronous call ended with. */
final class RecordedCallback implements Callback {
  private final BlockingQueue<Object> results = new LinkedBlockingQueue<>();

  @Override
  public void onFailure(Call call, IOException e) {
    results.add(e);
  }

  @Override
  public void onResponse(Call call, Response response) {
    results.add(response);
  }

  Response response() throws InterruptedException {
    Object result = Waiting.take(results, "a callback");
    if (result instanceof Response response) {
      return response;
    }
    throw new AssertionError("failed instead of a response", (IOException) result);
  }

  IOException failure() throws InterruptedException {
    Object result = Waiting.take(results, "a callback");
    if (result instanceof IOException failure) {
      return failure;
    }
    throw new AssertionError("a response instead of a failure: " + result);
  }

  /** What {@code execute()} would have returned or thrown. */
  Response get() throws IOException, InterruptedException {
    Object result = Waiting.take(results, "a callback");
    if (result instanceof IOException failure) {
      throw failure;
    }
    return (Response) result;
  }

  int pending() {
    return results.size();
  }
}
