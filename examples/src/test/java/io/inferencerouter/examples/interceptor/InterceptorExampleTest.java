package io.inferencerouter.examples.interceptor;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import io.inferencerouter.examples.CapturedOutput;
import io.inferencerouter.examples.loopback.ChatServer;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;

class InterceptorExampleTest {
  @Test
  void theCallsOfTheSdkAreSpreadOverBothEndpoints() throws Exception {
    try (ChatServer one = ChatServer.start("gpu-1", Duration.ofMillis(5));
        ChatServer two = ChatServer.start("gpu-2", Duration.ofMillis(5))) {
      Map<String, Integer> counts = InterceptorExample.run(one.url(), two.url());

      assertThat(counts).containsOnlyKeys("Answered by gpu-1", "Answered by gpu-2");
      assertThat(counts.values().stream().mapToInt(Integer::intValue).sum()).isEqualTo(20);
      assertThat(counts).containsEntry("Answered by gpu-1", one.answered());
    }
  }

  @Test
  void eachEndpointGetsItsOwnKeyAndATryThatFailsIsMadeAgain() throws Exception {
    Queue<String> keys = new ConcurrentLinkedQueue<>();
    AtomicBoolean first = new AtomicBoolean(true);
    HttpServer server =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext(
        "/v1/chat/completions",
        exchange -> {
          keys.add(exchange.getRequestHeaders().getFirst("Authorization"));
          exchange.getRequestBody().readAllBytes();
          byte[] body =
              "{\"choices\":[{\"message\":{\"content\":\"yes\"}}]}"
                  .getBytes(StandardCharsets.UTF_8);
          exchange.sendResponseHeaders(first.getAndSet(false) ? 503 : 200, body.length);
          exchange.getResponseBody().write(body);
          exchange.close();
        });
    server.start();
    try {
      String url = "http://127.0.0.1:" + server.getAddress().getPort();
      assertThat(InterceptorExample.run(url, url)).containsExactly(Map.entry("yes", 20));
      assertThat(keys).hasSize(21).containsOnly("Bearer key of 1", "Bearer key of 2");
    } finally {
      server.stop(0);
    }
  }

  @Test
  void itPrintsWhoAnswered() throws Exception {
    assertThat(CapturedOutput.of(() -> InterceptorExample.main(new String[0])).lines())
        .hasSize(2)
        .allMatch(line -> line.matches("Answered by gpu-[12]: \\d+ times"));
  }
}
