package io.inferencerouter.examples.loopback;

import io.inferencerouter.HardwareProfile;
import java.net.URI;
import java.util.List;

/**
 * A running server of a real model that stands for a GPU of a stated speed, and serves a fixed
 * number of requests at a time.
 */
public interface ModelServer extends AutoCloseable {
  /** The header with the endpoint's name, which is in every answer. */
  String SERVED_BY = "x-served-by";

  /** The endpoint's name. */
  String name();

  /** The name of the model. */
  String model();

  /** How many requests it serves at a time; the others wait in the order in which they came. */
  int slots();

  /** The stated speed, as its owner would declare it to a router. */
  HardwareProfile profile();

  /** The base address, without the {@code /v1} of the interface. */
  URI uri();

  /** Removes and returns what was served since the last call, in the order in which it ended. */
  List<Served> takeServed();

  @Override
  void close();
}
