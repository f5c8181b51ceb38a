package io.inferencerouter.examples.langchain4j;

import static dev.langchain4j.http.client.sse.ServerSentEventListenerUtils.ignoringExceptions;

import dev.langchain4j.exception.HttpException;
import dev.langchain4j.exception.TimeoutException;
import dev.langchain4j.http.client.HttpClient;
import dev.langchain4j.http.client.HttpMethod;
import dev.langchain4j.http.client.HttpRequest;
import dev.langchain4j.http.client.SuccessfulHttpResponse;
import dev.langchain4j.http.client.sse.ServerSentEventListener;
import dev.langchain4j.http.client.sse.ServerSentEventParser;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import okhttp3.Call;
import okhttp3.Callback;
import okhttp3.MediaType;
import okhttp3.MultipartBody;
import okhttp3.Request;
import okhttp3.RequestBody;
import okhttp3.Response;
import org.jspecify.annotations.Nullable;

/**
 * LangChain4j's HTTP client over calls of OkHttp. Streams are read on the threads of OkHttp's
 * dispatcher; a stream that LangChain4j cancels is cancelled at the endpoint, too. Safe for use by
 * many threads.
 */
final class OkHttpCalls implements HttpClient {
  private final Call.Factory calls;

  OkHttpCalls(Call.Factory calls) {
    this.calls = calls;
  }

  @Override
  public SuccessfulHttpResponse execute(HttpRequest request) {
    try (Response response = calls.newCall(translate(request)).execute()) {
      byte[] body = response.body().bytes();
      if (!response.isSuccessful()) {
        throw new HttpException(response.code(), new String(body, StandardCharsets.UTF_8));
      }
      return translate(response).body(body).build();
    } catch (IOException e) {
      throw translate(e);
    }
  }

  @Override
  public void execute(
      HttpRequest request, ServerSentEventParser parser, ServerSentEventListener listener) {
    calls.newCall(translate(request)).enqueue(new Stream(parser, listener));
  }

  private static Request translate(HttpRequest request) {
    Request.Builder translated = new Request.Builder().url(request.url());
    request
        .headers()
        .forEach((name, values) -> values.forEach(value -> translated.addHeader(name, value)));
    return translated.method(request.method().name(), body(request)).build();
  }

  private static @Nullable RequestBody body(HttpRequest request) {
    if (!request.formDataFields().isEmpty() || !request.formDataFiles().isEmpty()) {
      MultipartBody.Builder form = new MultipartBody.Builder().setType(MultipartBody.FORM);
      request.formDataFields().forEach(form::addFormDataPart);
      request
          .formDataFiles()
          .forEach(
              (name, file) ->
                  form.addFormDataPart(
                      name,
                      file.fileName(),
                      RequestBody.create(file.content(), MediaType.parse(file.contentType()))));
      return form.build();
    }
    String body = request.body();
    if (body == null) {
      return request.method() == HttpMethod.POST ? RequestBody.create(new byte[0]) : null;
    }
    // As bytes: OkHttp would add a charset to the content type, which the request's headers state
    return RequestBody.create(body.getBytes(StandardCharsets.UTF_8));
  }

  private static SuccessfulHttpResponse.Builder translate(Response response) {
    return SuccessfulHttpResponse.builder()
        .statusCode(response.code())
        .headers(response.headers().toMultimap());
  }

  private static RuntimeException translate(IOException failure) {
    return failure instanceof InterruptedIOException // all of OkHttp's time-outs are
        ? new TimeoutException(failure)
        : new UncheckedIOException(failure);
  }

  /**
   * Hands a stream to LangChain4j's parser. What listeners throw changes nothing, as in
   * LangChain4j's own clients.
   */
  private record Stream(ServerSentEventParser parser, ServerSentEventListener listener)
      implements Callback {
    @Override
    public void onResponse(Call call, Response response) {
      try (response) {
        if (response.isSuccessful()) {
          SuccessfulHttpResponse opened = translate(response).build();
          ignoringExceptions(() -> listener.onOpen(opened));
          parser.parse(new CancellingStream(response.body().byteStream(), call), listener);
          ignoringExceptions(listener::onClose);
        } else {
          fail(new HttpException(response.code(), response.body().string()));
        }
      } catch (IOException e) {
        fail(translate(e));
      }
    }

    @Override
    public void onFailure(Call call, IOException failure) {
      fail(translate(failure));
    }

    private void fail(RuntimeException failure) {
      ignoringExceptions(() -> listener.onError(failure));
    }
  }

  /**
   * A body whose closing, by any thread, cancels the call. After the end of the body that changes
   * nothing.
   */
  private static final class CancellingStream extends FilterInputStream {
    private final Call call;

    CancellingStream(InputStream body, Call call) {
      super(body);
      this.call = call;
    }

    @Override
    public void close() {
      call.cancel();
    }
  }
}
