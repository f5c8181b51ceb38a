package io.inferencerouter.examples.languagemodel;

import java.util.SplittableRandom;

/**
 * Draws the next token. Equal seeds draw equal tokens from equal logits. Not safe for use by
 * several threads at once.
 */
final class Sampler {
  private final double temperature;
  private final SplittableRandom random;

  /**
   * Creates a sampler.
   *
   * @param temperature how adventurous: 0 always takes the likeliest token
   * @param seed where the random numbers start
   */
  Sampler(double temperature, long seed) {
    this.temperature = temperature;
    this.random = new SplittableRandom(seed);
  }

  int next(float[] logits) {
    int likeliest = 0;
    for (int token = 1; token < logits.length; token++) {
      if (logits[token] > logits[likeliest]) {
        likeliest = token;
      }
    }
    return temperature == 0 ? likeliest : draw(logits, logits[likeliest]);
  }

  private int draw(float[] logits, float largest) {
    double[] weights = new double[logits.length];
    double sum = 0;
    for (int token = 0; token < weights.length; token++) {
      weights[token] = Math.exp((logits[token] - largest) / temperature);
      sum += weights[token];
    }
    double left = random.nextDouble() * sum;
    int token = 0;
    while (token < weights.length - 1 && left >= weights[token]) {
      left -= weights[token];
      token++;
    }
    return token;
  }
}
