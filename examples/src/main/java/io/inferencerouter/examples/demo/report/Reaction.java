package io.inferencerouter.examples.demo.report;

/**
 * What a router did about faults.
 *
 * @param retried how many attempts failed and were made again
 * @param moved how many attempts had not failed, but were taken back and made elsewhere: their
 *     endpoint was ejected or removed, or did not begin to answer
 * @param ejected how often an endpoint was kept from requests for a while
 */
public record Reaction(long retried, long moved, long ejected) {}
