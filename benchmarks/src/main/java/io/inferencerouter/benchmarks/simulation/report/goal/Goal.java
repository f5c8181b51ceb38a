package io.inferencerouter.benchmarks.simulation.report.goal;

/**
 * Something to be reached.
 *
 * @param title what, and how it is judged
 * @param measured what was found, and where it is worst
 */
public record Goal(String title, String measured, Verdict verdict) {
  /** Whether it is reached. */
  public enum Verdict {
    /** It is. */
    MET("met"),
    /** It is not. */
    MISSED("not met"),
    /** There is no limit to be kept. */
    STATED("stated"),
    /** The plan has no run that tells. */
    NOT_RUN("not run");

    private final String text;

    Verdict(String text) {
      this.text = text;
    }

    @Override
    public String toString() {
      return text;
    }
  }

  static Goal of(String title, String measured, boolean isMet) {
    return new Goal(title, measured, isMet ? Verdict.MET : Verdict.MISSED);
  }

  static Goal notRun(String title) {
    return new Goal(title, "no run of this plan tells", Verdict.NOT_RUN);
  }
}
