package io.inferencerouter.okhttp.fault;

/** What happens to a connection. */
public interface Fault {
  /**
   * Deals with a connection, step by step; it is closed afterwards.
   *
   * @throws java.io.IOException when the other side has gone away, which is no failure of a test
   */
  void befall(Link link) throws Exception;
}
