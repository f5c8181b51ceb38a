package io.inferencerouter.okhttp;

import io.inferencerouter.core.testing.Waiting;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import okhttp3.Call;
import okhttp3.Dns;
import okhttp3.EventListener;

/** Looks a name up until the call is cancelled that wants to know; cannot be interrupted. */
final class SlowLookup extends EventListener implements Dns {
  private final CountDownLatch cancelled = new CountDownLatch(1);
  private final Runnable begun;

  /**
   * Creates one.
   *
   * @param begun is run when a look-up begins
   */
  SlowLookup(Runnable begun) {
    this.begun = begun;
  }

  @Override
  public void canceled(Call call) {
    cancelled.countDown();
  }

  @Override
  public List<InetAddress> lookup(String host) throws UnknownHostException {
    begun.run();
    try {
      Waiting.await(cancelled, "the call to be cancelled");
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt(); // and so it is
    }
    return Dns.SYSTEM.lookup("localhost");
  }
}
