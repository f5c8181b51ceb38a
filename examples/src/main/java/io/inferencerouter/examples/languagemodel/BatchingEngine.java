package io.inferencerouter.examples.languagemodel;

import io.inferencerouter.examples.loopback.Served;
import io.inferencerouter.examples.loopback.ServedLog;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Generates for a fixed number of requests at a time, with continuous batching, as vLLM and its
 * like do: requests join and leave the batch between steps. Those that find no slot wait in order.
 *
 * <p>One thread does it all, in turn: it reads the prompt of one waiting request, if a slot is
 * free, which holds up all others; then it makes one step, in which every sequence of the batch
 * gets one token. All of it is really computed. Then the thread waits until the step has taken as
 * long as the {@link Pace} states, before anybody gets to see its tokens. So one machine can stand
 * for several GPUs, as long as computing takes less than the stated time; what it takes beyond is
 * told by {@link Served#overrunNanos()}.
 *
 * <p>Safe for use by many threads.
 */
public final class BatchingEngine implements AutoCloseable {
  private final TinyKjv model;
  private final Pace pace;
  private final int slots;
  private final Thread thread;
  private final Pacer pacer;
  private final ServedLog served = new ServedLog();

  private final ReentrantLock lock = new ReentrantLock();
  private final Condition work = lock.newCondition();

  /** Guarded by the lock. */
  private final Deque<Generation> waiting = new ArrayDeque<>();

  private volatile boolean closed;

  /** Of the engine's thread alone, as are the sums; others see what it publishes. */
  private final List<Generation> batch = new ArrayList<>();

  private long promptTokens;
  private long generatedTokens;
  private volatile EngineLoad published = new EngineLoad(0, 0, 0, 0, 0);

  private BatchingEngine(String name, TinyKjv model, Pace pace, int slots) {
    this.model = model;
    this.pace = pace;
    this.slots = slots;
    this.thread = new Thread(this::run, name + "-engine");
    this.thread.setDaemon(true);
    this.pacer = new Pacer(thread);
  }

  /**
   * Starts an engine.
   *
   * @param name how its thread is named
   * @param model shared by all engines and not closed by them
   * @param pace how fast it is to be
   * @param slots how many requests at a time, at least one
   */
  public static BatchingEngine start(String name, TinyKjv model, Pace pace, int slots) {
    if (slots < 1) {
      throw new IllegalArgumentException("slots: " + slots + " (expected: at least 1)");
    }
    BatchingEngine engine = new BatchingEngine(name, model, pace, slots);
    engine.thread.start();
    return engine;
  }

  /** How many requests it serves at a time. */
  public int slots() {
    return slots;
  }

  /** How fast it is. */
  public Pace pace() {
    return pace;
  }

  /**
   * Takes a request.
   *
   * @throws IOException if the engine is closed
   */
  public Generation submit(Prompt prompt) throws IOException {
    Generation generation = new Generation(this, prompt);
    lock.lock();
    try {
      if (closed) {
        throw new IOException("engine: closed");
      }
      waiting.add(generation);
      work.signal();
    } finally {
      lock.unlock();
    }
    return generation;
  }

  /** How busy it is. */
  public EngineLoad load() {
    EngineLoad last = published;
    lock.lock();
    try {
      return new EngineLoad(
          last.running(),
          waiting.size(),
          last.cacheUsage(),
          last.promptTokens(),
          last.generatedTokens());
    } finally {
      lock.unlock();
    }
  }

  /** Removes and returns what was served since the last call, in the order in which it ended. */
  public List<Served> takeServed() {
    return served.take();
  }

  /** Fails all requests and waits until the model is not used any more. */
  @Override
  public void close() {
    lock.lock();
    try {
      closed = true;
      work.signal();
    } finally {
      lock.unlock();
    }
    pacer.stop();
    boolean interrupted = false;
    while (thread.isAlive()) {
      try {
        thread.join();
      } catch (InterruptedException e) {
        interrupted = true; // a model must not be closed while it computes: wait on
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  /** Takes a cancelled request off the queue, if it is there; the batch looks for itself. */
  void forget(Generation cancelled) {
    lock.lock();
    try {
      waiting.remove(cancelled);
    } finally {
      lock.unlock();
    }
  }

  private void run() {
    try {
      while (awaitWork()) {
        Generation next = batch.size() < slots ? takeWaiting() : null;
        if (next != null) {
          join(next);
        }
        step();
      }
    } finally {
      failAll();
    }
  }

  /** Waits until there is something to do; false when the engine is closed. */
  private boolean awaitWork() {
    lock.lock();
    try {
      while (!closed && batch.isEmpty() && waiting.isEmpty()) {
        work.awaitUninterruptibly();
      }
      return !closed;
    } finally {
      lock.unlock();
    }
  }

  private @Nullable Generation takeWaiting() {
    lock.lock();
    try {
      return waiting.poll();
    } finally {
      lock.unlock();
    }
  }

  private void join(Generation generation) {
    long start = System.nanoTime();
    batch.add(generation);
    publish();
    int tokens = generation.prompt().tokens().length;
    Generation.Token first;
    try {
      first = generation.begin(model, start, pacer.overrunNanos());
    } catch (IOException e) {
      leave(generation, e.toString());
      return;
    }
    if (pacer.await(start, pace.promptNanos(tokens))) {
      promptTokens += tokens;
      give(List.of(generation), List.of(first));
    }
  }

  private void step() {
    for (Generation generation : List.copyOf(batch)) {
      if (generation.isCancelled()) {
        leave(generation, "");
      }
    }
    if (batch.isEmpty()) {
      publish();
      return;
    }
    long start = System.nanoTime();
    List<Generation> members = List.copyOf(batch);
    List<Generation.Token> tokens = new ArrayList<>();
    for (Generation member : members) {
      tokens.add(advance(member));
    }
    if (pacer.await(start, pace.stepNanos(members.size()))) {
      give(members, tokens);
    }
  }

  private static Generation.Token advance(Generation member) {
    try {
      return member.advance();
    } catch (IOException e) {
      return new Generation.Token("", Continuation.UNFINISHED, 0, e.toString());
    }
  }

  /**
   * Lets requests have their tokens. Slots are free and the load is up to date before anybody gets
   * to know.
   */
  private void give(List<Generation> generations, List<Generation.Token> tokens) {
    for (int i = 0; i < tokens.size(); i++) {
      if (tokens.get(i).failure().isEmpty()) {
        generatedTokens++;
      }
      if (tokens.get(i).isLast()) {
        leave(generations.get(i), "");
      }
    }
    publish();
    for (int i = 0; i < tokens.size(); i++) {
      generations.get(i).emit(tokens.get(i));
    }
  }

  private void leave(Generation generation, String failure) {
    batch.remove(generation);
    generation.release();
    long end = System.nanoTime();
    long held = end - generation.startNanos();
    served.add(
        new Served(
            generation.startNanos(),
            end,
            held - (pacer.overrunNanos() - generation.overrunAtStart())));
    if (!failure.isEmpty()) {
      generation.fail(failure);
    }
  }

  private void publish() {
    int cached = batch.stream().mapToInt(Generation::cachedTokens).sum();
    published =
        new EngineLoad(
            batch.size(),
            0,
            (double) cached / (slots * TinyKjv.CONTEXT),
            promptTokens,
            generatedTokens);
  }

  private void failAll() {
    List<Generation> rest = new ArrayList<>(batch);
    lock.lock();
    try {
      closed = true; // also when the thread ended by an error
      rest.addAll(waiting);
      waiting.clear();
    } finally {
      lock.unlock();
    }
    for (Generation generation : rest) {
      generation.release();
      generation.fail("engine: closed");
    }
  }
}
