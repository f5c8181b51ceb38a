package io.inferencerouter.okhttp;

/** Checks of what comes from outside, and of arguments. */
final class Names {
  private static final int MAX_LENGTH = 1024;

  private Names() {}

  /** Whether the router would take it for a name, of a model or a tenant for example. */
  static boolean isName(String text) {
    return text.length() <= MAX_LENGTH
        && !text.isBlank()
        && text.chars().noneMatch(Character::isISOControl);
  }

  /** A number in a range. */
  static long range(String name, long value, long min, long max) {
    if (value < min || value > max) {
      throw new IllegalArgumentException(
          name + ": " + value + " (expected: " + min + " to " + max + ")");
    }
    return value;
  }
}
