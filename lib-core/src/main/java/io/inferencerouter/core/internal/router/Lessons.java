package io.inferencerouter.core.internal.router;

import io.inferencerouter.Endpoint;
import io.inferencerouter.Outcome;
import io.inferencerouter.Usage;
import io.inferencerouter.core.internal.state.Candidate;
import io.inferencerouter.core.internal.state.Lanes;
import io.inferencerouter.core.internal.state.ModelService;
import io.inferencerouter.core.internal.state.OutstandingWork;

/** What the course of a request says of the speed of its endpoint. */
final class Lessons {
  /** Of what is ahead, half of what is being read is taken to be done; it may be nothing. */
  private static final double MOST_AHEAD = 2;

  /** A half divided by each number, as a division is what a reservation would wait for longest. */
  private static final double[] HALF_BY = new double[64];

  static {
    for (int number = 1; number < HALF_BY.length; number++) {
      HALF_BY[number] = 0.5 / number;
    }
  }

  private Lessons() {}

  /**
   * Seconds of input that is really ahead of a request: what is reserved, less the half that has
   * been read, on average, of what is being read. Without that, an endpoint would look the faster
   * the busier it is.
   */
  static double aheadSeconds(Candidate candidate, long admissionWord, int decoding) {
    int inFlight = OutstandingWork.inFlight(admissionWord);
    int unanswered = inFlight - decoding;
    int lanes = candidate.lanes();
    if (inFlight < lanes || unanswered <= 0) {
      return 0;
    }
    double half = unanswered < HALF_BY.length ? HALF_BY[unanswered] : 0.5 / unanswered;
    double read = Math.min(unanswered, lanes) * half;
    return (1 - read) * OutstandingWork.inputMicros(admissionWord) * candidate.waitPerMicro();
  }

  /**
   * From the first output of a stream.
   *
   * @param elapsed seconds until then
   * @param ahead seconds of input that was ahead
   */
  static void ofFirstOutput(RoutedLease lease, double elapsed, double ahead) {
    Candidate candidate = lease.chosen();
    ModelService service = candidate.service;
    if (lease.isLoader()) {
      double rest = lease.inputSeconds(candidate) + ahead;
      service.residency.loaded(elapsed - rest);
      int limit = candidate.endpoint.maxResidentModels();
      if (limit != Endpoint.UNLIMITED_MODELS) {
        candidate.state.makeRoom(service, limit);
      }
    } else if (!lease.waitsForLoad()) { // how much of the load was still ahead is not known
      double work = work(lease, ahead);
      paced(lease, elapsed, predictedFirstOutput(candidate, work));
      service.firstOutput(elapsed - unseenSeconds(lease, elapsed, ahead), work);
    }
  }

  /** Seconds that somebody else's input took, of which this request says that it was there. */
  private static double unseenSeconds(RoutedLease lease, double elapsed, double ahead) {
    Candidate candidate = lease.chosen();
    if (isExceptional(lease)) {
      return 0; // its own time is uncertain by as much
    }
    double own = predictedFirstOutput(candidate, lease.readingWork(candidate));
    return candidate.service.unseen.met(
        elapsed,
        own + MOST_AHEAD * ahead,
        lease.candidates.exceptionalWork() * candidate.secondsPerInputUnit(),
        candidate.secondsPerInputUnit());
  }

  /**
   * From the beginning of a stream, for where little is known: an endpoint on which streams take a
   * minute would get more and more of them for as long.
   *
   * @param elapsed seconds until now
   */
  static void ofBeginning(RoutedLease lease, double elapsed) {
    if (!isExceptional(lease)) {
      double seconds = elapsed - lease.untilFirstOutput();
      lease.chosen().service.stream(seconds, lease.reported() - 1.0, beside(lease));
    }
  }

  /**
   * Whether its input is far longer than others. It goes where another such input may stop it while
   * it writes, which says nothing of how fast the endpoint writes.
   */
  private static boolean isExceptional(RoutedLease lease) {
    return lease.candidates.exceptionalShare(lease.inputWork()) > 0;
  }

  /**
   * From an answer that has arrived in full.
   *
   * @param begun whether its first output was reported
   * @param elapsed seconds until then
   */
  static void ofAnswer(RoutedLease lease, boolean begun, Outcome outcome, double elapsed) {
    boolean streaming = lease.request.streaming();
    if (streaming && !begun && !lease.isLoader()) {
      return;
    }
    Candidate candidate = lease.chosen();
    double beside = beside(lease);
    double units = outputUnits(lease, outcome.usage());
    if (streaming && begun) {
      double seconds = elapsed - lease.untilFirstOutput();
      paced(lease, seconds, predictedOutput(candidate, units - 1, beside));
      if (!isExceptional(lease)) {
        candidate.service.stream(seconds, units - 1, beside);
      }
    } else if (lease.isLoader()) {
      double output = predictedOutput(candidate, units, beside);
      ofFirstOutput(lease, elapsed - output, ahead(lease));
    } else if (!lease.waitsForLoad()) {
      double work = workUntilAnswer(lease);
      double output = predictedOutput(candidate, units, beside);
      paced(lease, elapsed, predictedFirstOutput(candidate, work) + output);
      candidate.service.answer(elapsed, work, units, beside);
      if (lease.isInputAlone() && lease.inputMicros() != 0) {
        double reserved = lease.untilFirstOutput() * 1e6 / lease.inputMicros();
        candidate.service.answeredBeside(
            elapsed, lease.readingWork(candidate), reserved, lease.neighbours());
      }
    }
  }

  /** How many of usual context ran beside it, from when it came until now. */
  private static double beside(RoutedLease lease) {
    double now = lease.neighbours(lease.chosen().work, lease.context());
    return 0.5 * (lease.besideAtFirst() + Math.max(0, now));
  }

  /** Seconds of input that was ahead, until the first output has come. */
  static double ahead(RoutedLease lease) {
    double seconds = lease.untilFirstOutput();
    return lease.isInputAlone()
        ? seconds * Lanes.ahead(lease.chosen().lanes(), lease.neighbours())
        : seconds;
  }

  private static double outputUnits(RoutedLease lease, Usage usage) {
    if (lease.outputWork() == 0) {
      return 0; // in whatever units it is reported: nobody expects it to take time
    }
    int reported = lease.reported();
    return usage.isKnown() ? usage.outputUnits() : reported > 0 ? reported : lease.outputWork();
  }

  /**
   * As {@link #work}, where answers come in one piece: what is reserved is then returned with the
   * answer, though it has long been read, and so counts only for that part of the time in which a
   * request is read.
   */
  private static double workUntilAnswer(RoutedLease lease) {
    int input = lease.inputMicros();
    double reserved = Math.max(1, (double) input + lease.outputMicros()); // ints may overflow
    return work(lease, ahead(lease) * (input / reserved));
  }

  /**
   * Own work and the work that was ahead, in input units; 0 if unknown.
   *
   * @param ahead in seconds
   */
  private static double work(RoutedLease lease, double ahead) {
    int input = lease.inputMicros();
    return input == 0 ? 0 : lease.readingWork(lease.chosen()) * (1 + ahead * 1e6 / input);
  }

  private static void paced(RoutedLease lease, double elapsed, double predicted) {
    OutstandingWork work = lease.chosen().work;
    if (work.isCurrent(lease.acquiredNanos())) {
      work.paced(elapsed, predicted);
    }
  }

  /** By what is believed: on trial, the candidate says something else. */
  private static double predictedFirstOutput(Candidate candidate, double work) {
    ModelService service = candidate.service;
    return candidate.fixedSeconds()
        + work * service.secondsPerInputUnit()
        + service.secondsPerOutputUnit();
  }

  /** Seconds for so many units of output beside so many neighbours. */
  static double predictedOutput(Candidate candidate, double units, double beside) {
    ModelService service = candidate.service;
    return units * service.secondsPerOutputUnit() * (1 + beside * service.penalty());
  }
}
