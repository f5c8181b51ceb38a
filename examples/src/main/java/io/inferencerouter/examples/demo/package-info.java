/**
 * The main job, at small scale: requests of very different length go to a fleet of servers, and the
 * router decides which server gets which request. {@link io.inferencerouter.examples.demo.Demo} is
 * the program.
 *
 * <pre>
 *   Demo ─▶ Scenario (documents, chat) ─▶ Loopback fleet ◀─ requests (transport) ─ PolicyRun (workload)
 *                                                                                      └─▶ table, chart, CSV (report)
 * </pre>
 */
@NullMarked
package io.inferencerouter.examples.demo;

import org.jspecify.annotations.NullMarked;
