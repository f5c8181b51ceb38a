package io.inferencerouter.okhttp;

import static java.util.concurrent.TimeUnit.MILLISECONDS;
import static org.assertj.core.api.Assertions.assertThat;

import io.inferencerouter.Outcome;
import io.inferencerouter.core.testing.FullBacklog;
import io.inferencerouter.core.testing.Waiting;
import javax.net.ssl.SSLContext;
import okhttp3.tls.HandshakeCertificates;
import okhttp3.tls.HeldCertificate;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** There is no connection to the first endpoint: any request goes elsewhere, whatever its body. */
class ConnectFaultTest extends FaultTest {
  ConnectFaultTest() throws Exception {
    super(Wire.HTTP_1_1);
  }

  private String overTls(SSLContext tls) {
    faulty.inject(link -> link.handshake(tls));
    return "https://localhost:" + faulty.port();
  }

  private static HandshakeCertificates certifiedFor(String host) {
    return new HandshakeCertificates.Builder()
        .heldCertificate(new HeldCertificate.Builder().addSubjectAlternativeName(host).build())
        .build();
  }

  @ParameterizedTest
  @EnumSource
  void aRefusedConnection(Way way) throws Exception {
    route(client().build(), closedPort());

    isAnsweredByTheSecond(way, oneShot(), Outcome.Kind.SERVER_FAULT);
  }

  @ParameterizedTest
  @EnumSource
  void anEndpointThatRefusesAgainAndAgainIsEjectedAndNoCallIsLost(Way way) throws Exception {
    route(client().build(), closedPort());

    for (int i = 0; i < 20; i++) {
      assertThat(text(way, oneShot())).isEqualTo("200 \"second\"");
    }
    assertThat(Waiting.take(observed.ejected, "the endpoint to be ejected")).isNotNull();
    assertThat(second.requests()).isEqualTo(20);
  }

  @ParameterizedTest
  @EnumSource
  void aHostThatIsNotFound(Way way) throws Exception {
    route(client().build(), "http://nowhere.invalid");

    isAnsweredByTheSecond(way, oneShot(), Outcome.Kind.SERVER_FAULT);
  }

  @ParameterizedTest
  @EnumSource
  void aHostThatLetsNobodyIn(Way way) throws Exception {
    try (FullBacklog blackhole = new FullBacklog()) {
      assertThat(blackhole.isFull()).isTrue();
      losesPatience(chain -> chain.withConnectTimeout((int) SHORT.toMillis(), MILLISECONDS));
      route(client().build(), blackhole.uri());

      isAnsweredByTheSecond(way, oneShot(), Outcome.Kind.TIMEOUT);
    }
  }

  @ParameterizedTest
  @EnumSource
  void aHandshakeThatIsAnsweredWithSomethingElse(Way way) throws Exception {
    faulty.inject(
        link -> {
          link.in().skipNBytes(1);
          link.send("HTTP/1.1 400 Bad Request\r\n\r\n");
          link.hold();
        });
    route(client().build(), "https://localhost:" + faulty.port());

    isAnsweredByTheSecond(way, oneShot(), Outcome.Kind.SERVER_FAULT);
  }

  @ParameterizedTest
  @EnumSource
  void aHandshakeThatIsCut(Way way) throws Exception {
    faulty.inject(
        link -> {
          link.in().skipNBytes(1);
          link.reset();
        });
    route(client().build(), "https://localhost:" + faulty.port());

    isAnsweredByTheSecond(way, chat(), Outcome.Kind.SERVER_FAULT);
  }

  @ParameterizedTest
  @EnumSource
  void aHandshakeThatIsNotAnswered(Way way) throws Exception {
    faulty.inject(link -> link.hold());
    losesPatienceReading();
    route(client().build(), "https://localhost:" + faulty.port());

    isAnsweredByTheSecond(way, chat(), Outcome.Kind.TIMEOUT);
  }

  @ParameterizedTest
  @EnumSource
  void aCertificateOfNobodyTrusted(Way way) throws Exception {
    route(client().build(), overTls(certifiedFor("localhost").sslContext()));

    isAnsweredByTheSecond(way, oneShot(), Outcome.Kind.SERVER_FAULT);
  }

  @ParameterizedTest
  @EnumSource
  void aCertificateOfAnotherHost(Way way) throws Exception {
    HeldCertificate certificate =
        new HeldCertificate.Builder().addSubjectAlternativeName("elsewhere.invalid").build();
    HandshakeCertificates client =
        new HandshakeCertificates.Builder()
            .addTrustedCertificate(certificate.certificate())
            .build();
    HandshakeCertificates server =
        new HandshakeCertificates.Builder().heldCertificate(certificate).build();
    route(
        client().sslSocketFactory(client.sslSocketFactory(), client.trustManager()).build(),
        overTls(server.sslContext()));

    isAnsweredByTheSecond(way, oneShot(), Outcome.Kind.SERVER_FAULT);
  }
}
