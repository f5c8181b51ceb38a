package io.inferencerouter.benchmarks.simulation.workload;

import java.util.Locale;

/** The columns of a trace that mean something. */
enum Column {
  T_MS,
  IN_TOK,
  OUT_TOK,
  TENANT,
  SESSION,
  TURN,
  MODEL,
  BLOCKS,
  TEXT_TOK,
  IMAGE_TOK,
  IMAGES,
  THINK_MS,
  WORK_MS,
  REGION,
  PRIORITY;

  /** What it is called in a header. */
  String title() {
    return name().toLowerCase(Locale.ROOT);
  }
}
