package io.inferencerouter.benchmarks.simulation.policy.classic;

import static org.assertj.core.api.Assertions.assertThat;

import io.inferencerouter.benchmarks.simulation.policy.Target;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class SessionHashTest {
  private static final int SESSIONS = 500;

  @Test
  void aSessionStaysWhereItIsWhateverTheClientOrTheLoad() {
    Rig rig = Rig.of(8).start(SessionHash.policy(), 1);
    Rig other = Rig.of(8).start(SessionHash.policy(), 2);
    for (int i = 0; i < 3 * SESSIONS; i++) {
      String session = "user-" + i % SESSIONS;
      assertThat(home(rig, session).index()).isEqualTo(home(other, session).index());
    }
  }

  @Test
  void onlyTheSessionsOfAnEndpointThatLeftMove() {
    Rig rig = Rig.of(8).start(SessionHash.policy());
    List<Target> before = homes(rig);
    Target gone = rig.targets.get(3);
    List<Target> rest = new ArrayList<>(rig.targets);
    rest.remove(gone);
    rig.balancer().targets(rest);
    List<Target> after = homes(rig);
    int moved = 0;
    for (int i = 0; i < SESSIONS; i++) {
      if (before.get(i) == gone) {
        moved++;
        assertThat(after.get(i)).isNotSameAs(gone);
      } else {
        assertThat(after.get(i)).isSameAs(before.get(i));
      }
    }
    assertThat(moved).isBetween(SESSIONS / 16, SESSIONS / 4);
  }

  @Test
  void sessionsAreSpreadEvenly() {
    int[] shares = Rig.of(8).start(SessionHash.policy()).shares(8_000);
    for (int share : shares) {
      assertThat(share).isBetween(850, 1_150);
    }
  }

  @Test
  void withoutASessionItIsRandom() {
    Rig rig = Rig.of(4).start(SessionHash.policy());
    int[] shares = new int[4];
    for (int i = 0; i < 4_000; i++) {
      shares[rig.send().target().index()]++;
    }
    for (int share : shares) {
      assertThat(share).isBetween(850, 1_150);
    }
  }

  @Test
  void aBoundKeepsOneBusySessionFromFillingItsHome() {
    Rig rig = Rig.of(4).start(SessionHash.boundedPolicy());
    Target home = home(rig, "busy");
    for (int i = 1; i < 100; i++) {
      home(rig, "busy");
      int most = (int) Math.ceil(SessionHash.BALANCE * (i + 1) / 4);
      for (Target target : rig.targets) {
        assertThat(rig.outstanding(target)).isLessThanOrEqualTo(most);
      }
    }
    assertThat(rig.outstanding(home)).isEqualTo(32);
  }

  @Test
  void withRoomASessionIsAtHomeUnderABoundToo() {
    Rig rig = Rig.of(8).start(SessionHash.boundedPolicy());
    Rig unbounded = Rig.of(8).start(SessionHash.policy());
    for (int i = 0; i < SESSIONS; i++) {
      Rig.Sent sent = rig.send(Rig.request("", "", "s" + i), List.of());
      assertThat(sent.target().index()).isEqualTo(home(unbounded, "s" + i).index());
      sent.finish();
    }
  }

  private static List<Target> homes(Rig rig) {
    List<Target> homes = new ArrayList<>();
    for (int i = 0; i < SESSIONS; i++) {
      homes.add(home(rig, "user-" + i));
    }
    return homes;
  }

  private static Target home(Rig rig, String session) {
    return rig.send(Rig.request("", "", session), List.of()).target();
  }
}
