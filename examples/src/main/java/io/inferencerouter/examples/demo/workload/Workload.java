package io.inferencerouter.examples.demo.workload;

import io.inferencerouter.examples.demo.engine.Calibration;
import io.inferencerouter.examples.demo.engine.MiniLm;
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
   * Makes a workload that keeps a fleet busy to the given degree.
   *
   * @param seed equal seeds give equal documents, and arrivals in equal proportion to the window
   * @param size how many requests
   * @param load the share of the fleet's capacity that the requests need, above zero
   * @param engine counts the tokens
   * @param calibration what a token costs
   * @throws IOException if the texts for the documents cannot be read
   */
  public static Workload create(
      long seed, Size size, double load, Fleet fleet, MiniLm engine, Calibration calibration)
      throws IOException {
    double speed = load * fleet.capacity();
    DocumentGenerator generator = new DocumentGenerator(seed);
    List<Document> documents = new ArrayList<>();
    List<Integer> tokens = new ArrayList<>();
    int total = 0;
    long windowNanos = 0;
    while (documents.size() < size.requests() && windowNanos < size.window().toNanos()) {
      Document document = generator.next();
      int count = document.pages().stream().mapToInt(engine::tokens).sum();
      documents.add(document);
      tokens.add(count);
      total += count;
      windowNanos = Math.round(calibration.nominal(total).toNanos() / speed);
    }
    long[] arrivals = Arrivals.draw(new SplittableRandom(~seed), documents.size(), windowNanos);
    List<Job> jobs = new ArrayList<>();
    for (int i = 0; i < arrivals.length; i++) {
      jobs.add(new Job(i, documents.get(i), tokens.get(i), arrivals[i]));
    }
    return new Workload(jobs, Duration.ofNanos(windowNanos));
  }

  /** All pages of all documents. */
  public int pages() {
    return jobs.stream().mapToInt(job -> job.document().pages().size()).sum();
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
