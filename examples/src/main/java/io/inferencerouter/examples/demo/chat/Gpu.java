package io.inferencerouter.examples.demo.chat;

import io.inferencerouter.examples.languagemodel.Pace;
import java.util.Locale;

/**
 * Kinds of GPUs, by how much slower than the first they are. Reading prompts is bound by
 * arithmetic, generating by memory bandwidth, so each has a ratio of its own: that of the dense
 * BF16 operations per second, and of the bytes per second, which NVIDIA's data sheets state.
 */
enum Gpu {
  /** H100 SXM: 989 TFLOPS, 3350 GB/s. */
  H100(1, 1),
  /** A100 80 GB PCIe: 312 TFLOPS, 1935 GB/s. */
  A100(3.2, 1.7),
  /** L40S: 362 TFLOPS, 864 GB/s. */
  L40S(2.7, 3.9);

  /**
   * How many times slower than one processor of this machine the first one is stated to read; an
   * engine reads one prompt at a time.
   */
  private static final double INPUT_SLOW_DOWN = 4;

  /**
   * How many times slower than one processor of this machine the first one is stated to generate;
   * that leaves time to really compute a step for each of the slots in turn.
   */
  private static final double OUTPUT_SLOW_DOWN = 24;

  private final double inputRatio;
  private final double outputRatio;

  Gpu(double inputRatio, double outputRatio) {
    this.inputRatio = inputRatio;
    this.outputRatio = outputRatio;
  }

  /** How many times slower than one processor of this machine it reads prompts. */
  double inputSlowDown() {
    return INPUT_SLOW_DOWN * inputRatio;
  }

  /** How many times slower than one processor of this machine it generates for one request. */
  double outputSlowDown() {
    return OUTPUT_SLOW_DOWN * outputRatio;
  }

  /** Its pace on a machine of the given speed. */
  Pace pace(ModelSpeed machine) {
    return Pace.of(
        machine.inputNanos() * inputSlowDown(), machine.outputNanos() * outputSlowDown());
  }

  /** The name in lower case. */
  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }
}
