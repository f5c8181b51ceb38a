package io.inferencerouter.examples.demo.transport;

import com.google.protobuf.InvalidProtocolBufferException;
import io.grpc.ManagedChannel;
import io.grpc.Status;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.grpc.stub.StreamObserver;
import io.inferencerouter.Endpoint;
import io.inferencerouter.InferenceRequest;
import io.inferencerouter.InferenceRouter;
import io.inferencerouter.InputUnit;
import io.inferencerouter.examples.demo.workload.Answer;
import io.inferencerouter.examples.demo.workload.Job;
import io.inferencerouter.examples.demo.workload.Sender;
import io.inferencerouter.examples.demo.workload.ServerTiming;
import io.inferencerouter.examples.grpc.Vectors;
import io.inferencerouter.grpc.EndpointChannels;
import io.inferencerouter.grpc.GrpcRequest;
import io.inferencerouter.grpc.KServeClassifier;
import io.inferencerouter.grpc.RoutingChannel;
import io.inferencerouter.kserve.GRPCInferenceServiceGrpc;
import io.inferencerouter.kserve.GRPCInferenceServiceGrpc.GRPCInferenceServiceStub;
import io.inferencerouter.kserve.InferParameter;
import io.inferencerouter.kserve.ModelInferRequest;
import io.inferencerouter.kserve.ModelInferResponse;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Sends bodies that are messages of the Open Inference Protocol with gRPC, over one connection of
 * its own to each endpoint.
 *
 * <p>As the answer's status it notes that of HTTP, which for gRPC is 200 whenever there is an
 * answer; any status of gRPC other than OK is a failure.
 */
public final class GrpcSender implements Sender {
  /** The parameter of an answer with the time for which the request waited, in milliseconds. */
  public static final String QUEUE_MILLIS = "queue_ms";

  /** The parameter of an answer with the time for which it was served, in milliseconds. */
  public static final String SERVICE_MILLIS = "service_ms";

  private static final int OK = 200;

  private final RoutingChannel channel;
  private final GRPCInferenceServiceStub stub;

  private GrpcSender(RoutingChannel channel) {
    this.channel = channel;
    this.stub = GRPCInferenceServiceGrpc.newStub(channel);
  }

  /**
   * Creates a sender with channels of its own.
   *
   * @param router decides where each request goes, to endpoints that do not change; not closed with
   *     the sender
   */
  public static GrpcSender over(InferenceRouter router) {
    EndpointChannels channels =
        EndpointChannels.builder(GrpcSender::connect)
            // Otherwise HTTP/2, not the policy, might decide
            .maxConcurrentStreams(Endpoint::maxConcurrency)
            .build();
    return new GrpcSender(
        RoutingChannel.builder(router, channels)
            .classifier(KServeClassifier.create().refinedBy(GrpcSender::measured))
            .build());
  }

  private static ManagedChannel connect(Endpoint endpoint) {
    return NettyChannelBuilder.forAddress(endpoint.uri().getHost(), endpoint.uri().getPort())
        .usePlaintext()
        .build();
  }

  /** Adds the size of the texts, as the adapter for OkHttp finds it; no output grows. */
  static InferenceRequest measured(GrpcRequest call, InferenceRequest found) {
    InferenceRequest.Builder request = found.toBuilder().outputLimit(0);
    if (call.message().orElse(null) instanceof ModelInferRequest message) {
      long characters =
          Vectors.texts(message).stream().mapToLong(text -> text.toStringUtf8().length()).sum();
      request.input(InputUnit.CHARACTERS, characters);
    }
    return request.build();
  }

  @Override
  public Prepared prepare(Job job) {
    ModelInferRequest request;
    try {
      request = ModelInferRequest.parseFrom(job.body());
    } catch (InvalidProtocolBufferException e) {
      throw new IllegalArgumentException(
          "job " + job.number() + ": another body (expected: a ModelInferRequest)", e);
    }
    return (due, receiver) ->
        stub.withDeadlineAfter(TIMEOUT).modelInfer(request, new Recorder(job, due, receiver));
  }

  @Override
  public void close() {
    channel.shutdownNow();
  }

  private static final class Recorder implements StreamObserver<ModelInferResponse> {
    private final Job job;
    private final long due;
    private final Consumer<Answer> receiver;
    private @Nullable ModelInferResponse response;

    Recorder(Job job, long due, Consumer<Answer> receiver) {
      this.job = job;
      this.due = due;
      this.receiver = receiver;
    }

    @Override
    public void onNext(ModelInferResponse message) {
      response = message;
    }

    @Override
    public void onError(Throwable failure) {
      long latency = System.nanoTime() - due;
      receiver.accept(Answer.failed(job, latency, Status.fromThrowable(failure).toString()));
    }

    @Override
    public void onCompleted() {
      long latency = System.nanoTime() - due;
      ModelInferResponse message = response;
      receiver.accept(
          message == null
              ? Answer.failed(job, latency, "no message (expected: one)")
              : Answer.whole(
                  job, latency, OK, message.getId(), timing(message), message.toByteArray()));
    }

    private static ServerTiming timing(ModelInferResponse message) {
      InferParameter none = InferParameter.getDefaultInstance();
      return new ServerTiming(
          message.getParametersOrDefault(QUEUE_MILLIS, none).getDoubleParam(),
          message.getParametersOrDefault(SERVICE_MILLIS, none).getDoubleParam());
    }
  }
}
