package io.inferencerouter.okhttp;

import io.inferencerouter.Credential;
import io.inferencerouter.Endpoint;
import java.io.IOException;
import java.util.Map;
import java.util.Optional;
import okhttp3.Headers;
import okhttp3.HttpUrl;
import okhttp3.Request;

/**
 * Where an attempt goes: the address of an endpoint, and the headers, the credential among them,
 * that are for this address only. It travels as a tag of the request, from which {@link
 * EndpointHeaders} takes the headers when the request is about to be written to that address. So
 * they are not in any request that the application gets to see, and no redirect takes them
 * elsewhere.
 */
final class EndpointTarget {
  private final String endpointId;
  private final HttpUrl base;
  private final Headers headers;

  private EndpointTarget(String endpointId, HttpUrl base, Headers headers) {
    this.endpointId = endpointId;
    this.base = base;
    this.headers = headers;
  }

  /**
   * Reads an endpoint.
   *
   * @throws IOException if a request cannot be sent there; the message says what to change and
   *     contains no secret
   */
  static EndpointTarget of(Endpoint endpoint) throws IOException {
    HttpUrl base = HttpUrl.parse(endpoint.uri().toString());
    if (base == null) {
      throw new IOException(
          "uri of endpoint "
              + endpoint.id()
              + ": "
              + endpoint.uri()
              + " (expected: an address that starts with http:// or https://)");
    }
    Headers.Builder headers = new Headers.Builder();
    for (Map.Entry<String, String> header : endpoint.headers().entrySet()) {
      set(headers, endpoint, header.getKey(), header.getValue());
    }
    Optional<Credential> credential = endpoint.credential();
    if (credential.isPresent()) {
      set(headers, endpoint, credential.get().header(), secret(endpoint, credential.get()));
    }
    return new EndpointTarget(endpoint.id(), base, headers.build());
  }

  private static String secret(Endpoint endpoint, Credential credential) throws IOException {
    try {
      return credential.value();
    } catch (RuntimeException e) {
      throw new IOException(
          "credential of endpoint "
              + endpoint.id()
              + ": its supplier failed (expected: a value for the header "
              + credential.header()
              + ")",
          e);
    }
  }

  private static void set(Headers.Builder headers, Endpoint endpoint, String name, String value)
      throws IOException {
    try {
      headers.set(name, value);
    } catch (IllegalArgumentException e) {
      // OkHttp's message quotes the value, which may be a secret.
      throw new IOException(
          "header "
              + name
              + " of endpoint "
              + endpoint.id()
              + ": a value that cannot be sent (expected: ASCII without control characters)");
    }
  }

  /**
   * The request as it goes to this address: body, method, query and everything else as they are.
   */
  Request.Builder address(Request request) {
    HttpUrl.Builder url =
        request
            .url()
            .newBuilder()
            .scheme(base.scheme())
            .host(base.host())
            .port(base.port())
            .encodedPath(BasePath.join(base, request.url()));
    return request.newBuilder().url(url.build()).tag(EndpointTarget.class, this);
  }

  /** Whether a request to this URL goes to this address. */
  boolean matches(HttpUrl url) {
    return url.port() == base.port()
        && url.host().equals(base.host())
        && url.scheme().equals(base.scheme());
  }

  /** What to send to this address only. */
  Headers headers() {
    return headers;
  }

  /** Id and address; no header, for it may be a secret. */
  @Override
  public String toString() {
    return "EndpointTarget[" + endpointId + " " + base + "]";
  }
}
