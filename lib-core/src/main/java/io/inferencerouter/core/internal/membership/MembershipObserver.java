package io.inferencerouter.core.internal.membership;

import io.inferencerouter.EndpointChanged;
import io.inferencerouter.EndpointEjected;
import io.inferencerouter.EndpointReturned;
import io.inferencerouter.Revocation;
import io.inferencerouter.core.internal.state.EndpointState;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** Hears of changes of the membership, one after the other, in the order in which they happened. */
public interface MembershipObserver {
  /** An endpoint entered another stage of its life. */
  void changed(EndpointChanged event);

  /** An endpoint was ejected, or for longer than before. */
  void ejected(EndpointEjected event);

  /** What is on an endpoint is to be taken back. */
  void withdrawn(EndpointState state, Revocation why);

  /** An ejection has ended. */
  void returned(EndpointReturned event);

  /**
   * The drain of an endpoint has ended: by its removal, or because the endpoint was added again.
   */
  void drained(CompletableFuture<@Nullable Void> drained, boolean removed);
}
