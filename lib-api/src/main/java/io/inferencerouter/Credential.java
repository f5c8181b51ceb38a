package io.inferencerouter;

import java.util.Objects;
import java.util.function.Supplier;

/**
 * A secret that is sent to one endpoint, and only to that one, in a header.
 *
 * <p>The value is asked for on every request, so that tokens may rotate. It never appears in {@link
 * #toString()}, logs, events or exceptions. Safe for use by many threads if the supplier is.
 */
public final class Credential {
  private final String header;
  private final Supplier<String> value;

  private Credential(String header, Supplier<String> value) {
    this.header = Require.headerName(header);
    this.value = Objects.requireNonNull(value, "value");
  }

  /** A bearer token, sent as {@code Authorization: Bearer …}. */
  public static Credential bearer(Supplier<String> token) {
    Objects.requireNonNull(token, "token");
    return new Credential("Authorization", () -> "Bearer " + token.get());
  }

  /** A bearer token that never changes. */
  public static Credential bearer(String token) {
    Require.headerValue("Authorization", token);
    return bearer(() -> token);
  }

  /** A secret in a header of its own, such as {@code x-api-key}. */
  public static Credential header(String name, Supplier<String> value) {
    return new Credential(name, value);
  }

  /** The name of the header. */
  public String header() {
    return header;
  }

  /**
   * The value of the header, as of now.
   *
   * @throws IllegalArgumentException if the supplier's value could not be sent; the message does
   *     not contain it
   */
  public String value() {
    return Require.headerValue(header, value.get());
  }

  /** The header's name; never the secret. */
  @Override
  public String toString() {
    return "Credential[" + header + ": ***]";
  }
}
