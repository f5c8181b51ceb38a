package io.inferencerouter.examples.demo.workload;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/**
 * The requests of a run, the same for every policy.
 *
 * @param jobs in the order of their arrival
 * @param window from the start to the last arrival
 */
public record Workload(List<Job> jobs, Duration window) {
  /** Copies the list. */
  public Workload {
    jobs = List.copyOf(jobs);
  }

  /**
   * Makes a workload.
   *
   * @param seed equal seeds give arrivals in equal proportion to the window
   * @param size how many requests
   * @param source draws the requests
   * @throws IOException if the source fails
   */
  public static Workload draw(long seed, Size size, Source source) throws IOException {
    List<Draft> drafts = new ArrayList<>();
    Duration window = Duration.ZERO;
    while (drafts.size() < size.requests() && window.compareTo(size.window()) < 0) {
      drafts.add(source.next());
      window = source.window();
    }
    long[] arrivals = Arrivals.draw(new SplittableRandom(~seed), drafts.size(), window.toNanos());
    List<Job> jobs = new ArrayList<>();
    for (int i = 0; i < arrivals.length; i++) {
      jobs.add(drafts.get(i).at(i, arrivals[i]));
    }
    return new Workload(jobs, window);
  }

  /**
   * Makes a workload of requests at equal distances.
   *
   * @param spacing from one arrival to the next
   */
  public static Workload even(List<? extends Draft> drafts, Duration spacing) {
    List<Job> jobs = new ArrayList<>();
    for (Draft draft : drafts) {
      jobs.add(draft.at(jobs.size(), spacing.multipliedBy(jobs.size()).toNanos()));
    }
    return new Workload(jobs, spacing.multipliedBy(drafts.size()));
  }

  /** How many tokens the model reads for all of them. */
  public long inputTokens() {
    return jobs.stream().mapToLong(Job::inputTokens).sum();
  }

  /** How many tokens the model generates for all of them. */
  public long outputTokens() {
    return jobs.stream().mapToLong(Job::outputTokens).sum();
  }

  /** A request whose place and time are not yet known. */
  @FunctionalInterface
  public interface Draft {
    /** The request at its place and time. */
    Job at(int number, long arrivalNanos);
  }

  /** Draws requests. */
  public interface Source {
    /** Draws the next one. */
    Draft next() throws IOException;

    /** The time in which all drawn so far keep the fleet busy to the wanted degree. */
    Duration window();
  }

  /**
   * How long a workload is: it ends with the bound that is reached first.
   *
   * @param requests at most so many
   * @param window at most for so long
   */
  public record Size(int requests, Duration window) {
    private static final Duration LONGEST = Duration.ofDays(1);

    /** So many requests, however long they take. */
    public static Size requests(int requests) {
      return new Size(requests, LONGEST);
    }

    /** As many requests as arrive in that time. */
    public static Size window(Duration window) {
      return new Size(Integer.MAX_VALUE, window);
    }
  }
}
