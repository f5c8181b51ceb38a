/** The public contracts of the inference router; depends on the JDK only. */
module io.inferencerouter {
  requires static org.jspecify;

  exports io.inferencerouter;
}
