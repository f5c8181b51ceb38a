package io.inferencerouter.examples.demo.transport;

import java.util.Locale;

/** The ways for requests to choose from. */
public enum Transport {
  /** HTTP/1.1 with JSON, sent by OkHttp. */
  HTTP,
  /** gRPC, that is HTTP/2 with protocol buffers. */
  GRPC;

  /** The name in lower case, as in the options. */
  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }
}
