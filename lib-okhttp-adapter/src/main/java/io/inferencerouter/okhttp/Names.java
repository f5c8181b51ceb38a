package io.inferencerouter.okhttp;

import io.inferencerouter.InferenceRequest;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Checks of what comes from outside, and of arguments. */
final class Names {
  private static final int MAX_LENGTH = 1024;
  private static final Pattern DIGITS = Pattern.compile("[0-9]{1,18}");

  private Names() {}

  /** Whether the router would take it for a name, of a model or a tenant for example. */
  static boolean isName(String text) {
    if (text.length() > MAX_LENGTH || text.isBlank()) {
      return false;
    }
    for (int i = 0; i < text.length(); i++) {
      if (Character.isISOControl(text.charAt(i))) {
        return false;
      }
    }
    return true;
  }

  /** The size of an input or output that a text states; -1 if it states none. */
  static long size(@Nullable String text) {
    if (text == null || !DIGITS.matcher(text).matches()) {
      return -1;
    }
    long size = Long.parseLong(text);
    return size <= InferenceRequest.MAX_SIZE ? size : -1;
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
