package io.inferencerouter.okhttp;

import java.util.List;
import okhttp3.Protocol;

/** The protocols every test of calls runs on. */
enum Wire {
  HTTP_1_1(Protocol.HTTP_1_1),
  HTTP_2(Protocol.H2_PRIOR_KNOWLEDGE);

  private final Protocol protocol;

  Wire(Protocol protocol) {
    this.protocol = protocol;
  }

  List<Protocol> protocols() {
    return List.of(protocol);
  }
}
