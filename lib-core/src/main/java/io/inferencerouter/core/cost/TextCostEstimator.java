package io.inferencerouter.core.cost;

import io.inferencerouter.CostEstimator;
import io.inferencerouter.InferenceRequest;
import io.inferencerouter.InputUnit;

/**
 * The work of text for a language model, in tokens.
 *
 * <p>The input is the first of these that the request states: its tokens; its characters, divided
 * by the characters per token; its pages, times the tokens per page; its bytes, divided like
 * characters. What states nothing counts as {@value #DEFAULT_UNKNOWN_INPUT} tokens. Each image adds
 * the tokens per image.
 *
 * <p>The output is the expected output, or the request's limit where that is lower: a limit is an
 * upper bound, and most answers stay far below it.
 */
public final class TextCostEstimator implements CostEstimator {
  /** The default characters per token: about what English text has. */
  public static final double DEFAULT_CHARACTERS_PER_TOKEN = 4;

  /** The default tokens per page. */
  public static final double DEFAULT_TOKENS_PER_PAGE = 500;

  /** The default tokens per image. */
  public static final double DEFAULT_TOKENS_PER_IMAGE = 800;

  /** The default expected output, in tokens. */
  public static final double DEFAULT_EXPECTED_OUTPUT = 250;

  /** The input of a request that states no size, in tokens. */
  public static final double DEFAULT_UNKNOWN_INPUT = 500;

  private final double charactersPerToken;
  private final double tokensPerPage;
  private final double tokensPerImage;
  private final double expectedOutput;

  private TextCostEstimator(Builder builder) {
    charactersPerToken = builder.charactersPerToken;
    tokensPerPage = builder.tokensPerPage;
    tokensPerImage = builder.tokensPerImage;
    expectedOutput = builder.expectedOutput;
  }

  /** Starts an estimator with the defaults. */
  public static Builder builder() {
    return new Builder();
  }

  @Override
  public double inputWork(InferenceRequest request) {
    return textTokens(request) + request.input(InputUnit.IMAGES) * tokensPerImage;
  }

  private double textTokens(InferenceRequest request) {
    if (request.hasInput(InputUnit.TOKENS)) {
      return request.input(InputUnit.TOKENS);
    }
    if (request.hasInput(InputUnit.CHARACTERS)) {
      return request.input(InputUnit.CHARACTERS) / charactersPerToken;
    }
    if (request.hasInput(InputUnit.PAGES)) {
      return request.input(InputUnit.PAGES) * tokensPerPage;
    }
    if (request.hasInput(InputUnit.BYTES)) {
      return request.input(InputUnit.BYTES) / charactersPerToken;
    }
    return request.hasInput(InputUnit.IMAGES) ? 0 : DEFAULT_UNKNOWN_INPUT;
  }

  @Override
  public double outputWork(InferenceRequest request) {
    long limit = request.outputLimit();
    return limit == InferenceRequest.NO_LIMIT
        ? expectedOutput
        : Math.min((double) limit, expectedOutput);
  }

  /** Builds a {@link TextCostEstimator}. Not safe for use by several threads at once. */
  public static final class Builder {
    private double charactersPerToken = DEFAULT_CHARACTERS_PER_TOKEN;
    private double tokensPerPage = DEFAULT_TOKENS_PER_PAGE;
    private double tokensPerImage = DEFAULT_TOKENS_PER_IMAGE;
    private double expectedOutput = DEFAULT_EXPECTED_OUTPUT;

    private Builder() {}

    /**
     * Sets the characters per token, 0.1 to 100; by default {@value #DEFAULT_CHARACTERS_PER_TOKEN}.
     */
    public Builder charactersPerToken(double charactersPerToken) {
      if (!(charactersPerToken >= 0.1 && charactersPerToken <= 100)) {
        throw new IllegalArgumentException(
            "charactersPerToken: " + charactersPerToken + " (expected: 0.1 to 100)");
      }
      this.charactersPerToken = charactersPerToken;
      return this;
    }

    /** Sets the tokens per page, 0 or more; by default {@value #DEFAULT_TOKENS_PER_PAGE}. */
    public Builder tokensPerPage(double tokensPerPage) {
      this.tokensPerPage = CostEstimators.work("tokensPerPage", tokensPerPage);
      return this;
    }

    /** Sets the tokens per image, 0 or more; by default {@value #DEFAULT_TOKENS_PER_IMAGE}. */
    public Builder tokensPerImage(double tokensPerImage) {
      this.tokensPerImage = CostEstimators.work("tokensPerImage", tokensPerImage);
      return this;
    }

    /**
     * Sets the expected output in tokens, 0 or more; by default {@value #DEFAULT_EXPECTED_OUTPUT}.
     */
    public Builder expectedOutput(double expectedOutput) {
      this.expectedOutput = CostEstimators.work("expectedOutput", expectedOutput);
      return this;
    }

    /** Builds the estimator. */
    public CostEstimator build() {
      return new TextCostEstimator(this);
    }
  }
}
