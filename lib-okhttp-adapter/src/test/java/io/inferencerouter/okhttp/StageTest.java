package io.inferencerouter.okhttp;

import io.inferencerouter.okhttp.fault.Fault;
import io.inferencerouter.okhttp.fault.Link;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import okhttp3.OkHttpClient;
import okhttp3.Request;
import okhttp3.RequestBody;
import org.junit.jupiter.params.provider.Arguments;

/** Calls that come to a stage and no further. */
abstract class StageTest extends FaultTest {
  static final int LARGE = 20_000_000;

  /** How far an answer of the first endpoint comes. */
  enum Stage implements Fault {
    HANDSHAKE(""),
    HEADERS(""),
    WITHIN_HEADERS("HTTP/1.1 200 OK\r\nContent-Ty"),
    FIRST_BYTE(STREAM_HEAD),
    BODY(JSON_HEAD + "Content-Length: 100\r\n\r\n{\"a\":");

    private final String sent;

    Stage(String sent) {
      this.sent = sent;
    }

    @Override
    public void befall(Link link) throws IOException {
      befall(link, () -> {});
    }

    /** The same, and tells when the call is there. */
    Fault thatTells(Runnable reached) {
      return link -> befall(link, reached);
    }

    private void befall(Link link, Runnable reached) throws IOException {
      if (this == HANDSHAKE) {
        link.in().skipNBytes(1);
      } else {
        link.awaitRequest();
        link.send(sent);
      }
      reached.run();
      link.hold();
    }
  }

  StageTest() throws Exception {
    super(Wire.HTTP_1_1);
  }

  static List<Arguments> everyWayAndStage() {
    List<Arguments> all = new ArrayList<>();
    for (Way way : Way.values()) {
      for (Stage stage : Stage.values()) {
        all.add(Arguments.of(way, stage));
      }
    }
    return all;
  }

  /** Makes the calls come to a stage. */
  void route(OkHttpClient client, Stage stage) {
    route(client, stage == Stage.HANDSHAKE ? "https://localhost:" + faulty.port() : faulty.uri());
  }

  /** One that can come to a stage. */
  Request requestFor(Stage stage) {
    return stage == Stage.FIRST_BYTE ? streamed() : chat();
  }

  /** Makes the calls look for the first endpoint, for as long as they last. */
  void routeBy(SlowLookup lookup, OkHttpClient.Builder client) {
    route(
        client.eventListener(lookup).dns(lookup).build(),
        "http://inference.invalid:" + faulty.port());
  }

  /** The first endpoint reads the head of a request, and nothing of its body. */
  void doesNotReadTheBody(Runnable reached) {
    faulty.inject(
        link -> {
          link.awaitHead();
          reached.run();
          awaitRelease();
        });
  }

  /** One whose body is larger than what is sent without being read. */
  Request large() {
    return request().post(RequestBody.create(new byte[LARGE], JSON)).build();
  }
}
