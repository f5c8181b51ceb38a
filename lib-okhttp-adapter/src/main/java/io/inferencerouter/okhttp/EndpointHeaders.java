package io.inferencerouter.okhttp;

import java.io.IOException;
import okhttp3.Headers;
import okhttp3.Interceptor;
import okhttp3.Request;
import okhttp3.Response;

/**
 * Adds the headers and the credential of an endpoint, in the place of those of the same name, to
 * the requests that go to its address.
 *
 * <p>As a network interceptor, the last one, it sees every single request, each follow-up of a
 * redirect or an authentication challenge included, when there is a connection for it: so an
 * attempt of which it has seen nothing has sent nothing. Web sockets pass no network interceptors;
 * for them it is the last application interceptor, and takes what it has added out of the
 * response's request again.
 */
final class EndpointHeaders implements Interceptor {
  @Override
  public Response intercept(Chain chain) throws IOException {
    if (chain.connection() != null) {
      sending(chain.request());
      sending(chain.call().request()); // where an interceptor has made a request of its own
    }
    return proceed(chain, chain.request());
  }

  private static void sending(Request request) {
    RoutedAttempt attempt = request.tag(RoutedAttempt.class);
    if (attempt != null) {
      attempt.sending();
    }
  }

  /** Goes on with the request and its endpoint's headers. */
  static Response proceed(Interceptor.Chain chain, Request request) throws IOException {
    EndpointTarget target = request.tag(EndpointTarget.class);
    if (target == null || target.headers().size() == 0 || !target.matches(request.url())) {
      return chain.proceed(request);
    }
    Headers own = target.headers();
    Request.Builder addressed = request.newBuilder();
    for (int i = 0; i < own.size(); i++) {
      addressed.header(own.name(i), own.value(i));
    }
    Response response = chain.proceed(addressed.build());
    return chain.connection() == null ? withoutTrace(response, request, own) : response;
  }

  private static Response withoutTrace(Response response, Request before, Headers own) {
    Request.Builder request = response.request().newBuilder();
    for (String name : own.names()) {
      request.removeHeader(name);
      for (String value : before.headers(name)) {
        request.addHeader(name, value);
      }
    }
    return response.newBuilder().request(request.build()).build();
  }
}
