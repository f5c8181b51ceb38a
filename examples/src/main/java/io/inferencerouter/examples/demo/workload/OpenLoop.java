package io.inferencerouter.examples.demo.workload;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * Sends each request when it is due, whether or not earlier ones have been answered, as independent
 * clients do. Latency counts from the time at which a request was due, so a late start does not
 * hide.
 */
public final class OpenLoop {
  private final Sender sender;
  private final Duration patience;

  /**
   * Creates a load generator.
   *
   * @param sender sends the requests; not closed here
   * @param patience how long after the last request to wait for answers; what is not there then is
   *     lost
   */
  public OpenLoop(Sender sender, Duration patience) {
    this.sender = sender;
    this.patience = patience;
  }

  /**
   * Sends all requests and waits for the answers.
   *
   * @param jobs the requests in the order of their arrival
   * @param answered called after each answer, by any thread
   * @return the answers as they came; fewer than requests when some were lost
   */
  public Run send(List<Job> jobs, Runnable answered) throws InterruptedException {
    List<Sender.Prepared> requests = new ArrayList<>(jobs.size());
    for (Job job : jobs) {
      requests.add(sender.prepare(job));
    }
    Queue<Answer> answers = new ConcurrentLinkedQueue<>();
    CountDownLatch open = new CountDownLatch(jobs.size());
    long start = System.nanoTime();
    for (int i = 0; i < jobs.size(); i++) {
      long due = start + jobs.get(i).arrivalNanos();
      TimeUnit.NANOSECONDS.sleep(due - System.nanoTime());
      requests
          .get(i)
          .send(
              due,
              answer -> {
                answers.add(answer);
                try {
                  answered.run();
                } finally {
                  open.countDown();
                }
              });
    }
    boolean complete = open.await(patience.toMillis(), TimeUnit.MILLISECONDS);
    long end = System.nanoTime();
    List<Answer> received = List.copyOf(answers);
    return new Run(start, end, received, complete ? 0 : jobs.size() - received.size());
  }

  /**
   * The result of sending a sequence of requests.
   *
   * @param startNanos when the first request was due at the earliest, on the clock of {@link
   *     System#nanoTime()}
   * @param endNanos when the last answer was here
   * @param answers in the order in which they came
   * @param lost how many requests got neither an answer nor an error
   */
  public record Run(long startNanos, long endNanos, List<Answer> answers, int lost) {}
}
