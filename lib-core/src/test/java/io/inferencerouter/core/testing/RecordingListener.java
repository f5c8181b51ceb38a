package io.inferencerouter.core.testing;

import io.inferencerouter.AttemptRetried;
import io.inferencerouter.AttemptStalled;
import io.inferencerouter.EjectionWithheld;
import io.inferencerouter.EndpointChanged;
import io.inferencerouter.EndpointEjected;
import io.inferencerouter.EndpointReturned;
import io.inferencerouter.FaultIsolated;
import io.inferencerouter.InferenceRequest;
import io.inferencerouter.Lease;
import io.inferencerouter.LeaseReclaimed;
import io.inferencerouter.Outcome;
import io.inferencerouter.RequestShed;
import io.inferencerouter.RouterListener;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/** Writes down every event, in order, as a line. */
public final class RecordingListener implements RouterListener {
  public final List<String> lines = new CopyOnWriteArrayList<>();
  public final List<FaultIsolated> faults = new CopyOnWriteArrayList<>();

  public final List<EndpointEjected> ejected = new CopyOnWriteArrayList<>();
  public final List<EjectionWithheld> withheld = new CopyOnWriteArrayList<>();
  public final List<EndpointReturned> returned = new CopyOnWriteArrayList<>();

  public final List<AttemptStalled> stalled = new CopyOnWriteArrayList<>();
  public final List<LeaseReclaimed> reclaimed = new CopyOnWriteArrayList<>();
  public final List<AttemptRetried> retried = new CopyOnWriteArrayList<>();

  @Override
  public void attemptStalled(AttemptStalled event) {
    stalled.add(event);
  }

  @Override
  public void leaseReclaimed(LeaseReclaimed event) {
    reclaimed.add(event);
  }

  @Override
  public void attemptRetried(AttemptRetried event) {
    retried.add(event);
  }

  @Override
  public void requestQueued(InferenceRequest request) {
    lines.add("queued");
  }

  @Override
  public void leaseAcquired(Lease lease) {
    lines.add("acquired " + lease.endpoint().id());
  }

  @Override
  public void firstToken(Lease lease, long elapsedNanos) {
    lines.add("firstToken " + lease.endpoint().id() + " " + elapsedNanos);
  }

  @Override
  public void leaseCompleted(Lease lease, Outcome outcome, long elapsedNanos) {
    lines.add("completed " + lease.endpoint().id() + " " + outcome.kind() + " " + elapsedNanos);
  }

  @Override
  public void requestShed(RequestShed event) {
    lines.add("shed " + event.reason().getClass().getSimpleName());
  }

  @Override
  public void endpointChanged(EndpointChanged event) {
    String from = event.from().map(Enum::name).orElse("new");
    lines.add(event.endpoint().id() + " " + from + ">" + event.to());
  }

  @Override
  public void endpointEjected(EndpointEjected event) {
    ejected.add(event);
  }

  @Override
  public void ejectionWithheld(EjectionWithheld event) {
    withheld.add(event);
  }

  @Override
  public void endpointReturned(EndpointReturned event) {
    returned.add(event);
  }

  @Override
  public void faultIsolated(FaultIsolated event) {
    faults.add(event);
  }
}
