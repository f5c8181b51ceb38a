package io.inferencerouter.okhttp;

import java.io.IOException;
import okhttp3.Headers;
import okhttp3.Interceptor;
import okhttp3.Request;
import okhttp3.RequestBody;
import okhttp3.Response;
import org.jspecify.annotations.Nullable;

/**
 * Adds the headers and the credential of an endpoint, in the place of those of the same name, to
 * the requests that go to its address.
 *
 * <p>It also sends the body as a {@link CallersBody}. As a network interceptor, the last one, it
 * sees every single request, each follow-up of a redirect or an authentication challenge included,
 * when there is a connection for it: so an attempt of which it has seen nothing has sent nothing.
 * Web sockets pass no network interceptors; for them it is the last application interceptor, and
 * takes what it has added out of the response's request again.
 */
final class EndpointHeaders implements Interceptor {
  private static final Headers NONE = Headers.of();

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

  /** Goes on with the request, its endpoint's headers, and a body of which failures are told. */
  static Response proceed(Interceptor.Chain chain, Request request) throws IOException {
    Headers own = ownHeaders(request);
    RequestBody body = CallersBody.of(request);
    if (own.size() == 0 && body == request.body()) {
      return chain.proceed(request);
    }
    Request.Builder addressed = request.newBuilder().method(request.method(), body);
    for (int i = 0; i < own.size(); i++) {
      addressed.header(own.name(i), own.value(i));
    }
    Response response = chain.proceed(addressed.build());
    return chain.connection() == null ? withoutTrace(response, request, own, body) : response;
  }

  private static Headers ownHeaders(Request request) {
    EndpointTarget target = request.tag(EndpointTarget.class);
    return target == null || !target.matches(request.url()) ? NONE : target.headers();
  }

  private static Response withoutTrace(
      Response response, Request before, Headers own, @Nullable RequestBody sent) {
    Request answered = response.request();
    Request.Builder request = answered.newBuilder();
    if (answered.body() == sent) {
      request.method(answered.method(), before.body());
    }
    for (String name : own.names()) {
      request.removeHeader(name);
      for (String value : before.headers(name)) {
        request.addHeader(name, value);
      }
    }
    return response.newBuilder().request(request.build()).build();
  }
}
