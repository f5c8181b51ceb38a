package io.inferencerouter.examples.demo.workload;

import okhttp3.Call;
import okhttp3.Callback;
import okhttp3.Request;
import okhttp3.Response;
import okio.Timeout;

/** A call whose answer never comes. */
final class SilentCall implements Call {
  private final Request request;

  SilentCall(Request request) {
    this.request = request;
  }

  @Override
  public void enqueue(Callback callback) {}

  @Override
  public Response execute() {
    throw new UnsupportedOperationException("a silent call has no answer");
  }

  @Override
  public Request request() {
    return request;
  }

  @Override
  public void cancel() {}

  @Override
  public boolean isExecuted() {
    return true;
  }

  @Override
  public boolean isCanceled() {
    return false;
  }

  @Override
  public Timeout timeout() {
    return Timeout.NONE;
  }

  @Override
  public Call clone() {
    return new SilentCall(request);
  }
}
