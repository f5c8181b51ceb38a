package io.inferencerouter.examples.embedding;

/**
 * The embedding of one text.
 *
 * @param vector {@link MiniLm#DIMENSIONS} numbers, scaled to length one
 * @param tokens how many tokens the model read
 */
@SuppressWarnings("ArrayRecordComponent") // a carrier between two methods, never compared
public record Embedding(float[] vector, int tokens) {}
