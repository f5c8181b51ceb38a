package io.inferencerouter.benchmarks.simulation.experiment;

import io.inferencerouter.benchmarks.simulation.fleet.FleetSpec;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * Remembers what saturations were measured, in memory and, if there is a folder, in files named by
 * a hash of the fleet, the workload and the simulator's own code. For one thread.
 */
public final class SaturationCache {
  /** Saturation is that of this seed, whatever seeds are run. */
  public static final long SEED = 1;

  private final Saturation measuring;
  private final Optional<Path> folder;
  private final Consumer<String> notes;
  private final Map<String, Double> known = new HashMap<>();

  /**
   * A cache.
   *
   * @param folder made if it is not there; what cannot be written is not kept
   * @param notes is told every saturation that is used, once
   */
  public SaturationCache(Saturation measuring, Optional<Path> folder, Consumer<String> notes) {
    this.measuring = measuring;
    this.folder = folder;
    this.notes = notes;
  }

  /** What the fleet, before anything happens to it, does at most. */
  public double requestsPerSecond(WorkloadSource source, FleetSpec fleet) {
    FleetSpec calm = new FleetSpec(fleet.name(), fleet.endpoints(), List.of());
    String key = key(source, calm);
    Double before = known.get(key);
    if (before != null) {
      return before;
    }
    Optional<Double> kept = folder.flatMap(path -> read(path.resolve(key)));
    double rate =
        kept.orElseGet(() -> measuring.requestsPerSecond(source.seeded().apply(SEED), calm));
    if (!(rate > 0) || Double.isInfinite(rate)) {
      throw new IllegalStateException(
          "saturation of "
              + fleet.name()
              + " on "
              + source.name()
              + ": "
              + rate
              + " (expected: requests per second)");
    }
    if (kept.isEmpty()) {
      folder.ifPresent(path -> write(path, key, rate));
    }
    known.put(key, rate);
    notes.accept(
        String.format(
            Locale.ROOT,
            "saturation of %s on %s: %.2f requests/s%s",
            fleet.name(),
            source.name(),
            rate,
            kept.isPresent() ? " (measured before)" : ""));
    return rate;
  }

  private static String key(WorkloadSource source, FleetSpec fleet) {
    try {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      for (String part :
          List.of(CodeVersion.current(), source.description(), fleet.endpoints().toString())) {
        digest.update(part.getBytes(StandardCharsets.UTF_8));
        digest.update((byte) 0);
      }
      return HexFormat.of().formatHex(digest.digest(), 0, 16) + ".txt";
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }

  private static Optional<Double> read(Path file) {
    try {
      return Files.isRegularFile(file)
          ? Optional.of(Double.valueOf(Files.readString(file).strip()))
          : Optional.empty();
    } catch (IOException | NumberFormatException e) {
      // As if it were not there: it is measured anew
      return Optional.empty();
    }
  }

  private void write(Path path, String key, double rate) {
    try {
      Files.createDirectories(path);
      Path part = Files.createTempFile(path, "saturation", ".part");
      Files.writeString(part, Double.toString(rate));
      Files.move(part, path.resolve(key), StandardCopyOption.REPLACE_EXISTING);
    } catch (IOException e) {
      notes.accept("saturation is not kept: " + e.getMessage());
    }
  }
}
