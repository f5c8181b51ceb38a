package io.inferencerouter.okhttp.internal.api;

/** How the streams of an API say that they are complete, where all of them do. */
public enum StreamEnd {
  /** Nothing is known; the end of the body may be all there is. */
  UNKNOWN,
  /** With the data {@code [DONE]}, after events without names. */
  MARK,
  /** With an event of a certain name, after others that have names. */
  NAMED_EVENT;

  /**
   * How a stream from a path ends. Of {@code /completions} it is known only below {@code /v1}, for
   * elsewhere engines have APIs of their own, whose streams just end.
   */
  public static StreamEnd at(String path) {
    if (path.endsWith("/chat/completions") || path.endsWith("/v1/completions")) {
      return MARK;
    }
    return path.endsWith("/responses") || path.endsWith("/v1/messages") ? NAMED_EVENT : UNKNOWN;
  }
}
