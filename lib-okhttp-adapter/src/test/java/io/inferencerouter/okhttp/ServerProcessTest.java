package io.inferencerouter.okhttp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.inferencerouter.core.HealthPolicy;
import io.inferencerouter.core.testing.ChildServer;
import io.inferencerouter.core.testing.Waiting;
import io.inferencerouter.okhttp.fault.ServerProcess;
import java.time.Duration;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The first endpoint is a process of its own, which is stopped, or killed and started again. */
class ServerProcessTest extends FaultTest {
  private static final String FIRST = "200 " + ServerProcess.ANSWER;
  private static final String SECOND = "200 \"second\"";

  /** Long enough to be seen, and over before a test gives up. */
  private static final HealthPolicy SOON_BACK =
      HealthPolicy.builder().ejection(Duration.ofMillis(500), Duration.ofMillis(500)).build();

  private static ChildServer child;

  ServerProcessTest() throws Exception {
    super(Wire.HTTP_1_1);
  }

  @BeforeAll
  static void startTheChild() throws Exception {
    child = new ChildServer(ServerProcess.class);
  }

  @AfterAll
  static void killTheChild() throws Exception {
    child.kill();
  }

  /** Makes calls, none of which is lost, until the first endpoint answers again. */
  private void answersAgain(Way way) {
    Waiting.until(() -> isAnsweredByTheFirst(way), "the first endpoint to answer again");
  }

  private boolean isAnsweredByTheFirst(Way way) {
    String text;
    try {
      text = text(way, chat());
    } catch (Exception lost) {
      throw new AssertionError("a call was lost", lost);
    }
    assertThat(text).isIn(FIRST, SECOND);
    return text.equals(FIRST);
  }

  @ParameterizedTest
  @EnumSource
  void aProcessThatIsStoppedIsReplacedUntilItGoesOn(Way way) throws Exception {
    assumeTrue(ChildServer.canBeStopped(), "needs /bin/sh and /proc to stop a process");
    losesPatienceReading();
    route(client().build(), child.uri(), SOON_BACK);
    answersAgain(way);

    child.stop();
    try {
      for (int i = 0; i < 3; i++) {
        assertThat(text(way, chat())).isEqualTo(SECOND);
      }
    } finally {
      child.resume();
    }

    answersAgain(way);
  }

  @ParameterizedTest
  @EnumSource(names = {"EXECUTED", "INTERCEPTED"})
  void aProcessThatIsKilledIsReplacedUntilItIsBack(Way way) throws Exception {
    route(client().build(), child.uri(), SOON_BACK);
    answersAgain(way);

    child.kill();
    for (int i = 0; i < 20; i++) {
      assertThat(text(way, chat())).isEqualTo(SECOND);
    }
    assertThat(Waiting.take(observed.ejected, "the endpoint to be ejected")).isNotNull();
    child.start();

    answersAgain(way);
  }
}
