package io.inferencerouter.examples.embedding;

import ai.djl.huggingface.tokenizers.Encoding;
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
import java.util.concurrent.Semaphore;

/**
 * The sentence embedding model all-MiniLM-L6-v2 (quantised), run in this process by ONNX Runtime.
 *
 * <p>A text becomes the mean of its token vectors, scaled to length one, as the model's authors
 * define it. Each call computes on the calling thread alone; at most as many calls as the machine
 * has processors compute at a time, the others wait their turn. Safe for use by many threads.
 *
 * @see <a href="https://huggingface.co/sentence-transformers/all-MiniLM-L6-v2">The model card</a>
 */
public final class MiniLm implements AutoCloseable {
  /** The name under which the servers offer the model. */
  public static final String NAME = "all-minilm-l6-v2";

  /** The length of every embedding. */
  public static final int DIMENSIONS = 384;

  private static final String MODEL = "/all-minilm-l6-v2-q.onnx";
  private static final String TOKENIZER = "/all-minilm-l6-v2-q-tokenizer.json";

  /** The longest text in tokens; the tokenizer cuts what is longer. */
  private static final int MAX_TOKENS = 512;

  private final OrtEnvironment environment = OrtEnvironment.getEnvironment();
  private final OrtSession session;
  private final HuggingFaceTokenizer tokenizer;
  private final Semaphore processors =
      new Semaphore(Runtime.getRuntime().availableProcessors(), true);

  private MiniLm(OrtSession session, HuggingFaceTokenizer tokenizer) {
    this.session = session;
    this.tokenizer = tokenizer;
  }

  /**
   * Loads model and tokenizer from the class path.
   *
   * @throws IOException if a file is missing or ONNX Runtime rejects the model
   */
  public static MiniLm load() throws IOException {
    HuggingFaceTokenizer tokenizer;
    try (InputStream json = ClassPathFile.open(MiniLm.class, TOKENIZER)) {
      tokenizer =
          HuggingFaceTokenizer.newInstance(
              json,
              Map.of(
                  "padding",
                  "false",
                  "truncation",
                  "true",
                  "maxLength",
                  Integer.toString(MAX_TOKENS),
                  "modelMaxLength",
                  Integer.toString(MAX_TOKENS)));
    }
    try {
      return new MiniLm(OnnxSession.load(MiniLm.class, MODEL), tokenizer);
    } catch (IOException e) {
      tokenizer.close();
      throw e;
    }
  }

  /** Counts the tokens that the model would read, with the two that mark start and end. */
  public int tokens(String text) {
    return tokenizer.encode(text).getIds().length;
  }

  /**
   * Computes the embedding of a text.
   *
   * @throws IOException if the model cannot be run
   * @throws InterruptedException if the thread is interrupted while it waits for a processor
   */
  public Embedding embed(String text) throws IOException, InterruptedException {
    Encoding encoding = tokenizer.encode(text);
    processors.acquire();
    try {
      return new Embedding(run(encoding), encoding.getIds().length);
    } catch (OrtException e) {
      throw new IOException("text of " + text.length() + " characters: not embedded", e);
    } finally {
      processors.release();
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

  private float[] run(Encoding encoding) throws OrtException {
    try (OnnxTensor ids = tensor(encoding.getIds());
        OnnxTensor mask = tensor(encoding.getAttentionMask());
        OnnxTensor types = tensor(encoding.getTypeIds());
        OrtSession.Result result =
            session.run(
                Map.of("input_ids", ids, "attention_mask", mask, "token_type_ids", types))) {
      OnnxTensor states = (OnnxTensor) result.get(0); // closed with the result
      return normalised(sum(states.getFloatBuffer()));
    }
  }

  private OnnxTensor tensor(long[] values) throws OrtException {
    return OnnxTensor.createTensor(
        environment, LongBuffer.wrap(values), new long[] {1, values.length});
  }

  /** Adds up the token vectors; scaled to length one, their sum is their mean. */
  private static float[] sum(FloatBuffer states) {
    float[] sum = new float[DIMENSIONS];
    while (states.hasRemaining()) {
      for (int i = 0; i < DIMENSIONS; i++) {
        sum[i] += states.get();
      }
    }
    return sum;
  }

  private static float[] normalised(float[] vector) {
    double squares = 0;
    for (float x : vector) {
      squares += (double) x * x;
    }
    float length = (float) Math.sqrt(squares);
    for (int i = 0; i < vector.length; i++) {
      vector[i] /= length;
    }
    return vector;
  }
}
