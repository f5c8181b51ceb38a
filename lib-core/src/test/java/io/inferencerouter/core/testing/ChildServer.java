package io.inferencerouter.core.testing;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;

/**
 * A server in a process of its own that can be stopped, continued, killed and started again. Its
 * program is given the port, 0 for any; it writes the port it has to its standard output, and ends
 * with its standard input.
 */
public final class ChildServer {
  private static final long LIMIT_SECONDS = 30;

  private final Class<?> program;
  private Process process;
  private int port;

  /**
   * Starts it, on any port.
   *
   * @param program its main class
   */
  public ChildServer(Class<?> program) throws IOException {
    this.program = program;
    start();
  }

  /** Whether this machine lets processes be stopped, and tells whether they are. */
  public static boolean canBeStopped() {
    return Files.isExecutable(Path.of("/bin/sh")) && Files.isReadable(Path.of("/proc/self/stat"));
  }

  /** Starts it, again on the same port if there was one before. */
  public void start() throws IOException {
    process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:TieredStopAtLevel=1",
                "-Xmx64m",
                "-Dsun.net.httpserver.nodelay=true",
                "-cp",
                System.getProperty("java.class.path"),
                program.getName(),
                Integer.toString(port))
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    String line =
        new BufferedReader(
                new InputStreamReader(process.getInputStream(), StandardCharsets.US_ASCII))
            .readLine();
    if (line == null) {
      throw new IOException("server process: did not start (expected: tells its port)");
    }
    port = Integer.parseInt(line);
  }

  /** Its address. */
  public String uri() {
    return "http://127.0.0.1:" + port;
  }

  /** Stops it with SIGSTOP: the kernel goes on to take its connections, and nobody answers. */
  public void stop() throws IOException, InterruptedException {
    signal("STOP");
    long start = System.nanoTime();
    while (state() != 'T') {
      if (System.nanoTime() - start > TimeUnit.SECONDS.toNanos(LIMIT_SECONDS)) {
        throw new AssertionError("process: state " + state() + " (expected: T)");
      }
      Thread.onSpinWait();
    }
  }

  /** Lets it go on, with SIGCONT. */
  public void resume() throws IOException, InterruptedException {
    signal("CONT");
  }

  private char state() throws IOException {
    String stat = Files.readString(Path.of("/proc", Long.toString(process.pid()), "stat"));
    return stat.charAt(stat.lastIndexOf(')') + 2);
  }

  private void signal(String name) throws IOException, InterruptedException {
    Process kill =
        new ProcessBuilder("/bin/sh", "-c", "kill -" + name + " " + process.pid()).start();
    if (!kill.waitFor(LIMIT_SECONDS, TimeUnit.SECONDS) || kill.exitValue() != 0) {
      throw new AssertionError("kill -" + name + ": failed");
    }
  }

  /** Kills it, stopped or not. */
  public void kill() throws InterruptedException {
    process.destroyForcibly();
    if (!process.waitFor(LIMIT_SECONDS, TimeUnit.SECONDS)) {
      throw new AssertionError("server process: goes on (expected: killed)");
    }
  }
}
