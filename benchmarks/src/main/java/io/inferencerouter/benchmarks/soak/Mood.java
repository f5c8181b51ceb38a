package io.inferencerouter.benchmarks.soak;

/** How a server answers for a while. */
enum Mood {
  /** As it should. */
  WELL,
  /** As it should, but late. */
  SLOW,
  /** With status 503. */
  FAILING,
  /** With status 429, sometimes saying for how long. */
  LIMITING,
  /** With a reset of the connection in place of an answer. */
  RESETTING,
  /** With half an answer and a reset. */
  CUTTING,
  /** Not at all. */
  SILENT
}
