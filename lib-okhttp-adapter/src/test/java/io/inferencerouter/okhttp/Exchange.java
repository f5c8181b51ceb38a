package io.inferencerouter.okhttp;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import org.eclipse.jetty.http.HttpFields;
import org.eclipse.jetty.io.Content;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;

/** A request as the server got it, and the response it gives. */
final class Exchange {
  final String method;
  final String target;
  final HttpFields headers;
  final byte[] body;
  private final Request request;
  private final Response response;

  Exchange(Request request, Response response) throws IOException {
    this.request = request;
    this.response = response;
    method = request.getMethod();
    target = request.getHttpURI().getPathQuery();
    headers = HttpFields.build(request.getHeaders()).asImmutable();
    body = Content.Source.asInputStream(request).readAllBytes();
  }

  /** A whole response with a length. */
  void respond(int status, String contentType, String text) throws IOException {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    header("Content-Length", Integer.toString(bytes.length));
    OutputStream out = begin(status, contentType);
    out.write(bytes);
    out.close();
  }

  Exchange header(String name, String value) {
    response.getHeaders().add(name, value);
    return this;
  }

  /** Announces what to send after the body. */
  void trailers(HttpFields trailers) {
    response.setTrailersSupplier(() -> trailers);
  }

  /** Sends the headers; the body follows, of unknown length unless there was a header for it. */
  OutputStream begin(int status, String contentType) throws IOException {
    response.setStatus(status);
    response.getHeaders().put("Content-Type", contentType);
    OutputStream out = Content.Sink.asOutputStream(response);
    out.flush();
    return out;
  }

  /** A status and nothing else. */
  void respondEmpty(int status) {
    response.setStatus(status);
  }

  /** Sends a piece of text now. */
  static void send(OutputStream out, String text) throws IOException {
    out.write(text.getBytes(StandardCharsets.UTF_8));
    out.flush();
  }

  /** Cuts the connection. */
  void cut() {
    request.getConnectionMetaData().getConnection().getEndPoint().close();
  }
}
