package io.inferencerouter.benchmarks.simulation.server;

/**
 * How well one kind of work fits its calibration grid. Errors are absolute, in percent of what was
 * measured.
 *
 * @param gpu as the grid names it
 * @param model as the grid names it, with its number of GPUs
 * @param work {@code prefill}, {@code decode} or {@code encode}
 * @param points points of the grid
 * @param meanError of the simulated endpoint
 * @param maxError of the simulated endpoint
 * @param statedMeanError what the fit says of itself
 * @param statedMaxError what the fit says of itself
 */
public record FitRow(
    String gpu,
    String model,
    String work,
    int points,
    double meanError,
    double maxError,
    double statedMeanError,
    double statedMaxError) {
  @Override
  public String toString() {
    return String.format(
        "%-14s %-22s %-7s %3d points: mean %5.2f %%, max %5.2f %% (the fit: %5.2f %%, %5.2f %%)",
        gpu, model, work, points, meanError, maxError, statedMeanError, statedMaxError);
  }
}
