package io.inferencerouter.grpc;

import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;

/** A server in a process of its own; see {@link io.inferencerouter.core.testing.ChildServer}. */
public final class GrpcServerProcess {
  /** What it is called. */
  static final String NAME = "child";

  private GrpcServerProcess() {}

  /** Serves until the input ends. */
  public static void main(String[] arguments) throws IOException {
    ExchangeServer server = new ExchangeServer(NAME, Integer.parseInt(arguments[0]));
    try (OutputStream out = new FileOutputStream(FileDescriptor.out)) {
      out.write((server.port() + "\n").getBytes(StandardCharsets.US_ASCII));
    }
    System.in.transferTo(OutputStream.nullOutputStream());
    Runtime.getRuntime().halt(0);
  }
}
