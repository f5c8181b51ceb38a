package io.inferencerouter.examples;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;

/** Catches what a program prints. Tests that use it must not run at the same time. */
public final class CapturedOutput {
  private CapturedOutput() {}

  /** Runs the program; the result is what it printed. */
  public static String of(Program program) throws Exception {
    PrintStream before = System.out;
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (PrintStream capture = new PrintStream(bytes, true, StandardCharsets.UTF_8)) {
      System.setOut(capture);
      program.run();
    } finally {
      System.setOut(before);
    }
    return bytes.toString(StandardCharsets.UTF_8);
  }

  /** What is run. */
  @FunctionalInterface
  public interface Program {
    void run() throws Exception;
  }
}
