package io.inferencerouter.examples.languagemodel;

import ai.djl.huggingface.tokenizers.HuggingFaceTokenizer;
import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import io.inferencerouter.examples.model.ClassPathFile;
import io.inferencerouter.examples.model.OnnxSession;
import java.io.IOException;
import java.io.InputStream;
import java.nio.FloatBuffer;
import java.nio.LongBuffer;
import java.util.Map;

/**
 * The language model tiny-kjv, run in this process by ONNX Runtime: 0.93 million parameters, a
 * context of {@value #CONTEXT} tokens, trained on the King James Bible. It writes text like that,
 * without sense.
 *
 * <p>Each call computes on the calling thread alone. Safe for use by many threads; a {@link
 * Sequence} is not.
 */
public final class TinyKjv implements AutoCloseable {
  /** The name under which servers offer the model. */
  public static final String NAME = "tiny-kjv";

  /** The most tokens of prompt and answer together. */
  public static final int CONTEXT = 1024;

  /** The token that ends a text. */
  static final long END_OF_TEXT = 1;

  private static final String MODEL = "tiny-kjv.onnx";
  private static final String TOKENIZER = "tokenizer.json";

  /** Layers, key and value, heads, cached positions, size of a head. */
  private static final long[] EMPTY_CACHE = {4, 2, 4, 0, 32};

  private final OrtEnvironment environment = OrtEnvironment.getEnvironment();
  private final OrtSession session;
  private final HuggingFaceTokenizer tokenizer;

  private TinyKjv(OrtSession session, HuggingFaceTokenizer tokenizer) {
    this.session = session;
    this.tokenizer = tokenizer;
  }

  /**
   * Loads model and tokenizer from the class path.
   *
   * @throws IOException if a file is missing or ONNX Runtime rejects the model
   */
  public static TinyKjv load() throws IOException {
    HuggingFaceTokenizer tokenizer;
    try (InputStream json = ClassPathFile.open(TinyKjv.class, TOKENIZER)) {
      // What is too long is refused, not cut
      tokenizer =
          HuggingFaceTokenizer.newInstance(
              json, Map.of("truncation", "false", "modelMaxLength", Integer.toString(CONTEXT)));
    }
    try {
      return new TinyKjv(OnnxSession.load(TinyKjv.class, MODEL), tokenizer);
    } catch (IOException e) {
      tokenizer.close();
      throw e;
    }
  }

  /** The tokens of a text. */
  public long[] encode(String text) {
    return tokenizer.encode(text).getIds();
  }

  /** The text of tokens. What is not, or not yet, a character becomes U+FFFD. */
  public String decode(long... tokens) {
    return tokenizer.decode(tokens);
  }

  /**
   * Reads a prompt.
   *
   * @param tokens 1 to {@link #CONTEXT} of them
   * @return the sequence, to be closed by the caller
   * @throws IOException if the model cannot be run
   */
  public Sequence read(long[] tokens) throws IOException {
    try (OnnxTensor empty =
        OnnxTensor.createTensor(environment, FloatBuffer.allocate(0), EMPTY_CACHE)) {
      return new Sequence(this, run(tokens, 0, empty), tokens.length);
    } catch (OrtException e) {
      throw new IOException("prompt of " + tokens.length + " tokens: not read", e);
    }
  }

  @Override
  public void close() throws IOException {
    tokenizer.close();
    try {
      session.close();
    } catch (OrtException e) {
      throw new IOException("model: not closed", e);
    }
  }

  /** Runs the model over tokens that come after those in the cache. */
  OrtSession.Result run(long[] tokens, int firstPosition, OnnxTensor cache) throws OrtException {
    long[] positions = new long[tokens.length];
    for (int i = 0; i < positions.length; i++) {
      positions[i] = (long) firstPosition + i;
    }
    try (OnnxTensor ids = tensor(tokens, 1, tokens.length);
        OnnxTensor pos = tensor(positions, positions.length)) {
      return session.run(Map.of("ids", ids, "pos", pos, "past", cache));
    }
  }

  private OnnxTensor tensor(long[] values, long... shape) throws OrtException {
    return OnnxTensor.createTensor(environment, LongBuffer.wrap(values), shape);
  }
}
