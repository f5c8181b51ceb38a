/**
 * A language model that really generates, small enough for a test, behind an OpenAI-compatible
 * server that batches continuously, as inference engines on GPUs do.
 *
 * <pre>
 *   CompletionServer ─▶ BatchingEngine (slots, Pace) ─▶ Sequence (key/value cache) ─▶ TinyKjv
 * </pre>
 */
@NullMarked
package io.inferencerouter.examples.languagemodel;

import org.jspecify.annotations.NullMarked;
