package io.inferencerouter.okhttp;

import java.io.IOException;
import java.net.ProtocolException;
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
  private static final String REFUSED_STREAM = "REFUSED_STREAM";

  @Override
  public Response intercept(Chain chain) throws IOException {
    if (chain.connection() == null) {
      return proceed(chain, chain.request());
    }
    RoutedAttempt own = chain.request().tag(RoutedAttempt.class);
    RoutedAttempt ofCall = chain.call().request().tag(RoutedAttempt.class);
    if (ofCall != null) {
      ofCall.sending();
    }
    // Without a tag, an interceptor has made a request of its own.
    return own == null && ofCall == null
        ? proceed(chain, chain.request())
        : send(chain, own == null ? ofCall : own);
  }

  private static Response send(Chain chain, RoutedAttempt attempt) throws IOException {
    attempt.sending();
    try {
      Response response = proceed(chain, chain.request());
      attempt.mayBeProcessed();
      return response;
    } catch (IOException e) {
      if (isRefused(e)) {
        throw refused(e, attempt);
      }
      attempt.mayBeProcessed();
      throw e;
    }
  }

  /** Whether the endpoint said that it has not looked at the request (RFC 9113, section 8.7). */
  private static boolean isRefused(IOException failure) {
    String message = failure.getMessage();
    return message != null && message.endsWith(REFUSED_STREAM);
  }

  /**
   * The client sends what was refused once more by itself. Where a whole connection refuses, by
   * going away, OkHttp 4 does so for as long as new connections do. The second time it is for the
   * router to say where the request goes, and the client is told something that it does not repeat.
   */
  private static IOException refused(IOException failure, RoutedAttempt attempt) {
    if (attempt.refused() < 2) {
      return failure;
    }
    ProtocolException again = new ProtocolException(failure.getMessage());
    again.initCause(failure);
    return again;
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
