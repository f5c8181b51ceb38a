package io.inferencerouter.okhttp;

import io.inferencerouter.Lease;
import io.inferencerouter.LoadReport;
import io.inferencerouter.okhttp.internal.load.LoadReportHeaders;
import java.io.IOException;
import okhttp3.Headers;
import okhttp3.Response;

/** Passes on what a response says of the load of its endpoint. Never throws. */
final class LoadReports {
  private LoadReports() {}

  /**
   * Reads the headers of a response, unless they are not the endpoint's own: those of a response
   * that came out of the cache, or from where a redirect led.
   */
  static void inHeaders(Response response, Lease lease) {
    pass(response, response.headers(), lease);
  }

  /** Reads the trailers of a response, whose body has just been read to its end. */
  static void inTrailers(Response response, Lease lease) {
    pass(response, trailers(response), lease);
  }

  private static Headers trailers(Response response) {
    try {
      return response.trailers();
    } catch (IOException | RuntimeException notAvailable) {
      return Headers.of();
    }
  }

  private static void pass(Response response, Headers headers, Lease lease) {
    EndpointTarget target = response.request().tag(EndpointTarget.class);
    boolean own =
        response.networkResponse() != null
            && (target == null || target.matches(response.request().url()));
    if (own && headers.size() > 0) {
      LoadReport report = LoadReportHeaders.read(headers);
      if (!report.isEmpty()) {
        lease.loadReport(report);
      }
    }
  }
}
