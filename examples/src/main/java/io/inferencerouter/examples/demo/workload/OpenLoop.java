package io.inferencerouter.examples.demo.workload;

import io.inferencerouter.examples.loopback.ModelServer;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import okhttp3.Call;
import okhttp3.Callback;
import okhttp3.HttpUrl;
import okhttp3.MediaType;
import okhttp3.Request;
import okhttp3.RequestBody;
import okhttp3.Response;

/**
 * Sends each request when it is due, whether or not earlier ones have been answered, as independent
 * clients do. Latency counts from the time at which a request was due, so a late start does not
 * hide.
 */
public final class OpenLoop {
  private static final MediaType JSON = MediaType.get("application/json");

  private final Call.Factory calls;
  private final HttpUrl address;
  private final BodyReader reader;
  private final Duration patience;

  /**
   * Creates a load generator.
   *
   * @param calls sends the requests
   * @param address where to, as far as {@code calls} does not decide that
   * @param reader reads the answers
   * @param patience how long after the last request to wait for answers; what is not there then is
   *     lost
   */
  public OpenLoop(Call.Factory calls, HttpUrl address, BodyReader reader, Duration patience) {
    this.calls = calls;
    this.address = address;
    this.reader = reader;
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
    List<Request> requests = new ArrayList<>(jobs.size());
    for (Job job : jobs) {
      requests.add(
          new Request.Builder().url(address).post(RequestBody.create(job.body(), JSON)).build());
    }
    Queue<Answer> answers = new ConcurrentLinkedQueue<>();
    CountDownLatch open = new CountDownLatch(jobs.size());
    long start = System.nanoTime();
    for (int i = 0; i < jobs.size(); i++) {
      Job job = jobs.get(i);
      long due = start + job.arrivalNanos();
      TimeUnit.NANOSECONDS.sleep(due - System.nanoTime());
      calls
          .newCall(requests.get(i))
          .enqueue(
              new Recorder(
                  job,
                  due,
                  reader,
                  answer -> {
                    answers.add(answer);
                    try {
                      answered.run();
                    } finally {
                      open.countDown();
                    }
                  }));
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

  private interface Receiver {
    void accept(Answer answer);
  }

  private static final class Recorder implements Callback {
    private final Job job;
    private final long due;
    private final BodyReader reader;
    private final Receiver receiver;

    Recorder(Job job, long due, BodyReader reader, Receiver receiver) {
      this.job = job;
      this.due = due;
      this.reader = reader;
      this.receiver = receiver;
    }

    @Override
    public void onResponse(Call call, Response response) {
      Answer answer;
      try (response) {
        BodyReader.Body body = reader.read(response.body());
        answer =
            new Answer(
                job,
                System.nanoTime() - due,
                sinceDue(body.outputNanos()),
                response.code(),
                response.header(ModelServer.SERVED_BY, ""),
                ServerTiming.parse(response.header(ServerTiming.HEADER, "")),
                body.bytes(),
                "");
      } catch (IOException e) {
        answer = Answer.failed(job, System.nanoTime() - due, e.toString());
      }
      receiver.accept(answer);
    }

    private long[] sinceDue(long[] nanos) {
      return Arrays.stream(nanos).map(time -> time - due).toArray();
    }

    @Override
    public void onFailure(Call call, IOException e) {
      receiver.accept(Answer.failed(job, System.nanoTime() - due, e.toString()));
    }
  }
}
