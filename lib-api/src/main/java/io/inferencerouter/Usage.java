package io.inferencerouter;

import java.util.Objects;

/** What a request really took, as the endpoint reported it, in the model's units. Immutable. */
public final class Usage {
  private static final Usage UNKNOWN = new Usage(-1, -1, -1);

  private final long inputUnits;
  private final long outputUnits;
  private final long cachedInputUnits;

  private Usage(long inputUnits, long outputUnits, long cachedInputUnits) {
    this.inputUnits = inputUnits;
    this.outputUnits = outputUnits;
    this.cachedInputUnits = cachedInputUnits;
  }

  /** Nothing was reported. */
  public static Usage unknown() {
    return UNKNOWN;
  }

  /**
   * Input and output as reported.
   *
   * @param inputUnits 0 or more
   * @param outputUnits 0 or more
   */
  public static Usage of(long inputUnits, long outputUnits) {
    return new Usage(
        Require.range("inputUnits", inputUnits, 0, InferenceRequest.MAX_SIZE),
        Require.range("outputUnits", outputUnits, 0, InferenceRequest.MAX_SIZE),
        -1);
  }

  /**
   * The same, with the part of the input that came out of the endpoint's prefix cache; 0 or more.
   */
  public Usage withCachedInput(long cachedInputUnits) {
    return new Usage(
        inputUnits,
        outputUnits,
        Require.range("cachedInputUnits", cachedInputUnits, 0, InferenceRequest.MAX_SIZE));
  }

  /** Whether input and output are known. */
  public boolean isKnown() {
    return inputUnits >= 0;
  }

  /** The input; 0 when not known. */
  public long inputUnits() {
    return Math.max(0, inputUnits);
  }

  /** The output; 0 when not known. */
  public long outputUnits() {
    return Math.max(0, outputUnits);
  }

  /** Whether it was reported how much of the input was cached. */
  public boolean isCachedInputKnown() {
    return cachedInputUnits >= 0;
  }

  /** The part of the input that was cached; 0 when not known. */
  public long cachedInputUnits() {
    return Math.max(0, cachedInputUnits);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Usage that
        && inputUnits == that.inputUnits
        && outputUnits == that.outputUnits
        && cachedInputUnits == that.cachedInputUnits;
  }

  @Override
  public int hashCode() {
    return Objects.hash(inputUnits, outputUnits, cachedInputUnits);
  }

  @Override
  public String toString() {
    if (!isKnown()) {
      return "Usage[unknown]";
    }
    String cached = isCachedInputKnown() ? ", cached " + cachedInputUnits : "";
    return "Usage[input " + inputUnits + ", output " + outputUnits + cached + "]";
  }
}
