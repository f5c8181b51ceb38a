package io.inferencerouter.core.load;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import com.google.protobuf.Message;
import com.google.protobuf.UnknownFieldSet;
import io.inferencerouter.LoadReport;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Map;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class OrcaLoadReportTest {
  private static final LoadReport EMPTY = LoadReport.builder().build();

  private static io.grpc.xds.shaded.com.github.xds.data.orca.v3.OrcaLoadReport.Builder message() {
    return io.grpc.xds.shaded.com.github.xds.data.orca.v3.OrcaLoadReport.newBuilder();
  }

  private static LoadReport parse(Message.Builder message) {
    return OrcaLoadReport.parse(message.build().toByteArray());
  }

  private static byte[] bytes(String hex) {
    return HexFormat.of().parseHex(hex.replace(" ", ""));
  }

  @Test
  void everyFieldIsReadUnderItsNumber() {
    assertThat(
            OrcaLoadReport.parse(
                bytes(
                    "09 000000000000f83f" // 1: cpu 1.5
                        + "11 000000000000e03f" // 2: memory 0.5
                        + "2a 0e 0a03677075 11 000000000000e83f" // 5: gpu 0.75
                        + "31 0000000000002440" // 6: 10 requests per second
                        + "39 0000000000000040" // 7: 2 errors per second
                        + "42 0c 0a0171 11 0000000000000840" // 8: q 3
                        + "49 000000000000d03f"))) // 9: application 0.25
        .isEqualTo(
            LoadReport.builder()
                .cpuUtilization(1.5)
                .memoryUtilization(0.5)
                .applicationUtilization(0.25)
                .requestsPerSecond(10)
                .errorsPerSecond(2)
                .namedMetric("utilization.gpu", 0.75)
                .namedMetric("q", 3)
                .build());
  }

  @SuppressWarnings("deprecation") // the old field is what is tested
  @Test
  void theOldRateCountsOnlyWithoutTheNewOne() {
    assertThat(parse(message().setRps(7)).requestsPerSecond()).hasValue(7);
    assertThat(parse(message().setRps(7).setRpsFractional(7.5)).requestsPerSecond()).hasValue(7.5);
    byte[] newFirst = bytes("31 0000000000001e40 18 07");
    assertThat(OrcaLoadReport.parse(newFirst).requestsPerSecond()).hasValue(7.5);
    assertThat(parse(message().setRps(-1)).requestsPerSecond()).hasValue(LoadReport.MAX_VALUE);
  }

  @Property
  void whatAGeneratedEncoderWritesIsRead(
      @ForAll double cpu,
      @ForAll double memory,
      @ForAll double application,
      @ForAll double rate,
      @ForAll double errors,
      @ForAll @Size(max = 8) Map<String, Double> named,
      @ForAll @Size(max = 8) Map<String, Double> utilization) {
    LoadReport report =
        parse(
            message()
                .setCpuUtilization(cpu)
                .setMemUtilization(memory)
                .setApplicationUtilization(application)
                .setRpsFractional(rate)
                .setEps(errors)
                .putAllNamedMetrics(named)
                .putAllUtilization(utilization)
                .putRequestCost("bytes", 1));
    OrcaLoadReport.Builder expected =
        OrcaLoadReport.builder()
            .metric("cpu_utilization", cpu == 0 ? Double.NaN : cpu)
            .metric("mem_utilization", memory == 0 ? Double.NaN : memory)
            .metric("application_utilization", application == 0 ? Double.NaN : application)
            .metric("rps_fractional", rate == 0 ? Double.NaN : rate)
            .metric("eps", errors == 0 ? Double.NaN : errors);
    named.forEach((name, value) -> expected.metric("named_metrics." + wellFormed(name), value));
    utilization.forEach((name, value) -> expected.metric("utilization." + wellFormed(name), value));
    assertThat(report).isEqualTo(expected.build());
  }

  /** A text as it is after UTF-8, which has no lone surrogates. */
  private static String wellFormed(String text) {
    return new String(ByteString.copyFromUtf8(text).toByteArray(), StandardCharsets.UTF_8);
  }

  @Test
  void whatIsNotKnownIsSkipped() {
    UnknownFieldSet unknown =
        UnknownFieldSet.newBuilder()
            .addField(
                100,
                UnknownFieldSet.Field.newBuilder()
                    .addVarint(-1)
                    .addFixed32(1)
                    .addFixed64(2)
                    .addLengthDelimited(ByteString.copyFromUtf8("text"))
                    .addGroup(
                        UnknownFieldSet.newBuilder()
                            .addField(1, UnknownFieldSet.Field.newBuilder().addFixed64(9).build())
                            .addField(
                                3,
                                UnknownFieldSet.Field.newBuilder()
                                    .addGroup(UnknownFieldSet.getDefaultInstance())
                                    .build())
                            .build())
                    .build())
            .addField(1, UnknownFieldSet.Field.newBuilder().addVarint(5).build())
            .build();
    assertThat(parse(message().setEps(4).setUnknownFields(unknown)))
        .isEqualTo(LoadReport.builder().errorsPerSecond(4).build());
  }

  @Test
  void whatAReportDoesNotAcceptIsLeftOutOrBroughtIntoRange() {
    assertThat(
            parse(
                message()
                    .setCpuUtilization(-1)
                    .setApplicationUtilization(Double.NaN)
                    .setRpsFractional(Double.POSITIVE_INFINITY)
                    .setMemUtilization(1.5)
                    .setEps(1e300)
                    .putNamedMetrics("negative", -1e300)
                    .putNamedMetrics("nan", Double.NaN)
                    .putNamedMetrics(" ", 1)
                    .putNamedMetrics("line\nfeed", 1)
                    .putNamedMetrics("x".repeat(1025), 1)
                    .putNamedMetrics("x".repeat(10_000), 1)
                    .putUtilization("gpu", -0.5)
                    .putUtilization("", 0.5)))
        .isEqualTo(
            LoadReport.builder()
                .memoryUtilization(1)
                .errorsPerSecond(LoadReport.MAX_VALUE)
                .namedMetric("negative", -LoadReport.MAX_VALUE)
                .build());
  }

  @Test
  void theFirstNamedMetricsAreKept() {
    var message = message();
    for (int i = 0; i < 100; i++) {
      message.putNamedMetrics("m" + i, i);
    }
    LoadReport report = parse(message);
    assertThat(report.namedMetrics()).hasSize(LoadReport.MAX_NAMED_METRICS).containsKey("m0");
    assertThat(report.namedMetrics()).doesNotContainKey("m99");
  }

  @Test
  void nothingAtAllIsAnEmptyReport() {
    assertThat(OrcaLoadReport.parse(new byte[0]).isEmpty()).isTrue();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "08", // a field without a value
        "09 0000", // a number cut off
        "42 05 0a01", // an entry that is longer than the message
        "42 03 0a0571", // a key that is longer than its entry
        "42 ffffffffffffffffff01", // a length without end
        "0b", // a group without end
        "0c", // an end without a group
        "0e", // no such wire type
        "00 01", // field 0
        "ffffffffffffffffffff01", // a tag that is too long
        "ffffffff7f 00", // a tag that is too large
      })
  void bytesThatAreNoSuchMessageAreAnEmptyReport(String malformed) {
    assertThat(OrcaLoadReport.parse(bytes(malformed))).isEqualTo(EMPTY);
    assertThat(OrcaLoadReport.parse(bytes("09 000000000000f83f" + malformed))).isEqualTo(EMPTY);
  }

  @Property
  void anyBytesAreAReport(@ForAll @Size(max = 200) byte[] anything) {
    assertThat(OrcaLoadReport.parse(anything)).isNotNull();
  }

  @Property
  void aMessageThatIsCutOffIsNoneOrAShorterOne(@ForAll @Size(min = 1, max = 5) double[] values) {
    var message = message().setCpuUtilization(0.5);
    for (int i = 0; i < values.length; i++) {
      message.putNamedMetrics("metric" + i, values[i]);
    }
    byte[] whole = message.build().toByteArray();
    LoadReport all = OrcaLoadReport.parse(whole);
    for (int length = 0; length < whole.length; length++) {
      LoadReport part = OrcaLoadReport.parse(Arrays.copyOf(whole, length));
      assertThat(all.namedMetrics()).containsAllEntriesOf(part.namedMetrics());
    }
  }

  @Test
  void namesAreKnownInBothSpellings() {
    LoadReport expected =
        OrcaLoadReport.builder()
            .metric("cpu_utilization", 0.1)
            .metric("mem_utilization", 0.2)
            .metric("application_utilization", 0.3)
            .metric("rps_fractional", 4)
            .metric("named_metrics.kv.cache", 6)
            .build();
    assertThat(
            OrcaLoadReport.builder()
                .metric("cpuUtilization", 0.1)
                .metric("memUtilization", 0.2)
                .metric("applicationUtilization", 0.3)
                .metric("rpsFractional", 4)
                .metric("namedMetrics.kv.cache", 6)
                .metric("request_cost.bytes", 7)
                .metric("something", 8)
                .metric("", 9)
                .metric(".x", 9)
                .build())
        .isEqualTo(expected);
    assertThat(expected.namedMetrics()).containsExactly(Map.entry("kv.cache", 6.0));
  }
}
