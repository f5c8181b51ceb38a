package io.inferencerouter.core.cost;

import io.inferencerouter.CostEstimator;
import io.inferencerouter.InferenceRequest;
import io.inferencerouter.InputUnit;
import io.inferencerouter.Usage;
import io.inferencerouter.core.internal.learning.EvidenceTable;
import org.jspecify.annotations.Nullable;

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
 *
 * <h2>Settlement</h2>
 *
 * <p>What is set here is where it starts. Answers that report their usage teach the estimator the
 * expected output of each model, tenant and task, and, for each model, the tokens in a character, a
 * page and a byte. Older evidence fades as newer comes. A setting weighs as much as {@value
 * #PRIOR_REQUESTS} answers; a tenant with few answers is taken to be like the others with the same
 * task, and a task with few answers like the model's others. The memory is bounded: {@value
 * #REMEMBERED} models, tenants and tasks are remembered, the others share what is set.
 *
 * <p>What is learned belongs to this instance. Safe for use by many threads, and lock-free.
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

  /**
   * The default {@link CostEstimator#doublingInput}, in tokens: where published measurements of
   * models between 7 and 70 billion parameters lie, on A100 and H100 (Vidur, MLSys 2024;
   * AIConfigurator).
   */
  public static final double DEFAULT_DOUBLING_INPUT = 40_000;

  /** The input of a request that states no size, in tokens. */
  public static final double DEFAULT_UNKNOWN_INPUT = 500;

  /** How many models, tenants and tasks are remembered. */
  private static final int REMEMBERED = 4096;

  private static final double UNKNOWN = -1;
  private static final float PRIOR_REQUESTS = 3;

  /** After so many answers, evidence begins to fade. */
  private static final float WINDOW_REQUESTS = 200;

  /** The input of a request that counts as one, in tokens. */
  private static final float TYPICAL_INPUT = 500;

  /** Output units by model, tenant and task, by model and task, and by model: output, requests. */
  private final EvidenceTable outputs =
      new EvidenceTable(REMEMBERED, PRIOR_REQUESTS, WINDOW_REQUESTS);

  /** Input tokens by model and unit: reported, as set. */
  private final EvidenceTable inputs =
      new EvidenceTable(
          REMEMBERED, PRIOR_REQUESTS * TYPICAL_INPUT, WINDOW_REQUESTS * TYPICAL_INPUT);

  /**
   * Whether any output was learned; until then there is nothing to look up. Plain: a thread that
   * sees it late does without what was learned meanwhile.
   */
  private boolean hasSettled;

  private final double charactersPerToken;
  private final double tokensPerPage;
  private final double tokensPerImage;
  private final double expectedOutput;
  private final double doublingInput;

  private TextCostEstimator(Builder builder) {
    charactersPerToken = builder.charactersPerToken;
    tokensPerPage = builder.tokensPerPage;
    tokensPerImage = builder.tokensPerImage;
    expectedOutput = builder.expectedOutput;
    doublingInput = builder.doublingInput;
  }

  /** Starts an estimator with the defaults. */
  public static Builder builder() {
    return new Builder();
  }

  @Override
  public double doublingInput() {
    return doublingInput;
  }

  @Override
  public double inputWork(InferenceRequest request) {
    return textTokens(request) + request.input(InputUnit.IMAGES) * tokensPerImage;
  }

  private double textTokens(InferenceRequest request) {
    if (request.hasInput(InputUnit.TOKENS)) {
      return request.input(InputUnit.TOKENS);
    }
    InputUnit unit = unit(request);
    return unit == null
        ? request.hasInput(InputUnit.IMAGES) ? 0 : DEFAULT_UNKNOWN_INPUT
        : asSet(request, unit) * bias(request.model(), unit);
  }

  /** The unit that stands for the tokens; null if there is none. */
  private static @Nullable InputUnit unit(InferenceRequest request) {
    if (request.hasInput(InputUnit.CHARACTERS)) {
      return InputUnit.CHARACTERS;
    }
    if (request.hasInput(InputUnit.PAGES)) {
      return InputUnit.PAGES;
    }
    return request.hasInput(InputUnit.BYTES) ? InputUnit.BYTES : null;
  }

  private double asSet(InferenceRequest request, InputUnit unit) {
    return unit == InputUnit.PAGES
        ? request.input(unit) * tokensPerPage
        : request.input(unit) / charactersPerToken;
  }

  private double bias(String model, InputUnit unit) {
    return inputs.mean(EvidenceTable.key(model, unit.name()), 1);
  }

  @Override
  public double outputWork(InferenceRequest request) {
    long limit = request.outputLimit();
    if (limit == 0) {
      return 0;
    }
    double expected =
        hasSettled ? ofTenant(request.model(), request.tenant(), request.task()) : expectedOutput;
    return limit == InferenceRequest.NO_LIMIT ? expected : Math.min((double) limit, expected);
  }

  /** The expected output of a tenant with a task; as far as that is not known, of all tenants. */
  private double ofTenant(String model, String tenant, String task) {
    if (!tenant.isEmpty()) {
      double known = outputs.mean(EvidenceTable.key(model, tenant, task), UNKNOWN);
      if (known != UNKNOWN) {
        return known;
      }
    }
    return ofTask(model, task);
  }

  private double ofTask(String model, String task) {
    if (!task.isEmpty()) {
      double known = outputs.mean(EvidenceTable.key(model, "", task), UNKNOWN);
      if (known != UNKNOWN) {
        return known;
      }
    }
    return ofModel(model);
  }

  private double ofModel(String model) {
    return outputs.mean(EvidenceTable.key(model, ""), expectedOutput);
  }

  @Override
  public void settle(InferenceRequest request, Usage usage) {
    if (!usage.isKnown()) {
      return;
    }
    if (request.outputLimit() != 0) {
      settleOutput(request.model(), request.tenant(), request.task(), (float) usage.outputUnits());
    }
    InputUnit unit = request.hasInput(InputUnit.TOKENS) ? null : unit(request);
    if (unit != null && request.input(InputUnit.IMAGES) == 0 && usage.inputUnits() > 0) {
      double asSet = asSet(request, unit);
      if (asSet > 0) {
        // No text has more than a token in a byte, nor fewer than one in some dozens of characters.
        double reported = Math.max(asSet / 20, Math.min(asSet * 20, (double) usage.inputUnits()));
        inputs.add(
            EvidenceTable.key(request.model(), unit.name()), (float) reported, (float) asSet, 1);
      }
    }
  }

  /** Adds an answer to each level, on which the ones above it were not changed by it yet. */
  private void settleOutput(String model, String tenant, String task, float output) {
    if (!hasSettled) {
      hasSettled = true;
    }
    if (!tenant.isEmpty()) {
      outputs.add(EvidenceTable.key(model, tenant, task), output, 1, ofTask(model, task));
    }
    if (!task.isEmpty()) {
      outputs.add(EvidenceTable.key(model, "", task), output, 1, ofModel(model));
    }
    outputs.add(EvidenceTable.key(model, ""), output, 1, expectedOutput);
  }

  /** Builds a {@link TextCostEstimator}. Not safe for use by several threads at once. */
  public static final class Builder {
    private double charactersPerToken = DEFAULT_CHARACTERS_PER_TOKEN;
    private double tokensPerPage = DEFAULT_TOKENS_PER_PAGE;
    private double tokensPerImage = DEFAULT_TOKENS_PER_IMAGE;
    private double expectedOutput = DEFAULT_EXPECTED_OUTPUT;
    private double doublingInput = DEFAULT_DOUBLING_INPUT;

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

    /**
     * Sets the input, in tokens, whose tokens take twice as long as those of a short one, above 0;
     * infinite if time goes with size alone. By default {@value #DEFAULT_DOUBLING_INPUT}.
     */
    public Builder doublingInput(double doublingInput) {
      if (!(doublingInput > 0)) {
        throw new IllegalArgumentException(
            "doublingInput: " + doublingInput + " (expected: above 0)");
      }
      this.doublingInput = doublingInput;
      return this;
    }

    /** Builds the estimator. */
    public CostEstimator build() {
      return new TextCostEstimator(this);
    }
  }
}
