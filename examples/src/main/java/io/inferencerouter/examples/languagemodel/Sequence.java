package io.inferencerouter.examples.languagemodel;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import java.io.IOException;
import java.nio.FloatBuffer;

/**
 * What the model has read so far, as its key/value cache, and what it makes of it. The cache stays
 * in the memory of ONNX Runtime: each run's output is the next run's input. Not safe for use by
 * several threads at once.
 */
public final class Sequence implements AutoCloseable {
  private final TinyKjv model;
  private OrtSession.Result last;
  private int length;

  Sequence(TinyKjv model, OrtSession.Result last, int length) {
    this.model = model;
    this.last = last;
    this.length = length;
  }

  /** How many tokens are in the cache. */
  public int length() {
    return length;
  }

  /** For each token, how likely it comes next, as a logarithm that is not normalised. */
  public float[] logits() throws IOException {
    FloatBuffer values = ((OnnxTensor) last.get(0)).getFloatBuffer(); // closed with the result
    float[] logits = new float[values.remaining()];
    values.get(logits);
    return logits;
  }

  /**
   * Reads one more token.
   *
   * @throws IOException if the model cannot be run
   */
  public void append(long token) throws IOException {
    OrtSession.Result next;
    try {
      next = model.run(new long[] {token}, length, (OnnxTensor) last.get(1));
    } catch (OrtException e) {
      throw new IOException("token " + token + " at position " + length + ": not read", e);
    }
    last.close();
    last = next;
    length++;
  }

  @Override
  public void close() {
    last.close();
  }
}
