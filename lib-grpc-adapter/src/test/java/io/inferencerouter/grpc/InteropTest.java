package io.inferencerouter.grpc;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import com.google.protobuf.MessageLite;
import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientCall;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import io.inferencerouter.core.testing.Waiting;
import io.inferencerouter.grpc.test.Answer;
import io.inferencerouter.grpc.test.Ask;
import io.inferencerouter.grpc.test.ExchangeGrpc;
import io.inferencerouter.grpc.test.Nothing;
import io.inferencerouter.grpc.test.NowhereGrpc;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * The cases of gRPC's interoperability tests: each runs on a bare channel and on a routing channel,
 * and what the caller hears must be the same, word by word.
 */
class InteropTest extends RoutedTest {
  private static final int LARGE_ASK = 271_828;
  private static final int LARGE_ANSWER = 314_159;

  private ExchangeServer server;
  private ManagedChannel bare;

  @BeforeEach
  void serve() throws Exception {
    server = serve("only");
    use(server.endpoint().build());
    bare = open(server.endpoint().build());
  }

  private interface Case {
    List<String> run(Channel on) throws Exception;
  }

  /** Runs a case on both; returns what both have come to. */
  private List<String> onBoth(Case one) throws Exception {
    List<String> expected = one.run(bare);
    assertThat(one.run(channel)).isEqualTo(expected);
    bare.shutdown();
    assertThat(expected).noneMatch(event -> event.contains("TWO") || event.contains("TWICE"));
    return expected;
  }

  private static <Q extends MessageLite, A> RecordedListener<A> start(
      ClientCall<Q, A> call, Metadata headers) {
    RecordedListener<A> listener = new RecordedListener<>();
    call.start(listener, headers);
    return listener;
  }

  private static List<String> finish(RecordedListener<?> listener) throws Exception {
    Status status = listener.status();
    List<String> all = new ArrayList<>(listener.transcript());
    all.add(status.getCode() + ": " + status.getDescription());
    listener.messages.forEach(message -> all.add(message.toString()));
    return all;
  }

  private static <Q extends MessageLite, A> List<String> unary(
      Channel on, MethodDescriptor<Q, A> method, CallOptions options, Q message) throws Exception {
    ClientCall<Q, A> call = on.newCall(method, options);
    RecordedListener<A> listener = start(call, new Metadata());
    call.request(2);
    call.sendMessage(message);
    call.halfClose();
    return finish(listener);
  }

  private static Ask large() {
    return ask(LARGE_ANSWER).toBuilder()
        .setPayload(ByteString.copyFrom(new byte[LARGE_ASK]))
        .build();
  }

  @Test
  void emptyUnary() throws Exception {
    assertThat(
            onBoth(
                on ->
                    unary(
                        on,
                        ExchangeGrpc.getEmptyMethod(),
                        CallOptions.DEFAULT,
                        Nothing.getDefaultInstance())))
        .startsWith("headers", "message", "close", "OK: null");
  }

  @Test
  void largeUnary() throws Exception {
    assertThat(onBoth(on -> unary(on, ExchangeGrpc.getUnaryMethod(), CallOptions.DEFAULT, large())))
        .startsWith("headers", "message", "close", "OK: null");
    assertThat(server.service.asked).hasSize(2).allMatch(ask -> ask.equals(large()));
  }

  @Test
  void clientStreaming() throws Exception {
    int[] sizes = {27_182, 8, 1_828, 45_904};
    assertThat(
            onBoth(
                on -> {
                  ClientCall<Ask, Answer> call = call(on, ExchangeGrpc.getUploadMethod());
                  RecordedListener<Answer> listener = start(call, new Metadata());
                  call.request(2);
                  for (int i = 0; i < sizes.length; i++) {
                    call.sendMessage(
                        Ask.newBuilder()
                            .setNumber(i)
                            .setPayload(ByteString.copyFrom(new byte[sizes[i]]))
                            .build());
                  }
                  call.halfClose();
                  return finish(listener);
                }))
        .startsWith("headers", "message", "close", "OK: null")
        .last()
        .asString()
        .contains("received: 74922");
  }

  @Test
  void serverStreaming() throws Exception {
    Ask ask = ask(31_415, 9, 2_653, 58_979);
    assertThat(
            onBoth(
                on -> {
                  ClientCall<Ask, Answer> call = call(on, ExchangeGrpc.getDownloadMethod());
                  RecordedListener<Answer> listener = start(call, new Metadata());
                  call.request(Integer.MAX_VALUE);
                  call.sendMessage(ask);
                  call.halfClose();
                  return finish(listener);
                }))
        .startsWith("headers", "message", "message", "message", "message", "close", "OK: null");
  }

  @Test
  void pingPong() throws Exception {
    int[] sizes = {31_415, 9, 2_653, 58_979};
    assertThat(
            onBoth(
                on -> {
                  ClientCall<Ask, Answer> call = call(on, ExchangeGrpc.getChatMethod());
                  RecordedListener<Answer> listener = start(call, new Metadata());
                  List<String> sizesReceived = new ArrayList<>();
                  for (int size : sizes) {
                    call.request(1);
                    call.sendMessage(ask(size));
                    sizesReceived.add("" + listener.message().getPayload().size());
                  }
                  call.halfClose();
                  sizesReceived.addAll(finish(listener));
                  return sizesReceived;
                }))
        .startsWith("31415", "9", "2653", "58979", "headers")
        .endsWith("close", "OK: null");
  }

  @Test
  void emptyStream() throws Exception {
    assertThat(
            onBoth(
                on -> {
                  ClientCall<Ask, Answer> call = call(on, ExchangeGrpc.getChatMethod());
                  RecordedListener<Answer> listener = start(call, new Metadata());
                  call.request(1);
                  call.halfClose();
                  return finish(listener);
                }))
        .endsWith("close", "OK: null");
  }

  @Test
  void statusCodeAndMessage() throws Exception {
    Ask ask = Ask.newBuilder().setCode(2).setDescription("test status message").build();
    List<String> unary =
        onBoth(on -> unary(on, ExchangeGrpc.getUnaryMethod(), CallOptions.DEFAULT, ask));
    assertThat(unary).endsWith("close", "UNKNOWN: test status message");
  }

  @Test
  void statusCodeAndMessageOfAStream() throws Exception {
    Ask ask = Ask.newBuilder().setCode(2).setDescription("test status message").build();
    assertThat(
            onBoth(
                on -> {
                  ClientCall<Ask, Answer> call = call(on, ExchangeGrpc.getChatMethod());
                  RecordedListener<Answer> listener = start(call, new Metadata());
                  call.request(1);
                  call.sendMessage(ask);
                  return finish(listener);
                }))
        .endsWith("close", "UNKNOWN: test status message");
  }

  @Test
  void specialStatusMessage() throws Exception {
    String special = "\t\ntest with whitespace\r\nand Unicode BMP ☺ and non-BMP 😈\t\n";
    Ask ask = Ask.newBuilder().setCode(2).setDescription(special).build();
    assertThat(onBoth(on -> unary(on, ExchangeGrpc.getUnaryMethod(), CallOptions.DEFAULT, ask)))
        .endsWith("close", "UNKNOWN: " + special);
  }

  @Test
  void unimplementedMethod() throws Exception {
    assertThat(
            onBoth(
                on ->
                    unary(
                        on,
                        ExchangeGrpc.getUnservedMethod(),
                        CallOptions.DEFAULT,
                        Nothing.getDefaultInstance())))
        .last()
        .asString()
        .startsWith("UNIMPLEMENTED");
  }

  @Test
  void unimplementedService() throws Exception {
    assertThat(onBoth(on -> unary(on, NowhereGrpc.getUnaryMethod(), CallOptions.DEFAULT, ask())))
        .last()
        .asString()
        .startsWith("UNIMPLEMENTED");
  }

  @Test
  void cancelAfterBegin() throws Exception {
    assertThat(
            onBoth(
                on -> {
                  ClientCall<Ask, Answer> call = call(on, ExchangeGrpc.getUploadMethod());
                  RecordedListener<Answer> listener = start(call, new Metadata());
                  call.request(2);
                  call.cancel("no longer wanted", null);
                  return finish(listener);
                }))
        .containsExactly("close", "CANCELLED: no longer wanted");
  }

  @Test
  void cancelAfterFirstResponse() throws Exception {
    assertThat(
            onBoth(
                on -> {
                  ClientCall<Ask, Answer> call = call(on, ExchangeGrpc.getChatMethod());
                  RecordedListener<Answer> listener = start(call, new Metadata());
                  call.request(1);
                  call.sendMessage(ask(31_415));
                  int size = listener.message().getPayload().size();
                  call.cancel("enough", null);
                  List<String> all = finish(listener);
                  all.add("" + size);
                  return all;
                }))
        .containsExactly("headers", "message", "close", "CANCELLED: enough", "31415");
  }

  @Test
  void timeoutOnSleepingServer() throws Exception {
    Ask ask = Ask.newBuilder().setHang(true).build();
    assertThat(
            onBoth(
                on -> {
                  List<String> all =
                      new ArrayList<>(
                          unary(
                              on,
                              ExchangeGrpc.getUnaryMethod(),
                              CallOptions.DEFAULT.withDeadlineAfter(100, TimeUnit.MILLISECONDS),
                              ask));
                  all.replaceAll(event -> event.startsWith("DEADLINE") ? "DEADLINE" : event);
                  return all;
                }))
        .containsExactly("close", "DEADLINE");
  }

  @Test
  void customMetadata() throws Exception {
    byte[] binary = {(byte) 0xab, (byte) 0xab, (byte) 0xab};
    assertThat(
            onBoth(
                on -> {
                  ClientCall<Ask, Answer> call = call(on, ExchangeGrpc.getChatMethod());
                  Metadata headers = new Metadata();
                  headers.put(ExchangeServer.ECHO, "test_initial_metadata_value");
                  headers.put(ExchangeServer.ECHO_BIN, binary);
                  RecordedListener<Answer> listener = start(call, headers);
                  call.request(2);
                  call.sendMessage(ask(1));
                  call.halfClose();
                  List<String> all = finish(listener);
                  all.add(Waiting.take(listener.headers, "the headers").get(ExchangeServer.ECHO));
                  all.add(
                      new String(
                          listener.end().trailers().get(ExchangeServer.ECHO_BIN),
                          StandardCharsets.ISO_8859_1));
                  return all;
                }))
        .endsWith("test_initial_metadata_value", new String(binary, StandardCharsets.ISO_8859_1));
    Metadata first = Waiting.take(server.headers, "the headers");
    Metadata second = Waiting.take(server.headers, "the headers");
    assertThat(second.keys()).isEqualTo(first.keys());
  }
}
