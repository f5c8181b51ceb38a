/**
 * What came out of it: percentiles, how busy the endpoints were, a table, a chart and a CSV file.
 */
@NullMarked
package io.inferencerouter.examples.demo.report;

import org.jspecify.annotations.NullMarked;
