package io.inferencerouter;

import java.time.Duration;
import java.util.Objects;

/** Checks of arguments; every message reads {@code name: value (expected: …)}. */
final class Require {
  /** The longest name, key or label accepted anywhere, in characters. */
  static final int MAX_NAME_LENGTH = 1024;

  private Require() {}

  /** A name that is present, not blank, not absurdly long and free of control characters. */
  static String name(String name, String value) {
    optionalName(name, value);
    if (value.isBlank()) {
      throw invalid(name, "\"" + value + "\"", "a text that is not blank");
    }
    return value;
  }

  /** As {@link #name}, but the empty text is welcome and means "none". */
  static String optionalName(String name, String value) {
    Objects.requireNonNull(value, name);
    if (value.length() > MAX_NAME_LENGTH) {
      throw invalid(
          name, value.length() + " characters", "at most " + MAX_NAME_LENGTH + " characters");
    }
    int at = controlCharacter(value);
    if (at >= 0) {
      throw invalid(
          name,
          String.format("control character U+%04X at %d", (int) value.charAt(at), at),
          "a text without control characters such as CR or LF");
    }
    return value;
  }

  /**
   * A header value: like an optional name, but its text never enters the message, for it may be a
   * secret.
   */
  static String headerValue(String header, String value) {
    Objects.requireNonNull(value, header);
    int at = controlCharacter(value);
    if (at >= 0) {
      throw invalid(
          "header " + header,
          "a value with a control character at " + at,
          "a value without control characters such as CR or LF");
    }
    return value;
  }

  /** The name of an HTTP header: a token of RFC 9110, section 5.6.2. */
  static String headerName(String value) {
    name("header name", value);
    for (int i = 0; i < value.length(); i++) {
      char c = value.charAt(i);
      boolean token =
          (c >= 'a' && c <= 'z')
              || (c >= 'A' && c <= 'Z')
              || (c >= '0' && c <= '9')
              || "!#$%&'*+-.^_`|~".indexOf(c) >= 0;
      if (!token) {
        throw invalid("header name", value, "letters, digits and !#$%&'*+-.^_`|~");
      }
    }
    return value;
  }

  static int range(String name, int value, int min, int max) {
    if (value < min || value > max) {
      throw invalid(name, value, min + " to " + max);
    }
    return value;
  }

  static long range(String name, long value, long min, long max) {
    if (value < min || value > max) {
      throw invalid(name, value, min + " to " + max);
    }
    return value;
  }

  /** A finite number in {@code [min, max]}; NaN is outside of every range. */
  static double range(String name, double value, double min, double max) {
    if (!(value >= min && value <= max)) {
      throw invalid(name, value, "a finite number from " + min + " to " + max);
    }
    return value;
  }

  static Duration notNegative(String name, Duration value) {
    Objects.requireNonNull(value, name);
    if (value.isNegative() || value.compareTo(Duration.ofDays(365)) > 0) {
      throw invalid(name, value, "a duration from PT0S to P365D");
    }
    return value;
  }

  static Duration positive(String name, Duration value) {
    notNegative(name, value);
    if (value.isZero()) {
      throw invalid(name, value, "a duration above zero");
    }
    return value;
  }

  static IllegalArgumentException invalid(String name, Object value, String expected) {
    return new IllegalArgumentException(name + ": " + value + " (expected: " + expected + ")");
  }

  private static int controlCharacter(String value) {
    for (int i = 0; i < value.length(); i++) {
      if (Character.isISOControl(value.charAt(i))) {
        return i;
      }
    }
    return -1;
  }
}
