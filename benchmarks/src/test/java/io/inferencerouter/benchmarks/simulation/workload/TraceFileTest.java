package io.inferencerouter.benchmarks.simulation.workload;

import static org.assertj.core.api.Assertions.assertThat;

import io.inferencerouter.Priority;
import io.inferencerouter.benchmarks.simulation.workload.Workload.Kind;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TraceFileTest {
  @TempDir private Path directory;

  private List<SimulatedRequest> read(String... lines) throws IOException {
    return Traces.all(TraceFile.open(Traces.write(directory, lines)));
  }

  @Test
  void columnsAreFoundByTheirNamesAndUnknownOnesAreLeftAlone() throws IOException {
    assertThat(read("colour,out_tok,t_ms,in_tok", "red,7,0,100", "blue,8,1.5,200"))
        .containsExactly(
            SimulatedRequest.text(0, 100, 7), SimulatedRequest.text(1_500_000, 200, 8));
  }

  @Test
  void everyColumnIsRead() throws IOException {
    Workload trace =
        TraceFile.open(
            Traces.write(
                directory,
                "t_ms,in_tok,out_tok,tenant,session,turn,model,blocks,text_tok,image_tok,images,"
                    + "think_ms,region,priority",
                "5,1030,9,acme,s1,1,llama,0-1 7,30,1000,2,250,eu,critical"));
    assertThat(trace.kind()).isEqualTo(Kind.GENERATION);
    assertThat(trace.name()).isEqualTo("trace");
    assertThat(trace)
        .containsExactly(
            new SimulatedRequest(
                5_000_000,
                1030,
                9,
                "acme",
                "s1",
                0,
                "llama",
                Blocks.of(0, 1, 7),
                30,
                1000,
                2,
                250_000_000,
                0,
                "eu",
                Priority.CRITICAL));
  }

  @Test
  void theInputIsTextAndImagesWhereItIsNotGiven() throws IOException {
    SimulatedRequest request = read("t_ms,text_tok,out_tok,image_tok", "0,20,5,300").get(0);
    assertThat(request.inputTokens()).isEqualTo(320);
    assertThat(request.textTokens()).isEqualTo(20);
    assertThat(request.imageTokens()).isEqualTo(300);
  }

  @Test
  void workMakesJobsWithoutOutput() throws IOException {
    Workload trace =
        TraceFile.open(Traces.write(directory, "t_ms,out_tok,work_ms", "0,5,120.5", "1,0,3"));
    assertThat(trace.kind()).isEqualTo(Kind.JOBS);
    assertThat(trace)
        .extracting(SimulatedRequest::workNanos)
        .containsExactly(120_500_000L, 3_000_000L);
    assertThat(trace).extracting(SimulatedRequest::outputTokens).containsExactly(0, 0);
    assertThat(trace).extracting(SimulatedRequest::inputTokens).containsExactly(1, 1);
  }

  @Test
  void withoutOutputItIsEncoding() throws IOException {
    assertThat(TraceFile.open(Traces.write(directory, "t_ms,in_tok", "0,5")).kind())
        .isEqualTo(Kind.ENCODING);
    Path zeros = Traces.write(directory, "t_ms,in_tok,out_tok", "0,5,0", "1,5,0");
    assertThat(TraceFile.open(zeros).kind()).isEqualTo(Kind.ENCODING);
    assertThat(TraceFile.open(zeros)).extracting(SimulatedRequest::outputTokens).containsOnly(0);
  }

  @Test
  void oneLineWithOutputMakesItGenerationAndNoAnswerIsEmpty() throws IOException {
    Workload trace =
        TraceFile.open(Traces.write(directory, "t_ms,in_tok,out_tok", "0,0,0", "1,5,0", "2,5,9"));
    assertThat(trace.kind()).isEqualTo(Kind.GENERATION);
    assertThat(trace).extracting(SimulatedRequest::outputTokens).containsExactly(1, 1, 9);
    assertThat(trace).extracting(SimulatedRequest::inputTokens).containsExactly(1, 5, 5);
  }

  @Test
  void turnsCountFromZeroWhateverTheFileBeginsWith() throws IOException {
    List<SimulatedRequest> requests =
        read(
            "t_ms,in_tok,out_tok,session,turn",
            "0,1,1,a,1",
            "1,1,1,b,1",
            "2,1,1,a,2",
            "3,1,1,a,3",
            "4,1,1,,");
    assertThat(requests).extracting(SimulatedRequest::turn).containsExactly(0, 0, 1, 2, 0);
    assertThat(requests).noneMatch(SimulatedRequest::isClosedLoop);
  }

  @Test
  void timesToThinkMakeALoopAndABlankOneDoesNot() throws IOException {
    List<SimulatedRequest> requests =
        read(
            "t_ms,in_tok,out_tok,session,think_ms",
            "0,1,1,a,",
            "1,1,1,a,40",
            "2,1,1,a,",
            "3,1,1,,");
    assertThat(requests)
        .extracting(SimulatedRequest::thinkNanos)
        .containsExactly(0L, 40_000_000L, SimulatedRequest.OPEN_LOOP, SimulatedRequest.OPEN_LOOP);
  }

  @Test
  void packedAndPlainTracesAreTheSame() throws IOException {
    String text = "t_ms,in_tok,out_tok\n0,1,2\n3,4,5\n";
    Path plain = Files.writeString(directory.resolve("a.csv"), text);
    Path packed = Files.write(directory.resolve("b.csv.gz"), Traces.packed(text));
    assertThat(Traces.all(TraceFile.open(packed))).isEqualTo(Traces.all(TraceFile.open(plain)));
    assertThat(TraceFile.open(packed).name()).isEqualTo("b");
  }

  @Test
  void aFilePackedInTwoPartsIsReadToItsEnd() throws IOException {
    Path file = directory.resolve("parts.csv.gz");
    Files.write(file, Traces.packed("t_ms,in_tok\n0,1\n"));
    Files.write(file, Traces.packed("1,2\n"), java.nio.file.StandardOpenOption.APPEND);
    assertThat(TraceFile.open(file))
        .extracting(SimulatedRequest::inputTokens)
        .containsExactly(1, 2);
  }

  @Test
  void marksQuotesAndWindowsLineEndsAreFine() throws IOException {
    Path file =
        Files.writeString(
            directory.resolve("odd.csv"),
            "\uFEFFt_ms, in_tok ,tenant\r\n\"0\",12.0,\"a, b\"\r\n\r\n7,3,c");
    List<SimulatedRequest> requests = Traces.all(TraceFile.open(file));
    assertThat(requests).extracting(SimulatedRequest::inputTokens).containsExactly(12, 3);
    assertThat(requests).extracting(SimulatedRequest::tenant).containsExactly("a, b", "c");
  }

  @Test
  void eachIteratorBeginsAnew() throws IOException {
    Workload trace = TraceFile.open(Traces.write(directory, "t_ms,in_tok", "0,1", "1,2"));
    assertThat(Traces.all(trace)).hasSize(2).isEqualTo(Traces.all(trace));
  }
}
