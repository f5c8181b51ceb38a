package io.inferencerouter.examples.cost;

import io.inferencerouter.CostEstimator;
import io.inferencerouter.InferenceRequest;
import io.inferencerouter.InputUnit;

/**
 * What a translation costs: its output is about as long as its input, whatever limit the request
 * sets. A general estimate cannot know that.
 */
final class TranslationCost implements CostEstimator {
  private static final double CHARACTERS_PER_TOKEN = 4;

  /** How much longer the translation is than the text, in tokens. */
  private static final double EXPANSION = 1.2;

  @Override
  public double inputWork(InferenceRequest request) {
    return request.input(InputUnit.CHARACTERS) / CHARACTERS_PER_TOKEN;
  }

  @Override
  public double outputWork(InferenceRequest request) {
    return inputWork(request) * EXPANSION;
  }
}
