/** Results as JSON, CSV, tables, charts, a report, and golden numbers. */
@NullMarked
package io.inferencerouter.benchmarks.simulation.report;

import org.jspecify.annotations.NullMarked;
