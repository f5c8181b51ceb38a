package io.inferencerouter.core.internal.state;

/**
 * Sums over streams: how the time of an output unit, {@code step}, goes with the number of
 * neighbours, {@code beside}.
 */
record Rhythm(float streams, float beside, float besideSquared, float step, float stepTimesBeside) {

  /** The variation of the neighbours; without it nothing can be learned about their effect. */
  double variation() {
    return streams > 0 ? Math.max(0, besideSquared - (double) beside * beside / streams) : 0;
  }

  /** How much steps and neighbours vary together. */
  double covariation() {
    return streams > 0 ? stepTimesBeside - (double) beside * step / streams : 0;
  }

  /** The mean time of an output unit. */
  double meanStep() {
    return step / streams;
  }

  /** The mean number of neighbours. */
  double meanBeside() {
    return beside / streams;
  }
}
