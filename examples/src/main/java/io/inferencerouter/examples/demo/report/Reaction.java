package io.inferencerouter.examples.demo.report;

/**
 * What a router did about faults.
 *
 * @param retried how many attempts failed and were made again
 * @param ejected how often an endpoint was kept from requests for a while
 */
public record Reaction(long retried, long ejected) {}
