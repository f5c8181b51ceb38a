package io.inferencerouter.okhttp;

import io.inferencerouter.Attempts;
import io.inferencerouter.Outcome;
import io.inferencerouter.Outcome.Progress;
import io.inferencerouter.OverloadedException;
import java.io.IOException;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import okhttp3.Request;
import okhttp3.RequestBody;
import okhttp3.Response;
import okhttp3.ResponseBody;
import org.jspecify.annotations.Nullable;

/**
 * The attempts of one call, one after another. Which may follow is for the router to say; here it
 * is found out how far each came, and whether the request could be written once more.
 *
 * <p>An attempt can be given up for another one as long as nothing of its answer has been passed on
 * to the caller: because its endpoint was ejected, or does not begin to answer.
 *
 * <p>Used by one thread at a time.
 */
final class CallAttempts {
  private final Routing routing;
  private final Request request;
  private final CallDeadline deadline;
  private final Attempts attempts;

  CallAttempts(Routing routing, Request request, CallDeadline deadline) {
    this(routing, request, deadline, routing.attempts(request, deadline));
  }

  private CallAttempts(Routing routing, Request request, CallDeadline deadline, Attempts attempts) {
    this.routing = routing;
    this.request = request;
    this.deadline = deadline;
    this.attempts = attempts;
  }

  /** How a call waits and sends. */
  interface Transport {
    /** The call waits for the lease of another attempt. */
    void waits(LeaseWait wait);

    /**
     * Begins an attempt, as soon as there is a lease.
     *
     * @throws OverloadedException if the request was shed
     * @throws IOException if there will be no lease
     */
    RoutedAttempt begin(LeaseWait wait) throws IOException;

    /** Sends the request to the endpoint of the attempt's lease, to which the answer is tied. */
    Response send(RoutedAttempt attempt) throws IOException;

    /** Whether an attempt can be cancelled, and another one made after it. */
    boolean canMove();
  }

  /**
   * The attempts at the rest of a streamed answer, of which the last of these attempts has brought
   * the beginning; null if there are to be none.
   */
  @Nullable CallAttempts continued(Request rest) {
    Outcome outcome = Outcome.serverFault().withProgress(Progress.RECEIVED);
    return attempts
        .continuation(outcome, routing.inference(rest, deadline))
        .map(row -> new CallAttempts(routing, rest, deadline, row))
        .orElse(null);
  }

  /** Asks for the lease of the first attempt. */
  LeaseWait first() {
    return new LeaseWait(attempts.next(), deadline);
  }

  /**
   * Makes an attempt.
   *
   * @param earlier what came of the attempt before; null if this is the first
   */
  Answer make(LeaseWait wait, @Nullable Answer earlier, Transport transport) {
    RoutedAttempt attempt;
    try {
      attempt = transport.begin(wait);
    } catch (OverloadedException shed) {
      return earlier == null
          ? Answer.of(ShedResponse.of(request, shed, routing.clock()), null)
          : earlier.last(shed);
    } catch (IOException refused) {
      return refused(refused, earlier);
    }
    if (earlier != null) {
      earlier.drop();
    }
    attempt.listen(givesUp -> transport.canMove() && leave(attempt, givesUp), attempt::cancelCall);
    try {
      Response response = transport.send(attempt);
      awaitFirstByte(response, attempt);
      passOn(response, attempt);
      return Answer.of(response, mayPass(response) ? next(attempt, transport::waits) : null);
    } catch (IOException e) {
      attempt.fail(e);
      IOException failure = attempt.explained(e);
      LeaseWait next = next(attempt, transport::waits);
      explain(failure);
      return Answer.of(failure, earlier, next);
    } catch (RuntimeException | Error e) {
      attempt.fail(e);
      end();
      throw e;
    }
  }

  /** A call that was cancelled or timed out ends with that, whatever came of it before. */
  private static Answer refused(IOException refused, @Nullable Answer earlier) {
    if (earlier == null) {
      return Answer.of(refused, null, null);
    }
    if (LeaseWait.isRefusal(refused)) {
      return earlier.last(refused);
    }
    earlier.drop();
    return Answer.of(refused, earlier, null);
  }

  /** Whether a status says that another endpoint, or another time, may do better. */
  static boolean mayPass(Response response) {
    return switch (response.code()) {
      case 429, 502, 503, 504 -> true;
      default -> false;
    };
  }

  /**
   * Waits until something of the body is there, as long as another endpoint could take over if it
   * fails before that. Reading is what tells the attempt of the failure. An event stream that
   * nobody has announced may be silent for as long as it likes.
   */
  private void awaitFirstByte(Response response, RoutedAttempt attempt) throws IOException {
    ResponseBody body = response.body();
    if (body == null
        || !response.isSuccessful()
        || (isEventStream(body) && !attempt.lease().request().streaming())
        || attempts.isLast()
        || !canBeWrittenAgain()) {
      return;
    }
    try {
      boolean unused = body.source().request(1);
    } catch (IOException e) {
      response.close();
      throw e;
    }
  }

  private static boolean isEventStream(ResponseBody body) {
    return body instanceof LeasedBody leased && leased.isEventStream();
  }

  /** Adds to a failure why no other attempt follows, if that is for the router to say. */
  void explain(Throwable failure) {
    attempts.exhausted().ifPresent(failure::addSuppressed);
  }

  private static void passOn(Response response, RoutedAttempt attempt) throws IOException {
    try {
      attempt.passOn();
    } catch (IOException e) {
      response.close();
      throw e;
    }
  }

  /** Leaves an attempt for another one, if that can be made; returns whether it was given up. */
  boolean leave(RoutedAttempt attempt, BooleanSupplier givesUp) {
    return (!attempt.isSent() || canBeWrittenAgain()) && attempts.leave(givesUp);
  }

  /** No other attempt follows one that has ended. */
  void end() {
    attempts.end();
  }

  private boolean canBeWrittenAgain() {
    RequestBody body = request.body();
    return body == null || Unclassified.canBeWrittenAgain(body);
  }

  /**
   * Begins to wait for another attempt after one that has failed; null if there will be none.
   *
   * @param waits hears of the wait
   */
  @Nullable LeaseWait next(RoutedAttempt attempt, Consumer<LeaseWait> waits) {
    Progress progress =
        attempt.isSent() && !attempt.isRefused() ? Progress.SENT : Progress.NOTHING_SENT;
    if (attempt.isCanceled() || (attempt.isSent() && !canBeWrittenAgain())) {
      end();
      return null;
    }
    if (attempts.retryAfter(Outcome.serverFault().withProgress(progress)).isEmpty()) {
      return null;
    }
    LeaseWait wait = new LeaseWait(attempts.next(), deadline);
    waits.accept(wait);
    return wait;
  }
}
