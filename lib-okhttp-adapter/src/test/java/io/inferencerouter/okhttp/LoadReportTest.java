package io.inferencerouter.okhttp;

import static org.assertj.core.api.Assertions.assertThat;

import io.inferencerouter.LoadReport;
import io.inferencerouter.Outcome;
import java.io.OutputStream;
import java.util.Optional;
import okhttp3.OkHttpClient;
import okhttp3.Response;
import org.eclipse.jetty.http.HttpFields;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

@ParameterizedClass
@EnumSource(Wire.class)
class LoadReportTest extends RoutedTest {
  private static final LoadReport REPORT =
      LoadReport.builder().cpuUtilization(0.5).namedMetric("queue", 3).build();
  private static final String HEADER = "TEXT cpu_utilization=0.5, named_metrics.queue=3";

  /** {@link #REPORT} as a message in base64. */
  private static final String SERIALIZED = "CQAAAAAAAOA/QhAKBXF1ZXVlEQAAAAAAAAhA";

  LoadReportTest(Wire wire) throws Exception {
    super(wire);
  }

  private Optional<LoadReport> reported() {
    return router.snapshot().endpoints().get(0).loadReport();
  }

  private void read() throws Exception {
    try (Response response = call().execute()) {
      response.body().string();
    }
  }

  @Test
  void theHeaderOfAnyResponseIsPassedOn() throws Exception {
    server.script(
        e -> e.header("endpoint-load-metrics", HEADER).respond(503, "text/plain", "busy"));
    read();
    assertThat(reported()).contains(REPORT);
    assertThat(observed.outcome()).isEqualTo(Outcome.serverFault());
  }

  @Test
  void theReportIsThereBeforeTheBodyIsRead() throws Exception {
    server.script(
        e -> e.header("endpoint-load-metrics", HEADER).respond(200, "text/plain", "answer"));
    try (Response response = call().execute()) {
      assertThat(reported()).contains(REPORT);
      assertThat(response.header("endpoint-load-metrics")).isEqualTo(HEADER);
      assertThat(response.body().string()).isEqualTo("answer");
    }
  }

  @Test
  void theTrailersOfABodyThatIsReadToItsEndArePassedOn() throws Exception {
    server.script(
        e -> {
          e.trailers(HttpFields.build().add("endpoint-load-metrics-bin", SERIALIZED));
          OutputStream out = e.begin(200, "text/plain");
          Exchange.send(out, "answer");
          out.close();
        });
    read();
    assertThat(reported()).contains(REPORT);
    assertThat(observed.outcome()).isEqualTo(Outcome.success());
  }

  @Test
  void trailersOfAStreamThatHasItsTerminalEventArePassedOnAsWell() throws Exception {
    server.script(
        e -> {
          e.trailers(HttpFields.build().add("endpoint-load-metrics", HEADER));
          OutputStream out = e.begin(200, "text/event-stream");
          Exchange.send(out, "data: {}\n\ndata: [DONE]\n\n");
          out.close();
        });
    read();
    assertThat(reported()).contains(REPORT);
  }

  @Test
  void aBodyThatIsClosedEarlyHasNoTrailers() throws Exception {
    server.script(
        e -> {
          e.trailers(HttpFields.build().add("endpoint-load-metrics", HEADER));
          Exchange.send(e.begin(200, "text/plain"), "answer");
          awaitRelease();
        });
    try (Response response = call().execute()) {
      response.body().source().readByte();
    }
    assertThat(reported()).isEmpty();
    assertThat(observed.outcome()).isEqualTo(Outcome.cancelled());
  }

  @Test
  void aReportThatIsMalformedDoesNoHarm() throws Exception {
    server.script(
        e -> e.header("endpoint-load-metrics", "JSON {{{").respond(200, "text/plain", "answer"));
    read();
    assertThat(reported()).isEmpty();
    assertThat(observed.outcome()).isEqualTo(Outcome.success());
  }

  @Test
  void aReportFromWhereARedirectLedIsNotTheEndpoints() throws Exception {
    TestServer elsewhere = new TestServer();
    try {
      elsewhere.script(
          e -> e.header("endpoint-load-metrics", HEADER).respond(200, "text/plain", "answer"));
      server.script(e -> e.header("Location", elsewhere.uri() + "/x").respondEmpty(307));
      try (Response response = calls.newCall(request().get().build()).execute()) {
        assertThat(response.body().string()).isEqualTo("answer");
      }
      assertThat(reported()).isEmpty();
    } finally {
      elsewhere.stop();
    }
  }

  @Test
  void endpointsAreAskedForReportsOnlyWhenThatIsWanted() throws Exception {
    read();
    assertThat(server.take().headers.contains("endpoint-load-metrics-format")).isFalse();
    OkHttpClient client = client().build();
    calls = RoutingCallFactory.builder(router, client).requestLoadReports(true).build();
    read();
    assertThat(server.take().headers.getValuesList("endpoint-load-metrics-format"))
        .containsExactly("text");
    calls
        .newCall(request().header("endpoint-load-metrics-format", "json").build())
        .execute()
        .close();
    assertThat(server.take().headers.getValuesList("endpoint-load-metrics-format"))
        .containsExactly("json");
    client.connectionPool().evictAll();
  }
}
