/**
 * The main job, at small scale: documents of very different length are embedded by a fleet of
 * servers, and the router decides which server gets which document. {@link
 * io.inferencerouter.examples.demo.Demo} is the program.
 *
 * <pre>
 *   Demo ─▶ Loopback fleet (engine) ◀─ requests ─ PolicyRun (workload) ─▶ table, chart, CSV (report)
 * </pre>
 */
@NullMarked
package io.inferencerouter.examples.demo;

import org.jspecify.annotations.NullMarked;
