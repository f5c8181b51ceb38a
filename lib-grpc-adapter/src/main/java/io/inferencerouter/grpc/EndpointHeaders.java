package io.inferencerouter.grpc;

import io.grpc.Metadata;
import io.inferencerouter.Credential;
import io.inferencerouter.Endpoint;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The metadata that go to one endpoint only: its headers, and its credential. Immutable. */
final class EndpointHeaders {
  private record Header(Metadata.Key<String> key, String value) {}

  private final Endpoint endpoint;
  private final List<Header> headers;
  private final @Nullable Credential credential;
  private final Metadata.@Nullable Key<String> credentialKey;

  private EndpointHeaders(Endpoint endpoint) {
    this.endpoint = endpoint;
    headers = new ArrayList<>(endpoint.headers().size());
    for (Map.Entry<String, String> header : endpoint.headers().entrySet()) {
      headers.add(new Header(key(endpoint, header.getKey()), header.getValue()));
    }
    credential = endpoint.credential().orElse(null);
    credentialKey = credential == null ? null : key(endpoint, credential.header());
  }

  /**
   * Reads an endpoint.
   *
   * @throws IllegalArgumentException if gRPC has no such headers; the message has no value in it
   */
  static EndpointHeaders of(Endpoint endpoint) {
    return new EndpointHeaders(endpoint);
  }

  private static Metadata.Key<String> key(Endpoint endpoint, String name) {
    String lower = name.toLowerCase(Locale.ROOT);
    try {
      return Metadata.Key.of(lower, Metadata.ASCII_STRING_MARSHALLER);
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(
          "header of endpoint "
              + endpoint.id()
              + ": "
              + name
              + " (expected: a name of letters, digits, and - _ . that does not end with -bin)",
          e);
    }
  }

  /** Whether these are of that endpoint, as it is declared there. */
  @SuppressWarnings("ReferenceEquality") // each declaration is an object of its own
  boolean areOf(Endpoint other) {
    return endpoint == other;
  }

  /** A copy of the caller's headers, in which these replace those of the same name. */
  Metadata over(Metadata callers) {
    Metadata all = new Metadata();
    all.merge(callers);
    for (int i = 0; i < headers.size(); i++) {
      set(all, headers.get(i).key(), headers.get(i).value());
    }
    if (credential != null && credentialKey != null) {
      set(all, credentialKey, secret(credential));
    }
    return all;
  }

  private static void set(Metadata metadata, Metadata.Key<String> key, String value) {
    metadata.discardAll(key);
    metadata.put(key, value);
  }

  private String secret(Credential from) {
    try {
      return from.value();
    } catch (RuntimeException e) {
      throw new IllegalStateException(
          "credential of endpoint "
              + endpoint.id()
              + ": its supplier failed (expected: a value for the header "
              + from.header()
              + ")",
          e);
    }
  }

  /** The endpoint's id; no header, for it may be a secret. */
  @Override
  public String toString() {
    return "EndpointHeaders[" + endpoint.id() + "]";
  }
}
