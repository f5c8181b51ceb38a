package io.inferencerouter.okhttp;

import io.inferencerouter.InferenceRequest;
import io.inferencerouter.okhttp.internal.json.JsonFields;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import okhttp3.Request;

/**
 * Classifies requests by rules: by host, path, headers and fields of the JSON body.
 *
 * <pre>{@code
 * RequestClassifier classifier =
 *     ClassificationRules.builder()
 *         .rule(
 *             ClassificationRule.builder()
 *                 .path("/v1/ocr/**")
 *                 .model("ocr-large")
 *                 .task("ocr")
 *                 .inputFromHeader(InputUnit.PAGES, "X-Pages")
 *                 .build())
 *         .rule(
 *             ClassificationRule.builder()
 *                 .path("/v1/predict")
 *                 .modelFromJson("/parameters/model")
 *                 .build())
 *         .rule(
 *             ClassificationRule.builder()
 *                 .tenantFromHeader("X-Tenant")
 *                 .priorityFromHeader("X-Priority")
 *                 .build())
 *         .build();
 * }</pre>
 *
 * <p>All rules that match are applied. Where several set the same, the first of them wins, so
 * special rules come before general ones; where a rule finds nothing, such as a header that is
 * missing or has a value that cannot be used, the next one is asked. What no rule sets is as
 * another classifier says, by default {@link InferenceApiClassifier}.
 *
 * <p>The body is read for rules only if one of them asks for a field of it, at most {@link
 * Builder#maxScannedBytes} of it, and under the same conditions as by {@link
 * InferenceApiClassifier}: fields of a body that is no JSON, is encoded or can be written only once
 * are missing.
 *
 * <p>Immutable, and safe for use by many threads.
 */
public final class ClassificationRules implements RequestClassifier {
  private final List<ClassificationRule> rules;
  private final RequestClassifier otherwise;
  private final JsonFields fields;
  private final int maxScannedBytes;

  private ClassificationRules(Builder builder) {
    rules = List.copyOf(builder.rules);
    otherwise = builder.otherwise;
    maxScannedBytes = builder.maxScannedBytes;
    Set<String> pointers = new HashSet<>();
    rules.forEach(rule -> pointers.addAll(rule.pointers()));
    fields = JsonFields.of(pointers);
  }

  /** Starts without rules. */
  public static Builder builder() {
    return new Builder();
  }

  @Override
  public InferenceRequest classify(Request request) {
    RuleInput input = new RuleInput(request, fields, maxScannedBytes);
    InferenceRequest.Builder inference = otherwise.classify(request).toBuilder();
    Set<String> set = new HashSet<>();
    for (ClassificationRule rule : rules) {
      rule.apply(input, inference, set);
    }
    return inference.build();
  }

  /** Builds {@link ClassificationRules}. Not safe for use by several threads at once. */
  public static final class Builder {
    private final List<ClassificationRule> rules = new ArrayList<>();
    private RequestClassifier otherwise = InferenceApiClassifier.create();
    private int maxScannedBytes = InferenceApiClassifier.DEFAULT_MAX_SCANNED_BYTES;

    private Builder() {}

    /** Adds a rule, after those that were added before. */
    public Builder rule(ClassificationRule rule) {
      rules.add(Objects.requireNonNull(rule, "rule"));
      return this;
    }

    /**
     * Sets who says what no rule sets; by default as {@link InferenceApiClassifier#create()} does.
     */
    public Builder otherwise(RequestClassifier classifier) {
      otherwise = Objects.requireNonNull(classifier, "classifier");
      return this;
    }

    /**
     * Limits how much of a body is read for the fields that rules ask for, in bytes, {@value
     * InferenceApiClassifier#MIN_SCANNED_BYTES} to {@value
     * InferenceApiClassifier#MAX_SCANNED_BYTES}; by default {@value
     * InferenceApiClassifier#DEFAULT_MAX_SCANNED_BYTES}. Fields beyond are missing.
     */
    public Builder maxScannedBytes(int maxScannedBytes) {
      this.maxScannedBytes =
          (int)
              Names.range(
                  "maxScannedBytes",
                  maxScannedBytes,
                  InferenceApiClassifier.MIN_SCANNED_BYTES,
                  InferenceApiClassifier.MAX_SCANNED_BYTES);
      return this;
    }

    /** Builds the classifier. */
    public ClassificationRules build() {
      return new ClassificationRules(this);
    }
  }
}
