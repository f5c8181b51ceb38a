package io.inferencerouter.okhttp;

import java.util.Locale;
import java.util.regex.Pattern;

/** Patterns in which {@code *} stands for anything within one part, and {@code **} for anything. */
final class Glob {
  private Glob() {}

  /** A pattern for paths, whose parts end at a slash. */
  static Pattern path(String glob) {
    return compile(glob, "[^/]*");
  }

  /** A pattern for hosts, whose parts end at a dot, in any case. */
  static Pattern host(String glob) {
    return compile(glob.toLowerCase(Locale.ROOT), "[^.]*");
  }

  private static Pattern compile(String glob, String part) {
    StringBuilder regex = new StringBuilder();
    for (int at = 0; at < glob.length(); ) {
      if (glob.startsWith("**", at)) {
        regex.append(".*");
        at += 2;
      } else if (glob.charAt(at) == '*') {
        regex.append(part);
        at++;
      } else {
        int star = glob.indexOf('*', at);
        int end = star < 0 ? glob.length() : star;
        regex.append(Pattern.quote(glob.substring(at, end)));
        at = end;
      }
    }
    return Pattern.compile(regex.toString());
  }
}
