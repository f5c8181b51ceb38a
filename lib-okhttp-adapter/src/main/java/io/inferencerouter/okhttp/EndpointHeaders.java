package io.inferencerouter.okhttp;

import io.inferencerouter.okhttp.internal.load.LoadReportHeaders;
import java.io.IOException;
import okhttp3.Headers;
import okhttp3.Interceptor;
import okhttp3.Request;
import okhttp3.Response;

/**
 * Adds the headers and the credential of an endpoint, in the place of those of the same name, to
 * the requests that go to its address. It is a network interceptor, the last one, and so sees every
 * single request, each follow-up of a redirect or an authentication challenge included.
 */
final class EndpointHeaders implements Interceptor {
  private final boolean loadReports;

  /**
   * An interceptor for one client.
   *
   * @param loadReports whether to ask endpoints for load reports
   */
  EndpointHeaders(boolean loadReports) {
    this.loadReports = loadReports;
  }

  @Override
  public Response intercept(Chain chain) throws IOException {
    Request request = chain.request();
    EndpointTarget target = request.tag(EndpointTarget.class);
    if (target == null || !target.matches(request.url())) {
      return chain.proceed(request);
    }
    Headers own = target.headers();
    boolean ask = loadReports && request.header(LoadReportHeaders.FORMAT) == null;
    if (own.size() == 0 && !ask) {
      return chain.proceed(request);
    }
    Request.Builder addressed = request.newBuilder();
    if (ask) {
      addressed.header(LoadReportHeaders.FORMAT, "text");
    }
    for (int i = 0; i < own.size(); i++) {
      addressed.header(own.name(i), own.value(i));
    }
    return chain.proceed(addressed.build());
  }
}
