package io.inferencerouter.okhttp;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Function;
import kotlin.jvm.functions.Function0;
import okhttp3.Call;
import okhttp3.EventListener;
import okhttp3.Request;
import org.jspecify.annotations.Nullable;

/**
 * The tags and event listeners of one call, which OkHttp has from version 5 on. Until there is a
 * call of the client they are kept here; then they are handed over, and it is that call which has
 * them. Listeners are handed over to the call of each attempt.
 *
 * <p>Safe for use by many threads.
 */
final class CallExtras {
  private final Request request;
  private final Map<Class<?>, Object> tags = new HashMap<>(0);
  private final List<EventListener> listeners = new ArrayList<>(0);
  private @Nullable Call real;

  CallExtras(Request request) {
    this.request = request;
  }

  /** Makes the client's call, with what was collected so far. */
  synchronized Call handOver(Request addressed, Function<Request, Call> newCall) {
    Call call = newCall.apply(tags.isEmpty() ? addressed : tagged(addressed));
    listeners.forEach(listener -> OkHttp5.addEventListener(call, listener));
    real = call;
    return call;
  }

  private Request tagged(Request addressed) {
    Request.Builder routed = addressed.newBuilder();
    tags.forEach((type, tag) -> put(routed, type, tag));
    return routed.build();
  }

  private static <T> void put(Request.Builder routed, Class<T> type, Object tag) {
    routed.tag(type, type.cast(tag));
  }

  synchronized void addEventListener(EventListener listener) {
    if (!OkHttp5.isPresent()) {
      throw OkHttp5.missing();
    }
    listeners.add(listener);
    if (real != null) {
      OkHttp5.addEventListener(real, listener);
    }
  }

  synchronized @Nullable Object tag(Class<?> type) {
    if (real != null && OkHttp5.isPresent()) {
      return OkHttp5.tag(real, type);
    }
    Object tag = tags.get(type);
    return tag != null ? tag : request.tag(type);
  }

  synchronized Object tag(Class<?> type, Function0<?> computeIfAbsent) {
    if (real != null && OkHttp5.isPresent()) {
      return OkHttp5.tag(real, type, computeIfAbsent);
    }
    Object tag = tag(type);
    if (tag == null) {
      tag = Objects.requireNonNull(computeIfAbsent.invoke(), "computeIfAbsent");
      tags.put(type, tag);
    }
    return tag;
  }
}
