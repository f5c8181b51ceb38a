package io.inferencerouter.grpc;

import io.grpc.Metadata;
import io.grpc.Status;
import io.inferencerouter.Endpoint;
import io.inferencerouter.LoadReport;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * What is asked of an endpoint out of band of any request, over the connection that calls use: its
 * health, and its load. It enters without regard to the number of streams.
 */
final class OutOfBand {
  private final EndpointChannels channels;
  private final Endpoint endpoint;

  OutOfBand(EndpointChannels channels, Endpoint endpoint) {
    this.channels = channels;
    this.endpoint = endpoint;
  }

  /** As {@link EndpointChannels#checkHealth}. */
  CompletableFuture<ServingStatus> checkHealth(String service, Duration timeout) {
    try {
      EndpointChannel channel = enter();
      return channel == null
          ? CompletableFuture.failedFuture(Refusal.SHUT_DOWN.status().asRuntimeException())
          : channel.leaveIfItFails(
              () ->
                  HealthCheck.start(
                      channel,
                      channel.headers(endpoint).over(new Metadata()),
                      service,
                      timeout,
                      channel::leave));
    } catch (RuntimeException e) {
      return CompletableFuture.failedFuture(e);
    }
  }

  /**
   * Opens a stream of load reports; null if the channels are closed.
   *
   * @param ended hears when it has ended, and whether it makes sense to open another one
   */
  @Nullable LoadWatch watchLoad(
      Duration interval, Consumer<LoadReport> reports, Consumer<Boolean> ended) {
    EndpointChannel channel = enter();
    if (channel == null) {
      return null;
    }
    LoadWatch watch =
        channel.leaveIfItFails(
            () ->
                LoadWatch.start(
                    channel,
                    channel.headers(endpoint).over(new Metadata()),
                    interval,
                    reports,
                    (ofItself, status) -> {
                      channel.watchEnded(ofItself);
                      ended.accept(
                          status.getCode() != Status.Code.UNIMPLEMENTED && !channel.isRetired());
                    }));
    channel.watched(watch);
    return watch;
  }

  private @Nullable EndpointChannel enter() {
    while (true) {
      EndpointChannel channel = channels.channel(endpoint, Set::of);
      if (channel == null || channel.enterAlways()) {
        return channel;
      }
      channels.forget(endpoint, channel);
    }
  }
}
