package io.inferencerouter.benchmarks.simulation.workload;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.GZIPOutputStream;

/** Traces written by tests, and workloads read to their end. */
final class Traces {
  private Traces() {}

  static Path write(Path directory, String... lines) throws IOException {
    return Files.writeString(directory.resolve("trace.csv"), String.join("\n", lines) + "\n");
  }

  static byte[] packed(String text) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (GZIPOutputStream packing = new GZIPOutputStream(bytes)) {
      packing.write(text.getBytes(StandardCharsets.UTF_8));
    }
    return bytes.toByteArray();
  }

  static List<SimulatedRequest> all(Workload workload) {
    List<SimulatedRequest> requests = new ArrayList<>();
    workload.forEach(requests::add);
    return requests;
  }
}
