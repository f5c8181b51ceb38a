package io.inferencerouter.benchmarks.simulation.workload;

import java.util.Iterator;
import java.util.NoSuchElementException;
import java.util.PriorityQueue;
import org.jspecify.annotations.Nullable;

/**
 * Requests of sessions, merged by time. Only the sessions that are under way are kept.
 *
 * <p>Block ids are made of their owner and their place: the full blocks of a system prompt belong
 * to it, those behind to the session. The last block of an input that is not full is of that turn
 * alone, because the next turn fills it with something else.
 */
final class SessionRequests implements Iterator<SimulatedRequest> {
  private static final int PLACE_BITS = 22;
  private static final long PARTIAL = 1L << (PLACE_BITS - 1);
  private static final long FIRST_SESSION = 1L << 24;

  /** A session under way, and when its next turn is due. */
  private static final class Session {
    final long number;
    final String name;
    final Population.Caller caller;
    final int prompt;
    final int turns;
    int turn;
    int context;
    long dueNanos;
    long thinkNanos;

    Session(long number, Population.Caller caller, int prompt, int turns, long dueNanos) {
      this.number = number;
      this.name = "session-" + number;
      this.caller = caller;
      this.prompt = prompt;
      this.turns = turns;
      this.dueNanos = dueNanos;
    }
  }

  private final Arrivals.Times times;
  private final Population population;
  private final Sessions sessions;
  private final @Nullable Zipf prompts;
  private final int systemTokens;
  private final Draws lengths;
  private final Draws additions;
  private final Draws thinking;
  private final Draws choices;
  private final PriorityQueue<Session> underway =
      new PriorityQueue<>(
          (one, other) ->
              one.dueNanos == other.dueNanos
                  ? Long.compare(one.number, other.number)
                  : Long.compare(one.dueNanos, other.dueNanos));
  private long left;
  private long begun;
  private long nextStartNanos;

  SessionRequests(
      long requests,
      Arrivals.Times times,
      Population population,
      Sessions sessions,
      @Nullable Zipf prompts,
      int systemTokens,
      Draws draws) {
    this.left = requests;
    this.times = times;
    this.population = population;
    this.sessions = sessions;
    this.prompts = prompts;
    this.systemTokens = systemTokens;
    lengths = draws.split();
    additions = draws.split();
    thinking = draws.split();
    choices = draws.split();
    nextStartNanos = nanos(times.nextSeconds());
  }

  @Override
  public boolean hasNext() {
    return left > 0;
  }

  @Override
  public SimulatedRequest next() {
    if (left == 0) {
      throw new NoSuchElementException();
    }
    left--;
    Session next = underway.peek();
    if (next != null && next.dueNanos < nextStartNanos) {
      underway.remove();
      return take(next);
    }
    Session started = start(nextStartNanos);
    nextStartNanos = nanos(times.nextSeconds());
    return take(started);
  }

  private Session start(long atNanos) {
    Session session =
        new Session(
            begun++,
            population.caller(),
            prompts == null ? 0 : prompts.draw(choices),
            sessions.turns().drawWhole(lengths, 1_000_000),
            atNanos);
    session.context =
        (int)
            Math.min(
                sessions.maxContextTokens(),
                (long) systemTokens + population.input(session.caller));
    return session;
  }

  /** Takes the turn that is due, and plans the one after it, if there is one. */
  private SimulatedRequest take(Session session) {
    int input = session.context;
    int output = population.output(session.caller);
    SimulatedRequest request =
        new SimulatedRequest(
            session.dueNanos,
            input,
            output,
            session.caller.tenant(),
            session.name,
            session.turn,
            session.caller.model(),
            blocks(session, input),
            input,
            0,
            0,
            sessions.closedLoop() ? session.thinkNanos : SimulatedRequest.OPEN_LOOP,
            0,
            session.caller.region(),
            session.caller.priority());
    if (session.turn + 1 < session.turns) {
      long context =
          (long) input
              + output
              + sessions.addedTokens().drawWhole(additions, GeneratedWorkload.MAX_TOKENS);
      session.thinkNanos = nanos(sessions.thinkSeconds().draw(thinking));
      session.dueNanos +=
          session.thinkNanos + nanos(Sessions.ANSWER_SECONDS + Sessions.TOKEN_SECONDS * output);
      if (context <= sessions.maxContextTokens()) {
        session.turn++;
        session.context = (int) context;
        underway.add(session);
      }
    }
    return request;
  }

  private Blocks blocks(Session session, int input) {
    int full = input / Blocks.TOKENS;
    boolean partial = input % Blocks.TOKENS > 0;
    long[] ids = new long[partial ? full + 1 : full];
    int shared = Math.min(full, systemTokens / Blocks.TOKENS);
    long owner = (FIRST_SESSION + session.number) << PLACE_BITS;
    for (int i = 0; i < full; i++) {
      ids[i] = i < shared ? ((long) session.prompt << PLACE_BITS) + i : owner + i;
    }
    if (partial) {
      ids[full] = owner + PARTIAL + session.turn;
    }
    return Blocks.of(ids);
  }

  private static long nanos(double seconds) {
    return (long) (seconds * 1e9);
  }
}
