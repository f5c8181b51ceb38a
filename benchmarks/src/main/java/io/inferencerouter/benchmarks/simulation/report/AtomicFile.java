package io.inferencerouter.benchmarks.simulation.report;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.AtomicMoveNotSupportedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;

/** Files that are there as a whole or not at all. */
public final class AtomicFile {
  private AtomicFile() {}

  /** Makes sure that there is a folder for a file, before the work that is to fill it. */
  public static void prepare(Path file) {
    try {
      Files.createDirectories(folder(file));
    } catch (IOException e) {
      throw new UncheckedIOException(file + ": cannot be written: " + e, e);
    }
  }

  private static Path folder(Path file) {
    Path absolute = file.toAbsolutePath();
    return absolute.getParent() == null ? absolute : absolute.getParent();
  }

  /** Writes text, replacing what was there. */
  public static void write(Path file, String text) {
    write(file, text.getBytes(StandardCharsets.UTF_8));
  }

  /** Writes bytes, replacing what was there. */
  public static void write(Path file, byte[] bytes) {
    Path absolute = file.toAbsolutePath();
    Path folder = folder(file);
    try {
      Files.createDirectories(folder);
      Path part = folder.resolve("." + absolute.getFileName() + ".part");
      try {
        Files.write(part, bytes);
        move(part, absolute);
      } finally {
        Files.deleteIfExists(part);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(file + ": cannot be written: " + e, e);
    }
  }

  private static void move(Path from, Path to) throws IOException {
    try {
      Files.move(from, to, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    } catch (AtomicMoveNotSupportedException e) {
      Files.move(from, to, StandardCopyOption.REPLACE_EXISTING);
    }
  }
}
