package io.inferencerouter.core.internal.health;

import static org.assertj.core.api.Assertions.assertThat;

import io.inferencerouter.EjectionReason;
import io.inferencerouter.EjectionWithheld;
import io.inferencerouter.Endpoint;
import io.inferencerouter.EndpointChanged;
import io.inferencerouter.EndpointEjected;
import io.inferencerouter.EndpointReturned;
import io.inferencerouter.HardwareProfile;
import io.inferencerouter.Revocation;
import io.inferencerouter.core.HealthPolicy;
import io.inferencerouter.core.internal.membership.Membership;
import io.inferencerouter.core.internal.membership.MembershipObserver;
import io.inferencerouter.core.internal.state.EndpointState;
import io.inferencerouter.core.internal.state.Fleet;
import io.inferencerouter.core.internal.state.Member;
import io.inferencerouter.core.testing.VirtualTime;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.RejectedExecutionException;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** What a judgment takes when all endpoints of a large fleet fail. */
class JudgmentTest {
  private static final int FAILURES = HealthPolicy.builder().build().consecutiveFailures();
  private static final EjectionReason REASON =
      EjectionReason.of(EjectionReason.Cause.CONSECUTIVE_FAILURES, FAILURES, FAILURES);
  private static final int FEW = 128;
  private static final int MANY = 1_024;

  /** A fleet of endpoints that are judged, and what is heard of it. */
  private static final class Judged implements MembershipObserver, HealthObserver {
    final VirtualTime time = new VirtualTime();
    final List<String> told = new ArrayList<>();

    /** The fleets there were whenever something was told. */
    final Set<Fleet> fleets = Collections.newSetFromMap(new IdentityHashMap<>());

    final Membership membership;
    final PassiveHealth health;

    Judged(int endpoints) {
      SplittableRandom random = new SplittableRandom(1);
      membership =
          new Membership(
              Fleet.empty(HardwareProfile.builder(10_000, 1_000).build(), 0, random::nextLong),
              this,
              time::nanos,
              0.1);
      Map<String, Endpoint> all = new LinkedHashMap<>();
      for (int i = 0; i < endpoints; i++) {
        all.put("e" + i, Endpoint.builder("e" + i, "http://e" + i).model("m" + i % 2).build());
      }
      membership.update(all);
      ReturnTimer timer = new ReturnTimer(membership, time, () -> {});
      health = new PassiveHealth(HealthPolicy.builder().build(), membership, timer, time, this);
      health.evaluate();
      forget();
    }

    void forget() {
      told.clear();
      fleets.clear();
    }

    private void tell(String what) {
      told.add(what);
      fleets.add(membership.fleet());
    }

    void allFail() {
      for (Member member : membership.fleet().members()) {
        for (int i = 0; i < FAILURES && member.isRoutable(); i++) {
          member.state().work.failed(time.nanos());
        }
      }
    }

    /** Half of each model is away for an hour, and it is their turn; the others fail. */
    void halfIsAwayForLong() {
      long until = time.nanos() + Duration.ofHours(1).toNanos();
      List<Member> members = membership.fleet().members();
      membership
          .ejections()
          .together(
              round ->
                  members.subList(0, members.size() / 2).stream()
                      .filter(
                          member ->
                              round.ejectIf(
                                  member.state(),
                                  member.endpoint().id(),
                                  REASON,
                                  until,
                                  any -> true))
                      .count());
      time.advance(Duration.ofSeconds(11));
      allFail();
      forget();
    }

    long routable() {
      return membership.fleet().members().stream().filter(Member::isRoutable).count();
    }

    @Override
    public void changed(EndpointChanged event) {}

    @Override
    public void ejected(EndpointEjected event) {
      tell(event.endpoint().id() + " ejected, " + event.ejected() + " of " + event.members());
    }

    @Override
    public void withdrawn(EndpointState state, Revocation why) {}

    @Override
    public void returned(EndpointReturned event) {
      tell(event.endpoint().id() + " returned");
    }

    @Override
    public void drained(CompletableFuture<@Nullable Void> drained, boolean removed) {}

    @Override
    public void withheld(EjectionWithheld event) {
      tell(event.endpoint().id() + " withheld");
    }

    @Override
    public void probeFailed(Throwable thrown) {
      throw new AssertionError(thrown);
    }

    @Override
    public void taskRejected(RejectedExecutionException failure) {
      throw failure;
    }
  }

  @Test
  void allThatOneJudgmentDecidesMakesOneNewFleet() {
    Judged judged = new Judged(MANY);
    judged.allFail();
    judged.health.evaluate();

    assertThat(judged.routable()).isEqualTo(MANY / 2);
    assertThat(judged.told).hasSize(MANY);
    assertThat(judged.fleets).hasSize(1);
  }

  @Test
  void whatIsToldComesInTheOrderOfTheDecisions() {
    Judged judged = new Judged(8);
    judged.allFail();
    judged.health.evaluate();

    assertThat(judged.told)
        .containsExactly(
            "e0 ejected, 1 of 8",
            "e1 ejected, 2 of 8",
            "e2 ejected, 3 of 8",
            "e3 ejected, 4 of 8",
            "e4 withheld",
            "e5 withheld",
            "e6 withheld",
            "e7 withheld");
  }

  @Test
  void whoHasBeenAwayForLongComesBackForOneThatFailsInHisPlace() {
    Judged judged = new Judged(8);
    judged.halfIsAwayForLong();
    judged.health.evaluate();

    // The first of a model has to stay, so one comes back for it; then the next may go
    assertThat(judged.told)
        .containsExactly(
            "e4 withheld",
            "e0 returned",
            "e5 withheld",
            "e1 returned",
            "e6 ejected, 3 of 8",
            "e7 ejected, 4 of 8");
    assertThat(judged.fleets).hasSize(1);
  }

  /** The least bytes that judging takes; garbage tells how much was gone through. */
  private static long bytes(int endpoints, boolean turns) {
    var thread = (com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean();
    long least = Long.MAX_VALUE;
    for (int i = 0; i < 3; i++) {
      Judged judged = new Judged(endpoints);
      if (turns) {
        judged.halfIsAwayForLong();
      } else {
        judged.allFail();
      }
      long before = thread.getCurrentThreadAllocatedBytes();
      judged.health.evaluate();
      least = Math.min(least, thread.getCurrentThreadAllocatedBytes() - before);
    }
    return least;
  }

  @Test
  void whatAJudgmentTakesGrowsAsTheFleetDoes() {
    long times = MANY / FEW;

    assertThat(bytes(MANY, false)).isLessThan(2 * times * bytes(FEW, false));
    assertThat(bytes(MANY, true)).isLessThan(2 * times * bytes(FEW, true));
  }
}
