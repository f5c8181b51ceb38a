package io.inferencerouter.grpc;

import io.grpc.CallOptions;
import io.grpc.ClientCall;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.MethodDescriptor.MethodType;
import io.grpc.Status;
import io.inferencerouter.LoadReport;
import io.inferencerouter.core.load.OrcaLoadReport;
import io.inferencerouter.grpc.internal.wire.BytesMarshaller;
import io.inferencerouter.grpc.internal.wire.OrcaMessages;
import java.time.Duration;
import java.util.function.BiConsumer;
import java.util.function.Consumer;

/**
 * One stream of load reports of an endpoint: {@code
 * xds.service.orca.v3.OpenRcaService/StreamCoreMetrics}, out of band of any request. It has ended
 * when the server or the caller ends it.
 */
final class LoadWatch extends ClientCall.Listener<byte[]> {
  private static final MethodDescriptor<byte[], byte[]> STREAM_CORE_METRICS =
      MethodDescriptor.<byte[], byte[]>newBuilder()
          .setType(MethodType.SERVER_STREAMING)
          .setFullMethodName("xds.service.orca.v3.OpenRcaService/StreamCoreMetrics")
          .setRequestMarshaller(new BytesMarshaller())
          .setResponseMarshaller(new BytesMarshaller())
          .setSafe(true)
          .setIdempotent(true)
          .build();

  private final ClientCall<byte[], byte[]> call;
  private final Consumer<LoadReport> reports;
  private final BiConsumer<LoadWatch, Status> ended;
  private volatile boolean over;

  private LoadWatch(
      ClientCall<byte[], byte[]> call,
      Consumer<LoadReport> reports,
      BiConsumer<LoadWatch, Status> ended) {
    this.call = call;
    this.reports = reports;
    this.ended = ended;
  }

  /** Asks for a report at every interval. */
  static LoadWatch start(
      EndpointChannel channel,
      Metadata headers,
      Duration interval,
      Consumer<LoadReport> reports,
      BiConsumer<LoadWatch, Status> ended) {
    ClientCall<byte[], byte[]> call =
        channel.channel().newCall(STREAM_CORE_METRICS, CallOptions.DEFAULT.withWaitForReady());
    LoadWatch watch = new LoadWatch(call, reports, ended);
    call.start(watch, headers);
    call.request(1);
    call.sendMessage(OrcaMessages.request(interval));
    call.halfClose();
    return watch;
  }

  boolean hasEnded() {
    return over;
  }

  void cancel() {
    call.cancel("the reports are not wanted any more", null);
  }

  @Override
  public void onMessage(byte[] message) {
    LoadReport report = OrcaLoadReport.parse(message);
    if (!report.isEmpty()) {
      reports.accept(report);
    }
    call.request(1);
  }

  @Override
  public void onClose(Status status, Metadata trailers) {
    over = true;
    ended.accept(this, status);
  }
}
