package io.inferencerouter.okhttp.internal.load;

import static org.assertj.core.api.Assertions.assertThat;

import io.inferencerouter.LoadReport;
import io.inferencerouter.core.load.OrcaLoadReport;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import okhttp3.Headers;
import okio.ByteString;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class LoadReportHeadersTest {
  private static final LoadReport EXPECTED =
      LoadReport.builder()
          .cpuUtilization(0.25)
          .requestsPerSecond(10)
          .namedMetric("vllm:num_requests_waiting", 2)
          .namedMetric("utilization.gpu", 0.75)
          .build();

  /** The same report as {@link #EXPECTED}, as the message. */
  private static final byte[] MESSAGE =
      HexFormat.of()
          .parseHex(
              "09000000000000d03f310000000000002440"
                  + "2a0e0a0367707511000000000000e83f"
                  + "42240a19"
                  + HexFormat.of()
                      .formatHex("vllm:num_requests_waiting".getBytes(StandardCharsets.UTF_8))
                  + "110000000000000040");

  private static LoadReport read(String value) {
    return LoadReportHeaders.read(Headers.of("Endpoint-Load-Metrics", value));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "TEXT cpu_utilization=0.25, rps_fractional=10, named_metrics.vllm:num_requests_waiting=2,"
            + " utilization.gpu=0.75",
        "text cpu_utilization=0.25,rps_fractional=10,named_metrics.vllm:num_requests_waiting=2,"
            + "utilization.gpu=0.75",
        "cpu_utilization = 0.25 , rps_fractional = 1e1 ,"
            + " named_metrics.vllm:num_requests_waiting = 2 , utilization.gpu = .75",
        "cpu_utilization:0.25,rps_fractional:10,named_metrics.vllm:num_requests_waiting:2,"
            + "utilization.gpu:0.75",
        "JSON {\"cpu_utilization\":0.25,\"rps_fractional\":10,"
            + "\"named_metrics\":{\"vllm:num_requests_waiting\":2},\"utilization\":{\"gpu\":0.75}}",
        "JSON{\"cpuUtilization\":0.25,\"rpsFractional\":10,"
            + "\"namedMetrics\":{\"vllm:num_requests_waiting\":2},\"utilization\":{\"gpu\":0.75}}",
        "{\"cpuUtilization\":0.25,\"rps\":\"10\",\"other\":{\"a\":{\"b\":1},\"c\":[1]},"
            + "\"namedMetrics\":{\"vllm:num_requests_waiting\":2.0},\"utilization\":{\"gpu\":0.75}}",
      })
  void theFormsSayTheSame(String value) {
    assertThat(read(value)).isEqualTo(EXPECTED);
  }

  @Test
  void theMessageComesInBase64() {
    assertThat(OrcaLoadReport.parse(MESSAGE)).isEqualTo(EXPECTED);
    String base64 = ByteString.of(MESSAGE).base64();
    assertThat(read("BIN " + base64)).isEqualTo(EXPECTED);
    assertThat(read("bin " + base64.replace("=", ""))).isEqualTo(EXPECTED);
    assertThat(LoadReportHeaders.read(Headers.of("endpoint-load-metrics-bin", base64)))
        .isEqualTo(EXPECTED);
  }

  @Test
  void aHeaderThatWasSplitIsOneReport() {
    assertThat(
            LoadReportHeaders.read(
                new Headers.Builder()
                    .add("endpoint-load-metrics", "cpu_utilization=0.25, rps_fractional=10")
                    .add(
                        "endpoint-load-metrics",
                        "named_metrics.vllm:num_requests_waiting=2, utilization.gpu=0.75")
                    .build()))
        .isEqualTo(EXPECTED);
  }

  @Test
  void oneNumberThatIsMalformedDoesNotHarmTheOthers() {
    assertThat(read("TEXT cpu_utilization=high, mem_utilization, =3, eps=2, ,,named_metrics.q=1"))
        .isEqualTo(LoadReport.builder().errorsPerSecond(2).namedMetric("q", 1).build());
    assertThat(read("{\"eps\":2,\"cpu_utilization\":\"high\",\"mem_utilization\":"))
        .isEqualTo(LoadReport.builder().errorsPerSecond(2).build());
  }

  @Test
  void aSerializedReportThatIsMalformedLeavesTheOtherHeader() {
    assertThat(
            LoadReportHeaders.read(
                Headers.of("endpoint-load-metrics-bin", "!", "endpoint-load-metrics", "eps=2")))
        .isEqualTo(LoadReport.builder().errorsPerSecond(2).build());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "TEXT",
        "TEXT ",
        "JSON",
        "JSON []",
        "JSON null",
        "BIN",
        "BIN !",
        "BIN AA==",
        "{",
        "{}",
        "busy",
        "=",
        ":",
        "a=b",
        "cpu_utilization=NaN",
        "cpu_utilization=-1",
        "BINARY x",
        "[1]",
      })
  void whatSaysNothingIsEmpty(String value) {
    assertThat(read(value).isEmpty()).isTrue();
  }

  @Test
  void withoutTheHeaderThereIsNoReport() {
    assertThat(LoadReportHeaders.read(Headers.of("Content-Type", "text/plain")).isEmpty()).isTrue();
  }

  @Provide
  Arbitrary<String> values() {
    Arbitrary<String> pieces =
        Arbitraries.of(
            "TEXT ",
            "JSON ",
            "BIN ",
            "{",
            "}",
            "\"",
            ":",
            "=",
            ",",
            ".",
            "[",
            "cpu_utilization",
            "named_metrics",
            "1",
            "-",
            "e9",
            "NaN",
            "\\u00",
            "é",
            " ",
            "AAAA");
    return Arbitraries.oneOf(
        Arbitraries.strings(), pieces.list().ofMaxSize(20).map(all -> String.join("", all)));
  }

  @Property
  void anyTextIsAReport(@ForAll("values") String value) {
    Headers headers =
        new Headers.Builder()
            .addUnsafeNonAscii("endpoint-load-metrics", value.replaceAll("[\\x00-\\x1f\\x7f]", ""))
            .build();
    assertThat(LoadReportHeaders.read(headers)).isNotNull();
  }
}
