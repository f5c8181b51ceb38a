package io.inferencerouter.benchmarks.simulation.report;

import io.inferencerouter.benchmarks.simulation.experiment.Row;
import io.inferencerouter.benchmarks.simulation.experiment.Setting;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Short words for many results: the same bits have the same words. */
public final class Digests {
  private static final int BYTES = 12;

  private Digests() {}

  /** A line for each setting, of all policies and seeds, without the time that runs took. */
  public static String of(List<Row> rows) {
    Map<Setting, MessageDigest> digests = new LinkedHashMap<>();
    for (Row row : rows) {
      digests
          .computeIfAbsent(row.setting(), any -> sha256())
          .update(row.result().timeless().toString().getBytes(StandardCharsets.UTF_8));
    }
    StringBuilder text = new StringBuilder();
    digests.forEach(
        (setting, digest) ->
            text.append(HexFormat.of().formatHex(digest.digest(), 0, BYTES))
                .append("  ")
                .append(setting)
                .append('\n'));
    return text.toString();
  }

  private static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }
}
