package io.inferencerouter.okhttp;

import io.inferencerouter.InferenceRequest;
import io.inferencerouter.InputUnit;
import io.inferencerouter.core.affinity.PrefixKeys;
import io.inferencerouter.okhttp.internal.api.InferenceApi;
import io.inferencerouter.okhttp.internal.json.BodyOutline;
import io.inferencerouter.okhttp.internal.json.BodyReader;
import io.inferencerouter.okhttp.internal.json.PromptText;
import io.inferencerouter.okhttp.internal.peek.BodyHead;
import io.inferencerouter.okhttp.internal.peek.BoundedSink;
import java.io.IOException;
import java.util.Objects;
import okhttp3.Request;
import okhttp3.RequestBody;
import org.jspecify.annotations.Nullable;

/**
 * Classifies requests of the APIs that inference servers speak, by the end of their path:
 *
 * <table>
 * <caption>What is read of each API</caption>
 * <tr><th>path</th><th>task</th><th>input</th><th>limit of the output</th><th>session</th></tr>
 * <tr><td>{@code /chat/completions}</td><td>{@code chat}</td><td>{@code messages}, {@code tools}</td>
 *     <td>{@code max_completion_tokens} or {@code max_tokens}</td>
 *     <td>{@code prompt_cache_key}</td></tr>
 * <tr><td>{@code /completions}</td><td>{@code completion}</td><td>{@code prompt}</td>
 *     <td>{@code max_completion_tokens} or {@code max_tokens}</td>
 *     <td>{@code prompt_cache_key}</td></tr>
 * <tr><td>{@code /responses}</td><td>{@code chat}</td><td>{@code input}, {@code instructions}, {@code tools}</td>
 *     <td>{@code max_output_tokens}</td>
 *     <td>{@code conversation} or {@code prompt_cache_key}</td></tr>
 * <tr><td>{@code /v1/messages}</td><td>{@code chat}</td><td>{@code messages}, {@code system}, {@code tools}</td>
 *     <td>{@code max_tokens}</td><td></td></tr>
 * <tr><td>{@code /embeddings}</td><td>{@code embedding}</td><td>{@code input}</td><td>none</td><td></td></tr>
 * <tr><td>{@code /rerank}</td><td>{@code rerank}</td><td>{@code documents} or {@code texts}, and {@code query} for each of
 *     them</td><td>none</td><td></td></tr>
 * </table>
 *
 * <p>The model is {@code model}, and {@code stream} says whether the answer is streamed. The limit
 * of the output counts {@code n} times. The size of the input is in {@linkplain
 * InputUnit#CHARACTERS characters} of text, {@linkplain InputUnit#TOKENS tokens} where the input is
 * given as tokens, and {@linkplain InputUnit#IMAGES images}. Embeddings and reranking generate no
 * output and are {@linkplain InferenceRequest#idempotent() idempotent}; a request is {@linkplain
 * InferenceRequest#replayable() replayable} when its body can be written again; one that is not
 * understood, only if its method is idempotent besides, as {@code GET} is and {@code POST} is not.
 * Neither {@code user} nor {@code metadata} names the tenant, for callers choose them freely;
 * {@link ClassificationRules} can.
 *
 * <p>What generates output also has {@linkplain InferenceRequest#prefixKey prefix keys}: of the
 * definitions of tools, the instructions, and the messages with their roles, in this order, however
 * the body is ordered. An image counts with a hash of its data or its address.
 *
 * <p>{@code prompt_cache_key} is chosen by callers, and often there is one for a whole application.
 * It is the session all the same, because nothing else is known of where the beginning of such a
 * prompt is cached when there are no prefix keys: for a long body, or without them. Where there
 * are, the default selector goes by them and the session has no effect; so an application with one
 * key is not gathered on one endpoint. Only selectors that are chosen to go by the session, such as
 * {@link io.inferencerouter.core.selection.Selectors#sessionHash()}, always do, up to the load they
 * allow; with these, use one key for each conversation.
 *
 * <p>Bodies of up to {@link Builder#maxScannedBytes} are read in full. Of a longer one counts its
 * length in {@linkplain InputUnit#BYTES bytes} for its size, it has no prefix keys, and model,
 * limits and session are looked for up to {@link Builder#maxSearchedBytes}, wherever they are.
 * Bodies that can be written only once are not read. Whatever is not understood, other paths, other
 * content types, encoded or malformed bodies, is routed to any endpoint by its size in bytes.
 * Nothing of this ever fails a request.
 *
 * <p>Safe for use by many threads.
 */
public final class InferenceApiClassifier implements RequestClassifier {
  /** The default of {@link Builder#maxScannedBytes}, in bytes. */
  public static final int DEFAULT_MAX_SCANNED_BYTES = 1 << 20;

  /** The smallest {@link Builder#maxScannedBytes}, in bytes. */
  public static final int MIN_SCANNED_BYTES = 1 << 10;

  /** The largest {@link Builder#maxScannedBytes}, in bytes. */
  public static final int MAX_SCANNED_BYTES = 1 << 28;

  /** The default of {@link Builder#maxSearchedBytes}, in bytes. */
  public static final long DEFAULT_MAX_SEARCHED_BYTES = 1 << 26;

  /** The largest {@link Builder#maxSearchedBytes}, in bytes. */
  public static final long MAX_SEARCHED_BYTES = 1L << 32;

  private final int maxScannedBytes;
  private final long maxSearchedBytes;
  private final @Nullable PrefixKeys keys;

  private InferenceApiClassifier(Builder builder) {
    maxScannedBytes = builder.maxScannedBytes;
    maxSearchedBytes = builder.maxSearchedBytes;
    keys = builder.keys;
  }

  /** A classifier with the default limits. */
  public static InferenceApiClassifier create() {
    return builder().build();
  }

  /** Starts a classifier. */
  public static Builder builder() {
    return new Builder();
  }

  @Override
  public InferenceRequest classify(Request request) {
    InferenceApi api = InferenceApi.at(request.url().encodedPath());
    RequestBody body = request.body();
    if (api == null || body == null || !JsonBodies.canBeRead(request)) {
      return Unclassified.of(request);
    }
    long length = Unclassified.contentLength(body);
    try {
      BodyHead head = BodyHead.of(body, maxScannedBytes, length);
      if (head.isTruncated()) {
        return describeLarge(api, outline(api, body, head), length);
      }
      PromptKeys prompt = keys == null || !api.generates() ? null : new PromptKeys(keys);
      BodyReader content =
          BodyReader.read(
              api, head.bytes(), head.size(), prompt == null ? PromptText.IGNORED : prompt);
      return content.isWhole() ? describeWhole(api, content, prompt) : Unclassified.of(request);
    } catch (IOException unreadable) {
      return Unclassified.of(request);
    }
  }

  /** Searches a large body: what was read already, or more of it. */
  private BodyReader outline(InferenceApi api, RequestBody body, BodyHead head) throws IOException {
    BodyOutline outline = new BodyOutline();
    if (maxSearchedBytes <= head.size()) {
      outline.scan(head.bytes(), 0, head.size());
    } else {
      BoundedSink.show(body, maxSearchedBytes, outline::scan);
    }
    byte[] members = outline.toBytes();
    return BodyReader.read(api, members, members.length, PromptText.IGNORED);
  }

  private static InferenceRequest describeLarge(InferenceApi api, BodyReader content, long length) {
    InferenceRequest.Builder request = describe(api, content);
    if (length >= 0) {
      request.input(InputUnit.BYTES, Math.min(length, InferenceRequest.MAX_SIZE));
    }
    return request.build();
  }

  private static InferenceRequest describeWhole(
      InferenceApi api, BodyReader content, @Nullable PromptKeys prompt) {
    InferenceRequest.Builder request = describe(api, content);
    if (prompt != null) {
      request.prefixKeys(prompt.keys());
    }
    if (content.characters() > 0 || content.tokens() == 0) {
      request.input(InputUnit.CHARACTERS, content.characters());
    }
    if (content.tokens() > 0) {
      request.input(InputUnit.TOKENS, content.tokens());
    }
    if (content.images() > 0) {
      request.input(InputUnit.IMAGES, content.images());
    }
    return request.build();
  }

  private static InferenceRequest.Builder describe(InferenceApi api, BodyReader content) {
    InferenceRequest.Builder request =
        Names.isName(content.model())
            ? InferenceRequest.forModel(content.model())
            : InferenceRequest.forAnyModel();
    request.task(api.task()).replayable(true).streaming(content.stream());
    if (!api.generates()) {
      request.outputLimit(0).idempotent(true);
    } else if (content.maxTokens() != BodyReader.NOT_STATED) {
      request.outputLimit(product(content.maxTokens(), content.choices()));
    }
    for (String session : content.sessions()) {
      if (Names.isName(session)) {
        request.session(session);
        break;
      }
    }
    return request;
  }

  private static long product(long a, long b) {
    long most = InferenceRequest.MAX_SIZE;
    return a > most / b ? most : a * b;
  }

  /** Builds an {@link InferenceApiClassifier}. Not safe for use by several threads at once. */
  public static final class Builder {
    private int maxScannedBytes = DEFAULT_MAX_SCANNED_BYTES;
    private long maxSearchedBytes = DEFAULT_MAX_SEARCHED_BYTES;
    private @Nullable PrefixKeys keys = PrefixKeys.builder().build();

    private Builder() {}

    /**
     * Limits how large a body can be that is read in full, in bytes, {@value
     * InferenceApiClassifier#MIN_SCANNED_BYTES} to {@value
     * InferenceApiClassifier#MAX_SCANNED_BYTES}; by default {@value
     * InferenceApiClassifier#DEFAULT_MAX_SCANNED_BYTES}. As much memory is used while a large body
     * is classified.
     */
    public Builder maxScannedBytes(int maxScannedBytes) {
      this.maxScannedBytes =
          (int)
              Names.range("maxScannedBytes", maxScannedBytes, MIN_SCANNED_BYTES, MAX_SCANNED_BYTES);
      return this;
    }

    /**
     * Limits how far a body that is longer than {@link #maxScannedBytes} is searched for its model,
     * limits and session, in bytes, 0 to {@value InferenceApiClassifier#MAX_SEARCHED_BYTES}; by
     * default {@value InferenceApiClassifier#DEFAULT_MAX_SEARCHED_BYTES}. It takes time in
     * proportion, and no memory. What is beyond is not found: without its model, a request goes to
     * any endpoint. When it is less than {@link #maxScannedBytes}, as much is searched as is read.
     */
    public Builder maxSearchedBytes(long maxSearchedBytes) {
      this.maxSearchedBytes =
          Names.range("maxSearchedBytes", maxSearchedBytes, 0, MAX_SEARCHED_BYTES);
      return this;
    }

    /**
     * Sets how the {@linkplain InferenceRequest#prefixKey prefix keys} are computed; by default as
     * {@link PrefixKeys#builder()} does, with keys of this process only. They take a hash over the
     * text of the prompt, and eight bytes for each block of it.
     */
    public Builder prefixKeys(PrefixKeys prefixKeys) {
      this.keys = Objects.requireNonNull(prefixKeys, "prefixKeys");
      return this;
    }

    /** Leaves the prefix keys out, for fleets that do not cache prefixes. */
    public Builder noPrefixKeys() {
      this.keys = null;
      return this;
    }

    /** Builds the classifier. */
    public InferenceApiClassifier build() {
      return new InferenceApiClassifier(this);
    }
  }
}
