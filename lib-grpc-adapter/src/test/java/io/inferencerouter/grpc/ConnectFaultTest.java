package io.inferencerouter.grpc;

import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.ManagedChannel;
import io.grpc.Status;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.grpc.netty.shaded.io.netty.channel.ChannelOption;
import io.grpc.netty.shaded.io.netty.handler.ssl.util.SelfSignedCertificate;
import io.inferencerouter.Endpoint;
import io.inferencerouter.Outcome;
import io.inferencerouter.core.testing.FullBacklog;
import io.inferencerouter.grpc.test.Answer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * There is no connection to the first endpoint: any call goes to the second, also one that must not
 * be sent twice.
 */
class ConnectFaultTest extends RoutedTest {
  private static final int SHORT_MILLIS = 100;

  private ExchangeServer second;
  private UnaryOperator<NettyChannelBuilder> first = UnaryOperator.identity();

  @BeforeEach
  void startTheSecond() throws Exception {
    second = serve("second");
  }

  @Override
  ManagedChannel connect(Endpoint endpoint) {
    NettyChannelBuilder builder =
        NettyChannelBuilder.forAddress(endpoint.uri().getHost(), endpoint.uri().getPort())
            .usePlaintext();
    ManagedChannel fresh = (endpoint.id().equals("first") ? first.apply(builder) : builder).build();
    made.add(fresh);
    return fresh;
  }

  private void isAnsweredByTheSecond(String uri) throws Exception {
    useInTurn(Endpoint.of("first", uri), second.endpoint().build());

    RecordedListener<Answer> listener = unaryOnce(ask(1));

    assertThat(listener.status()).isEqualTo(Status.OK);
    assertThat(listener.message().getServer()).isEqualTo("second");
    assertThat(listener.transcript()).containsExactly("headers", "message", "close");
    assertThat(observed.outcome().kind()).isEqualTo(Outcome.Kind.SERVER_FAULT);
    assertThat(observed.outcome()).isEqualTo(Outcome.success());
    assertThat(observed.outcomes).isEmpty();
  }

  @Test
  void aRefusedConnection() throws Exception {
    int port;
    try (ServerSocket closed = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      port = closed.getLocalPort();
    }

    isAnsweredByTheSecond("http://127.0.0.1:" + port);
  }

  @Test
  void aHostThatIsNotFound() throws Exception {
    isAnsweredByTheSecond("http://nowhere.invalid:80");
  }

  @Test
  void aHostThatLetsNobodyIn() throws Exception {
    first = to -> to.withOption(ChannelOption.CONNECT_TIMEOUT_MILLIS, SHORT_MILLIS);
    try (FullBacklog blackhole = new FullBacklog()) {
      assertThat(blackhole.isFull()).isTrue();
      isAnsweredByTheSecond(blackhole.uri());
    }
  }

  @Test
  void aServerThatSpeaksNoTls() throws Exception {
    first = NettyChannelBuilder::useTransportSecurity;
    isAnsweredByTheSecond("http://127.0.0.1:" + serve("plain").port());
  }

  @Test
  @SuppressWarnings("deprecation") // for it must not be trusted, and is not
  void aCertificateOfNobodyTrusted() throws Exception {
    SelfSignedCertificate certificate = new SelfSignedCertificate("localhost");
    try {
      ExchangeServer secure =
          new ExchangeServer(
              "secure",
              settings ->
                  settings.useTransportSecurity(
                      certificate.certificate(), certificate.privateKey()));
      servers.add(secure);
      first = NettyChannelBuilder::useTransportSecurity;

      isAnsweredByTheSecond("http://localhost:" + secure.port());
    } finally {
      certificate.delete();
    }
  }

  @Test
  void aConnectionThatIsResetAtOnce() throws Exception {
    try (Raw reset = new Raw(true, "")) {
      isAnsweredByTheSecond(reset.uri());
    }
  }

  @Test
  void aConnectionThatIsClosedAtOnce() throws Exception {
    try (Raw closed = new Raw(false, "")) {
      isAnsweredByTheSecond(closed.uri());
    }
  }

  @Test
  void aServerOfSomethingElse() throws Exception {
    try (Raw mail = new Raw(false, "* OK IMAP4rev1 server ready, and many words to follow\r\n")) {
      isAnsweredByTheSecond(mail.uri());
    }
  }

  /** Accepts connections, says one thing, and leaves. */
  private static final class Raw implements AutoCloseable {
    private final ServerSocket listener = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    private final ExecutorService thread = Executors.newSingleThreadExecutor();
    private final List<Socket> connections = new CopyOnWriteArrayList<>();

    Raw(boolean resets, String says) throws IOException {
      thread.execute(
          () -> {
            while (!listener.isClosed()) {
              leave(resets, says);
            }
          });
    }

    private void leave(boolean resets, String says) {
      try (Socket connection = listener.accept()) {
        connections.add(connection);
        if (resets) {
          connection.setSoLinger(true, 0);
        }
        connection.getOutputStream().write(says.getBytes(StandardCharsets.UTF_8));
      } catch (IOException gone) {
        return; // the client, or the test
      }
    }

    String uri() {
      return "http://127.0.0.1:" + listener.getLocalPort();
    }

    @Override
    public void close() throws IOException {
      assertThat(connections).isNotEmpty();
      listener.close();
      thread.shutdownNow();
    }
  }
}
