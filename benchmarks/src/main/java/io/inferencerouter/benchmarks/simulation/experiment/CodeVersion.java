package io.inferencerouter.benchmarks.simulation.experiment;

import io.inferencerouter.benchmarks.simulation.Simulation;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import java.util.zip.CRC32;

/** A fingerprint of the simulator's classes: another simulator measures other saturations. */
final class CodeVersion {
  private static final String FOLDER = "/" + Simulation.class.getPackageName().replace('.', '/');
  private static final String CURRENT = fingerprint();

  private CodeVersion() {}

  static String current() {
    return CURRENT;
  }

  private static String fingerprint() {
    try {
      URI place = Simulation.class.getProtectionDomain().getCodeSource().getLocation().toURI();
      Path path = Path.of(place);
      if (Files.isDirectory(path)) {
        return of(Path.of(path + FOLDER));
      }
      try (FileSystem jar = FileSystems.newFileSystem(URI.create("jar:" + place), Map.of())) {
        return of(jar.getPath(FOLDER));
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (URISyntaxException e) {
      throw new IllegalStateException(e);
    }
  }

  private static String of(Path folder) throws IOException {
    CRC32 sum = new CRC32();
    List<Path> files;
    try (Stream<Path> all = Files.walk(folder)) {
      files = all.filter(Files::isRegularFile).sorted().toList();
    }
    for (Path file : files) {
      sum.update(Files.readAllBytes(file));
    }
    return Long.toHexString(sum.getValue());
  }
}
