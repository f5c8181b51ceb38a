package io.inferencerouter.benchmarks.simulation.server;

/**
 * Steps of an engine of which each takes the same time longer than the one before: as long as
 * nobody comes or goes, contexts grow by a constant. So the end of any of them has a closed form:
 * {@code first + k·step + growth·k·(k − 1)/2}.
 */
final class Stretch {
  private double first;
  private double step;
  private double growth;

  /**
   * Begins a stretch.
   *
   * @param first paid once in its first step
   * @param step the rest of its first step
   * @param growth by how much each step takes longer
   */
  void begin(double first, double step, double growth) {
    this.first = first;
    this.step = step;
    this.growth = growth;
  }

  /** How long so many steps take. */
  double time(long steps) {
    return steps == 0 ? 0 : first + steps * step + growth * ((double) steps * (steps - 1) / 2);
  }

  /** The first step, from 1, that has not ended before a time. */
  long stepAt(double time) {
    double rest = time - first;
    if (rest <= step || step + growth <= 0) {
      return 1;
    }
    double half = step - growth / 2;
    double root = 2 * rest / (half + Math.sqrt(half * half + 2 * growth * rest));
    long steps = Math.max(1, (long) Math.ceil(root));
    // Rounding may be off by one
    if (steps > 1 && time(steps - 1) >= time) {
      steps--;
    } else if (time(steps) < time) {
      steps++;
    }
    return steps;
  }
}
