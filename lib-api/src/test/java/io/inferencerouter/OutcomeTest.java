package io.inferencerouter;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.Test;

class OutcomeTest {
  @Test
  void onlyServerFaultsAndTimeoutsAreTheEndpointsFault() {
    assertThat(Outcome.Kind.values())
        .filteredOn(Outcome.Kind::isFault)
        .containsExactly(Outcome.Kind.SERVER_FAULT, Outcome.Kind.TIMEOUT);
  }

  @Test
  void anExceptionStandsForTheOutcomeThatItMeans() {
    assertThat(Outcome.ofFailure(new CancellationException())).isEqualTo(Outcome.cancelled());
    assertThat(Outcome.ofFailure(new InterruptedException())).isEqualTo(Outcome.cancelled());
    assertThat(Outcome.ofFailure(new TimeoutException())).isEqualTo(Outcome.timeout());
    assertThat(Outcome.ofFailure(new SocketTimeoutException())).isEqualTo(Outcome.timeout());
    assertThat(Outcome.ofFailure(new IOException())).isEqualTo(Outcome.serverFault());
    assertThat(Outcome.ofFailure(new AssertionError())).isEqualTo(Outcome.serverFault());
  }

  @Test
  void wrappersAreLookedThrough() {
    Throwable wrapped =
        new CompletionException(new ExecutionException(new CancellationException()));

    assertThat(Outcome.ofFailure(wrapped)).isEqualTo(Outcome.cancelled());
    assertThat(Outcome.ofFailure(new CompletionException("no cause", null)))
        .isEqualTo(Outcome.serverFault());
  }

  @Test
  void rateLimitingCarriesHowLongToStayAway() {
    assertThat(Outcome.rateLimited(Duration.ofSeconds(3)).retryAfter())
        .contains(Duration.ofSeconds(3));
    assertThat(Outcome.rateLimited().retryAfter()).isEmpty();
    assertThatThrownBy(() -> Outcome.rateLimited(Duration.ofSeconds(-3)))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void anyEndingMayCarryHowLongToStayAwayAndHowFarItCame() {
    Outcome outcome =
        Outcome.serverFault()
            .withRetryAfter(Duration.ofSeconds(2))
            .withProgress(Outcome.Progress.NOTHING_SENT)
            .withUsage(Usage.of(1, 2));

    assertThat(outcome.retryAfter()).contains(Duration.ofSeconds(2));
    assertThat(outcome.progress()).contains(Outcome.Progress.NOTHING_SENT);
    assertThat(Outcome.serverFault().progress()).isEmpty();
    assertThat(outcome.withProgress(Outcome.Progress.SENT)).isNotEqualTo(outcome);
    assertThat(outcome.toString()).contains("NOTHING_SENT").contains("PT2S");
  }

  @Test
  void usageIsKnownOnlyWhenReported() {
    assertThat(Outcome.success().usage().isKnown()).isFalse();
    Usage usage = Usage.of(10, 20).withCachedInput(4);
    Outcome outcome = Outcome.success().withUsage(usage);

    assertThat(outcome.usage()).isEqualTo(usage);
    assertThat(usage.isCachedInputKnown()).isTrue();
    assertThat(usage.cachedInputUnits()).isEqualTo(4);
    assertThat(Usage.of(1, 2).isCachedInputKnown()).isFalse();
    assertThatThrownBy(() -> Usage.of(-1, 0)).isInstanceOf(IllegalArgumentException.class);
  }
}
