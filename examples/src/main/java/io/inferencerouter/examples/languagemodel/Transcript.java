package io.inferencerouter.examples.languagemodel;

import java.util.Arrays;
import java.util.List;

/**
 * Turns tokens into text as they come, and watches for the texts at which to stop.
 *
 * <p>A character may take several tokens, and a stop may begin in one token and end in another. So
 * text is given out only when its characters are complete, and what may be the beginning of a stop
 * is held back. Of the tokens, those since the last complete character and the ones just before are
 * decoded together, because how a token reads may depend on its neighbour.
 *
 * <p>Not safe for use by several threads at once.
 */
final class Transcript {
  private static final char INCOMPLETE = '\uFFFD';

  private final TinyKjv model;
  private final List<String> stops;
  private final StringBuilder text = new StringBuilder();
  private long[] tokens = new long[64];
  private int length;
  private int contextFrom;
  private int decodedTo;
  private int given;
  private boolean stopped;

  Transcript(TinyKjv model, List<String> stops) {
    this.model = model;
    this.stops = stops;
  }

  /** Adds a token; the result is the text that can be given out now. */
  String add(long token) {
    if (length == tokens.length) {
      tokens = Arrays.copyOf(tokens, 2 * length);
    }
    tokens[length++] = token;
    String before = model.decode(Arrays.copyOfRange(tokens, contextFrom, decodedTo));
    String now = model.decode(Arrays.copyOfRange(tokens, contextFrom, length));
    if (now.length() > before.length() && now.charAt(now.length() - 1) != INCOMPLETE) {
      text.append(now, before.length(), now.length());
      contextFrom = decodedTo;
      decodedTo = length;
    }
    cutAtStop();
    return giveOut(stopped ? text.length() : text.length() - held());
  }

  /** The rest of the text, when no more tokens come. */
  String end() {
    return giveOut(text.length());
  }

  /** Whether one of the stops has been reached; it is not part of the text. */
  boolean isStopped() {
    return stopped;
  }

  private String giveOut(int to) {
    int from = Math.min(given, to);
    given = Math.max(given, to);
    return text.substring(from, to);
  }

  private void cutAtStop() {
    int first = text.length();
    for (String stop : stops) {
      int at = text.indexOf(stop, given);
      if (at >= 0 && at < first) {
        first = at;
        stopped = true;
      }
    }
    if (stopped) {
      text.setLength(first);
    }
  }

  /** How many characters at the end of the text may be the beginning of a stop. */
  private int held() {
    int held = 0;
    for (String stop : stops) {
      for (int size = Math.min(stop.length() - 1, text.length() - given); size > held; size--) {
        if (stop.startsWith(text.substring(text.length() - size))) {
          held = size;
        }
      }
    }
    return held;
  }
}
