package io.inferencerouter.okhttp;

import java.net.ConnectException;
import java.net.NoRouteToHostException;
import java.net.SocketTimeoutException;
import java.net.UnknownHostException;
import java.util.Arrays;
import javax.net.ssl.SSLException;

/** Failures that say that there was no connection, so that nothing of the request was sent. */
final class NoConnection {
  private NoConnection() {}

  /**
   * Whether a failure says that there was no connection, and none before it that was given up:
   * those are suppressed in it. It may be one to where the endpoint has redirected to, so this is
   * to be asked of requests that tell when they are written, or that follow no redirects.
   */
  static boolean is(Throwable failure) {
    return (failure instanceof ConnectException
            || failure instanceof NoRouteToHostException
            || failure instanceof UnknownHostException
            || failure instanceof SSLException
            || isConnectTimeout(failure))
        && Arrays.stream(failure.getSuppressed()).allMatch(NoConnection::is);
  }

  /** A time-out of writing or reading says something else. */
  private static boolean isConnectTimeout(Throwable failure) {
    return failure instanceof SocketTimeoutException
        && "Connect timed out".equalsIgnoreCase(failure.getMessage());
  }
}
