package io.inferencerouter.examples.demo;

import com.sun.management.OperatingSystemMXBean;
import java.lang.management.ManagementFactory;

/** Measures how busy this process keeps the machine's processors. */
final class ProcessorTime {
  private static final OperatingSystemMXBean SYSTEM =
      ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class);

  private final long usedNanos = SYSTEM.getProcessCpuTime();
  private final long startNanos = System.nanoTime();

  private ProcessorTime() {}

  static ProcessorTime start() {
    return new ProcessorTime();
  }

  /** The share of all processors' time used since the start, 0 to 1. */
  double share() {
    double available =
        (double) (System.nanoTime() - startNanos) * Runtime.getRuntime().availableProcessors();
    return (SYSTEM.getProcessCpuTime() - usedNanos) / available;
  }
}
