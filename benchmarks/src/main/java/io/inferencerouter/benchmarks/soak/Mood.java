package io.inferencerouter.benchmarks.soak;

/** How a server answers for a while. */
enum Mood {
  /** As it should. */
  WELL,
  /** As it should, but late. */
  SLOW,
  /** That it is not able to: with status 503, UNAVAILABLE over gRPC. */
  FAILING,
  /** With status 429, RESOURCE_EXHAUSTED over gRPC, sometimes saying for how long. */
  LIMITING,
  /** With a reset of the connection, over gRPC of the call, in place of an answer. */
  RESETTING,
  /** With half an answer and a reset, UNAVAILABLE over gRPC. */
  CUTTING,
  /** Not at all. */
  SILENT
}
