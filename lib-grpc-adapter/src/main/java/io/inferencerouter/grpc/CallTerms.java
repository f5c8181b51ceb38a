package io.inferencerouter.grpc;

import io.grpc.CallOptions;
import io.grpc.Context;
import io.grpc.Deadline;
import io.grpc.MethodDescriptor;
import java.util.Objects;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/** What a call was made with. */
record CallTerms<ReqT, RespT>(
    RoutingChannel channel,
    MethodDescriptor<ReqT, RespT> method,
    CallOptions options,
    Context context) {
  /** The earlier deadline, of the call or its context. */
  @Nullable Deadline deadline() {
    return CallLimits.earlier(options.getDeadline(), context.getDeadline());
  }

  /** Where the caller wants to hear of what no endpoint's channel tells it. */
  Executor executor() {
    return Objects.requireNonNullElse(options.getExecutor(), channel.executor());
  }
}
