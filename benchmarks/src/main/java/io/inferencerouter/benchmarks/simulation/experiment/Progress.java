package io.inferencerouter.benchmarks.simulation.experiment;

/** Is told how far an experiment has come, by several threads at once. */
public interface Progress {
  /** Nobody looks. */
  Progress NONE =
      new Progress() {
        @Override
        public void arrived(long requests) {}

        @Override
        public void finished() {}
      };

  /** More requests have arrived, in any of the runs. */
  void arrived(long requests);

  /** A run has ended. */
  void finished();
}
