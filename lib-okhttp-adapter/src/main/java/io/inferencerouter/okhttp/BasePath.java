package io.inferencerouter.okhttp;

import java.util.ArrayList;
import java.util.List;
import okhttp3.HttpUrl;

/**
 * Puts the path of an endpoint's address in front of that of a request. Where the address ends with
 * the segments that the request begins with, these are meant once: {@code /gpu-1/v1} and {@code
 * /v1/models} make {@code /gpu-1/v1/models}. The longest such overlap counts. Segments are compared
 * as they are written, whole and encoded, and stay so; a slash at the end of the address has no
 * meaning.
 */
final class BasePath {
  private BasePath() {}

  /** The encoded path for a request to {@code url} at an endpoint with the address {@code base}. */
  static String join(HttpUrl base, HttpUrl url) {
    List<String> front = base.encodedPathSegments();
    List<String> path = url.encodedPathSegments();
    int length = front.size();
    if (front.get(length - 1).isEmpty()) {
      length--;
    }
    List<String> joined = new ArrayList<>(front.subList(0, length));
    joined.addAll(path.subList(overlap(joined, path), path.size()));
    return "/" + String.join("/", joined);
  }

  private static int overlap(List<String> front, List<String> path) {
    for (int size = Math.min(front.size(), path.size()); size > 0; size--) {
      if (front.subList(front.size() - size, front.size()).equals(path.subList(0, size))) {
        return size;
      }
    }
    return 0;
  }
}
