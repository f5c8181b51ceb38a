package io.inferencerouter.grpc;

import static org.assertj.core.api.Assertions.assertThat;

import io.inferencerouter.Endpoint;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class ParkedCallsTest {
  private final Endpoint first = Endpoint.builder("first", "http://127.0.0.1:1").build();
  private final Endpoint second = Endpoint.builder("second", "http://127.0.0.1:2").build();
  private final List<String> told = new ArrayList<>();
  private final ParkedCalls parked = new ParkedCalls();

  /** A call that does not come to look for a stream at once. */
  private ParkedCalls.Waiter call(String name) {
    return at -> told.add(name + " of " + at.id());
  }

  /** A call that takes a stream as soon as it is told of one. */
  private ParkedCalls.Waiter callThatTakesIt(String name, Endpoint lease) {
    return new ParkedCalls.Waiter() {
      @Override
      public void streamFreed(Endpoint at) {
        parked.remove(this, lease);
        told.add(name + " of " + at.id());
      }
    };
  }

  @Test
  void aStreamThatIsToldOfTwiceIsNotForTheSecondCall() {
    ParkedCalls.Waiter one = call("one");
    parked.park(one, first);
    parked.park(call("two"), first);
    parked.streamFreedAt(first);
    parked.streamsAt(first, () -> told.size() < 2);
    assertThat(told).containsExactly("one of first", "one of first");
    parked.remove(one, first);
    parked.streamFreedAt(first);
    assertThat(told).endsWith("two of first");
  }

  @Test
  void callsAreToldInTheirOrderAsLongAsThereAreStreams() {
    for (String name : List.of("one", "two", "three")) {
      parked.park(callThatTakesIt(name, first), first);
    }
    parked.streamsAt(first, () -> told.size() < 2);
    assertThat(told).containsExactly("one of first", "two of first");
    assertThat(parked.count()).isEqualTo(1);
  }

  @Test
  void aStreamForWhichNobodyWaitsIsForThoseWhoWaitElsewhere() {
    parked.park(callThatTakesIt("one", first), first);
    parked.park(callThatTakesIt("two", second), second);
    parked.streamFreedAt(second);
    parked.streamFreedAt(second);
    assertThat(told).containsExactly("two of second", "one of second");
    assertThat(parked.isEmpty()).isTrue();
  }

  @Test
  void roomIsForThoseWhoWaitElsewhere() {
    parked.park(call("one"), first);
    parked.park(callThatTakesIt("two", second), second);
    parked.roomAt(first, () -> true);
    assertThat(told).containsExactly("two of first");
  }

  @Test
  void whoWaitsNoMoreIsForgottenOnce() {
    ParkedCalls.Waiter one = call("one");
    parked.park(one, first);
    parked.remove(one, second);
    assertThat(parked.count()).isEqualTo(1);
    parked.remove(one, first);
    parked.remove(one, first);
    assertThat(parked.count()).isZero();
    parked.streamFreedAt(first);
    assertThat(told).isEmpty();
  }
}
