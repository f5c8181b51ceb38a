package io.inferencerouter.benchmarks.simulation.report;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.AtomicMoveNotSupportedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;

/**
 * Files that are there as a whole or not at all; what is no file, such as a pipe, is written to.
 */
public final class AtomicFile {
  private AtomicFile() {}

  /** Makes sure that a file can be there, before the work that is to fill it. */
  public static void prepare(Path file) {
    try {
      Files.createDirectories(folder(file));
      if (Files.isDirectory(file)) {
        throw new FileSystemException(file.toString(), null, "is a folder");
      }
      if (!Files.isWritable(Files.exists(file) ? file : folder(file))) {
        throw new AccessDeniedException(file.toString());
      }
    } catch (IOException e) {
      throw failure(file, e);
    }
  }

  private static UncheckedIOException failure(Path file, IOException e) {
    return new UncheckedIOException(file + ": cannot be written: " + reason(e), e);
  }

  private static String reason(IOException e) {
    if (e instanceof FileAlreadyExistsException) {
      return "its folder is a file";
    }
    if (e instanceof NoSuchFileException) {
      return "no such folder";
    }
    if (e instanceof AccessDeniedException) {
      return "permission denied";
    }
    String message = e instanceof FileSystemException system ? system.getReason() : e.getMessage();
    return message == null ? e.toString() : message;
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
    try {
      if (Files.exists(file) && !Files.isRegularFile(file)) {
        Files.write(file, bytes);
        return;
      }
      Path absolute = Files.exists(file) ? file.toRealPath() : file.toAbsolutePath();
      Path folder = folder(absolute);
      Files.createDirectories(folder);
      Path part = folder.resolve("." + absolute.getFileName() + ".part");
      try {
        Files.write(part, bytes);
        move(part, absolute);
      } finally {
        Files.deleteIfExists(part);
      }
    } catch (IOException e) {
      throw failure(file, e);
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
