package io.inferencerouter.core.internal.router;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import io.inferencerouter.Endpoint;
import io.inferencerouter.InferenceRequest;
import io.inferencerouter.InferenceRouter;
import io.inferencerouter.InputUnit;
import io.inferencerouter.Outcome;
import io.inferencerouter.Route;
import io.inferencerouter.core.InferenceRouters;
import java.lang.management.ManagementFactory;
import java.lang.reflect.Field;
import java.lang.reflect.Modifier;
import org.junit.jupiter.api.Test;

/** What a request costs in memory, with references of four bytes. */
class LeaseSizeTest {
  private static final int HEADER = 12;
  private static final int ALIGNMENT = 8;
  private static final int LEASE = 96;
  private static final long HITS = 40;
  private static final int BATCH = 2_000;
  private static final int BATCHES = 50;

  private static final String MODEL = "m";

  @Test
  void theFieldsOfALeaseFillIts96Bytes() {
    assertThat(bytes(RoutedLease.class)).isLessThanOrEqualTo(LEASE);
  }

  @Test
  void anAttemptOfARowTakesNoMore() {
    assertThat(bytes(AttemptLease.class)).isLessThanOrEqualTo(LEASE);
  }

  private static int bytes(Class<?> lease) {
    int bytes = HEADER;
    for (Class<?> type = lease; type != null; type = type.getSuperclass()) {
      for (Field field : type.getDeclaredFields()) {
        if (!Modifier.isStatic(field.getModifiers()) && !field.isSynthetic()) {
          bytes += size(field.getType());
        }
      }
    }

    return (bytes + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
  }

  private static int size(Class<?> type) {
    if (type == long.class || type == double.class) {
      return Long.BYTES;
    }
    if (type == char.class || type == short.class) {
      return Short.BYTES;
    }
    return type == boolean.class || type == byte.class ? Byte.BYTES : Integer.BYTES;
  }

  @Test
  void aRequestAllocatesItsLeaseAndNothingElse() {
    assertThat(allocatedBy(request().build())).isBetween(1L, (long) LEASE);
  }

  @Test
  void aStreamAllocatesNoMoreThoughItIsWatched() {
    assertThat(allocatedBy(request().streaming(true).build())).isLessThanOrEqualTo(LEASE);
  }

  @Test
  void aRequestOfAKnownSessionAllocatesNoMore() {
    assertThat(allocatedBy(request().session("session").build())).isLessThanOrEqualTo(LEASE);
  }

  @Test
  void aRequestWithKnownPrefixKeysAllocatesOneSmallObjectBesides() {
    assertThat(allocatedBy(request().prefixKeys(1, 2, 3, 4).build()))
        .isBetween(LEASE + 1L, LEASE + HITS);
  }

  private static InferenceRequest.Builder request() {
    return InferenceRequest.forModel(MODEL).input(InputUnit.TOKENS, 2_000).outputLimit(100);
  }

  /** The bytes of one request, where the router knows it already; the least of many batches. */
  private static long allocatedBy(InferenceRequest request) {
    try (InferenceRouter router =
        InferenceRouters.of(Endpoint.of("a", "http://a"), Endpoint.of("b", "http://b"))) {
      Route route = router.route(MODEL);
      ThreadMXBean thread = (ThreadMXBean) ManagementFactory.getThreadMXBean();
      long least = Long.MAX_VALUE;
      for (int batch = 0; batch < BATCHES; batch++) {
        long before = thread.getCurrentThreadAllocatedBytes();
        for (int i = 0; i < BATCH; i++) {
          route.acquire(request).complete(Outcome.success());
        }
        least = Math.min(least, thread.getCurrentThreadAllocatedBytes() - before);
      }
      return least / BATCH;
    }
  }
}
