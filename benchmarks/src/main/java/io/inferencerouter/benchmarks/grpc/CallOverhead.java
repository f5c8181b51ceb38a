package io.inferencerouter.benchmarks.grpc;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.util.Arrays;

/**
 * What a routed unary call costs more than a bare one, in time and in memory: both go to the same
 * server in this process, in turn, so that whatever else the machine does meets both. The figures
 * are the median of the differences in time, pair by pair, and the difference of what is allocated
 * for a call, by the calling thread, which does all of it.
 *
 * <p>Run it with {@code java -cp benchmarks/target/benchmarks.jar
 * io.inferencerouter.benchmarks.grpc.CallOverhead [pairs]}. It exits with 2 if they are {@value
 * #LIMIT_NANOS} ns or {@value #LIMIT_BYTES} bytes or more.
 */
public final class CallOverhead {
  private static final int LIMIT_NANOS = 5_000;
  private static final int LIMIT_BYTES = 2_000;
  private static final int DEFAULT_PAIRS = 100_000;

  private CallOverhead() {}

  /** Measures, prints one line, and exits with 2 if a limit is exceeded. */
  public static void main(String[] args) throws IOException {
    int pairs = args.length == 0 ? DEFAULT_PAIRS : Integer.parseInt(args[0]);
    InProcessCalls calls = new InProcessCalls();
    calls.start();
    boolean within;
    try {
      within = measure(calls, pairs);
    } finally {
      calls.stop();
    }
    System.exit(within ? 0 : 2);
  }

  private static boolean measure(InProcessCalls calls, int pairs) {
    long[] bareNanos = new long[pairs];
    long[] differences = new long[pairs];
    for (int i = -pairs; i < pairs; i++) { // the first half warms up
      boolean bareFirst = (i & 1) == 0;
      long first = time(calls, bareFirst);
      long second = time(calls, !bareFirst);
      if (i >= 0) {
        bareNanos[i] = bareFirst ? first : second;
        differences[i] = bareFirst ? second - first : first - second;
      }
    }
    Arrays.sort(bareNanos);
    Arrays.sort(differences);
    long nanos = differences[pairs / 2];
    long bareBytes = allocated(calls, true, pairs);
    long bytes = allocated(calls, false, pairs) - bareBytes;
    System.out.printf(
        "%d pairs of calls: a bare call takes %d ns and %d bytes, routing adds %d ns (median) and"
            + " %d bytes (expected: below %d ns and %d bytes)%n",
        pairs, bareNanos[pairs / 2], bareBytes, nanos, bytes, LIMIT_NANOS, LIMIT_BYTES);
    return nanos < LIMIT_NANOS && bytes < LIMIT_BYTES;
  }

  private static long time(InProcessCalls calls, boolean bare) {
    long start = System.nanoTime();
    call(calls, bare);
    return System.nanoTime() - start;
  }

  private static void call(InProcessCalls calls, boolean bare) {
    byte[] answer = bare ? calls.bare() : calls.routed();
    if (answer.length == 0) {
      throw new IllegalStateException("answer: empty (expected: the message)");
    }
  }

  private static long allocated(InProcessCalls calls, boolean bare, int count) {
    var thread = (com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean();
    long before = thread.getCurrentThreadAllocatedBytes();
    for (int i = 0; i < count; i++) {
      call(calls, bare);
    }
    return (thread.getCurrentThreadAllocatedBytes() - before) / count;
  }
}
