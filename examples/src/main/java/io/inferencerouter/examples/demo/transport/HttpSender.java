package io.inferencerouter.examples.demo.transport;

import io.inferencerouter.InferenceRouter;
import io.inferencerouter.examples.demo.workload.Answer;
import io.inferencerouter.examples.demo.workload.Job;
import io.inferencerouter.examples.demo.workload.Sender;
import io.inferencerouter.examples.demo.workload.ServerTiming;
import io.inferencerouter.examples.loopback.ModelServer;
import io.inferencerouter.okhttp.RoutingCallFactory;
import java.io.IOException;
import java.util.Arrays;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import okhttp3.Call;
import okhttp3.Callback;
import okhttp3.ConnectionPool;
import okhttp3.HttpUrl;
import okhttp3.MediaType;
import okhttp3.OkHttpClient;
import okhttp3.Request;
import okhttp3.RequestBody;
import okhttp3.Response;

/** Sends bodies of JSON with OkHttp, over connections of its own. */
public final class HttpSender implements Sender {
  private static final MediaType JSON = MediaType.get("application/json");

  /** The host is the router's to choose; this one exists nowhere. */
  private static final HttpUrl ANYWHERE = HttpUrl.get("http://router.invalid/");

  private static final int IDLE_CONNECTIONS = 256;

  private final OkHttpClient client;
  private final Call.Factory calls;
  private final HttpUrl address;
  private final BodyReader reader;

  private HttpSender(OkHttpClient client, Call.Factory calls, HttpUrl address, BodyReader reader) {
    this.client = client;
    this.calls = calls;
    this.address = address;
    this.reader = reader;
  }

  /**
   * Creates a sender with a client of its own.
   *
   * @param router decides where each request goes; not closed with the sender
   * @param path of the interface that is asked
   * @param reader reads the answers
   */
  public static HttpSender over(InferenceRouter router, String path, BodyReader reader) {
    OkHttpClient client =
        new OkHttpClient.Builder()
            .connectionPool(new ConnectionPool(IDLE_CONNECTIONS, 1, TimeUnit.MINUTES))
            .readTimeout(Sender.TIMEOUT)
            .build();
    return new HttpSender(
        client,
        RoutingCallFactory.create(router, client),
        ANYWHERE.newBuilder().encodedPath(path).build(),
        reader);
  }

  @Override
  public Prepared prepare(Job job) {
    Request request =
        new Request.Builder().url(address).post(RequestBody.create(job.body(), JSON)).build();
    return (due, receiver) ->
        calls.newCall(request).enqueue(new Recorder(job, due, reader, receiver));
  }

  @Override
  public void close() {
    client.dispatcher().executorService().shutdown();
    client.connectionPool().evictAll();
  }

  private static final class Recorder implements Callback {
    private final Job job;
    private final long due;
    private final BodyReader reader;
    private final Consumer<Answer> receiver;

    Recorder(Job job, long due, BodyReader reader, Consumer<Answer> receiver) {
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
