package io.inferencerouter.examples.model;

import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import java.io.IOException;
import java.io.InputStream;

/** Loads models into ONNX Runtime. */
public final class OnnxSession {
  private OnnxSession() {}

  /**
   * Loads a model so that each run computes on the calling thread alone.
   *
   * @param owner the class beside which the file lies
   * @param name the file, as of {@link ClassPathFile#open}
   * @throws IOException if the file is missing or ONNX Runtime rejects the model
   */
  public static OrtSession load(Class<?> owner, String name) throws IOException {
    try (InputStream model = ClassPathFile.open(owner, name);
        OrtSession.SessionOptions options = new OrtSession.SessionOptions()) {
      options.setIntraOpNumThreads(1);
      options.setInterOpNumThreads(1);
      options.addConfigEntry("session.intra_op.allow_spinning", "0");
      return OrtEnvironment.getEnvironment().createSession(model.readAllBytes(), options);
    } catch (OrtException e) {
      throw new IOException("model " + name + ": not accepted by ONNX Runtime", e);
    }
  }
}
