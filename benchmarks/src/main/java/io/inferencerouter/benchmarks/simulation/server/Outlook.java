package io.inferencerouter.benchmarks.simulation.server;

/**
 * What would become of a request if it were submitted now and nothing else came: closed forms over
 * the sums that an engine keeps, so that references may ask every endpoint about every request.
 * Where the truth depends on each sequence, it is taken as if what they have still to answer were
 * spread evenly between 0 and twice its mean.
 *
 * <pre>
 *   first = rest of the step + load of the model
 *           + reading of all prompts before it + own reading
 *           + max(steps of these, steps till there is room) · (c0 + d·B + e·S)
 *   finish = first + k·(c0 + d·(1 + m) + e·(own context + m·their context))
 *   harm   = own reading · n + n·o·(d + e·own context)
 * </pre>
 *
 * <p>Here k is its answer without the first token, n are all others, o how many steps each of them
 * spends with it in the mean, {@code k − k²/(4r)} with a mean r of what they have still to answer
 * (r, if that is less than k/2), and m how many are there beside it in the mean, n·o/k. There is
 * room when so many have left that the limit of concurrency and the memory admit all who wait and
 * then it: the f-th of B leaves after 2·r·f/(B + 1) steps. An idle engine pays {@code a} instead of
 * steps; for one that is idle all this is exact.
 */
final class Outlook {
  private static final double NANOS_PER_MILLI = 1e6;

  private final StepCosts costs;
  private final int readPerStep;
  private final long memory;
  private final int maxConcurrency;

  /** Virtual time till the step under way ends. */
  double rest;

  /** Virtual time till the model is loaded. */
  double load;

  double factor;
  private int running;
  private int decoding;
  private long context;
  private long used;

  /** What those that run have still to answer. */
  private long remaining;

  /** What is to be read before it. */
  private long readTokens;

  private double readNanos;
  private int waiting;

  /** Memory that those who wait need. */
  private long needed;

  /** What those who wait will answer. */
  private long answers;

  private double first;
  private double finish;
  private double harm;

  Outlook(StepCosts costs, int readPerStep, long memory, int maxConcurrency) {
    this.costs = costs;
    this.readPerStep = readPerStep;
    this.memory = memory;
    this.maxConcurrency = maxConcurrency;
  }

  /** Those that run, after so many steps more. */
  void see(RunningBatch batch, long steps) {
    running = batch.size();
    decoding = batch.decoding();
    context = batch.context() + batch.decoding() * steps;
    used = batch.used() + batch.decoding() * steps;
    remaining = batch.remaining() - batch.decoding() * steps;
  }

  /** Those that wait; after {@link #see(RunningBatch, long)}. */
  void see(Backlog backlog, int count) {
    readTokens = backlog.unread();
    readNanos = backlog.readNanos();
    waiting = count;
    needed = backlog.needed();
    answers = backlog.output();
  }

  /** The one that is read in part, after so many steps more; after those that wait. */
  void see(Reading reading, long steps) {
    if (reading.count() > 0) {
      Sequence last = reading.chunk(reading.count() - 1);
      long read = last.read + last.chunk * steps;
      long unread = Math.max(0, last.target - read);
      readTokens += unread;
      readNanos += costs.read((double) unread, (double) read);
      remaining += last.output;
    }
  }

  void compute(int input, int cached, int output) {
    int own = input - cached;
    double ownRead = costs.read(own, cached);
    double others = running + waiting;
    double mean = others == 0 ? 0 : Math.max(0, remaining + answers) / others;

    double steps = Math.ceil((readTokens + own) / (double) readPerStep);
    double room = stepsTillRoom(input, mean);
    double step = decoding == 0 ? 0 : costs.decode(decoding, (double) context);
    double reading =
        readNanos + ownRead + Math.max(steps, room) * step + (decoding == 0 ? costs.begin : 0);
    first = rest + load + factor * reading;

    double k = output - 1.0;
    double together = k < 2 * mean ? k - k * k / (4 * mean) : mean;
    double beside = k == 0 ? 0 : Math.min(maxConcurrency - 1.0, others) * Math.min(1, together / k);
    double theirContext = others == 0 ? 0 : (used + needed) / others + together / 2;
    double ownContext = input + 1 + (k - 1) / 2;
    finish = first + factor * k * costs.decode(1 + beside, ownContext + beside * theirContext);
    harm =
        factor
            * others
            * (ownRead + together * (costs.perSequence + costs.perContextToken * ownContext));
  }

  private double stepsTillRoom(int input, double mean) {
    if (running == 0) {
      return 0;
    }
    double slots = running + waiting + 1.0 - maxConcurrency;
    double tokens = used + needed + input - (double) memory;
    double leave = Math.max(slots, Math.ceil(tokens * running / Math.max(1.0, (double) used)));
    if (leave <= 0) {
      return 0;
    }
    return leave <= running
        ? 2 * mean * leave / (running + 1)
        : 2 * mean + (leave - running) / running * mean;
  }

  double firstOutputMillis() {
    return first / NANOS_PER_MILLI;
  }

  double finishMillis() {
    return finish / NANOS_PER_MILLI;
  }

  double harmMillis() {
    return harm / NANOS_PER_MILLI;
  }
}
