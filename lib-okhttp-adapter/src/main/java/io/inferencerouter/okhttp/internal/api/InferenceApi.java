package io.inferencerouter.okhttp.internal.api;

import static io.inferencerouter.okhttp.internal.api.PromptPart.conversation;
import static io.inferencerouter.okhttp.internal.api.PromptPart.definitions;
import static io.inferencerouter.okhttp.internal.api.PromptPart.documents;
import static io.inferencerouter.okhttp.internal.api.PromptPart.query;
import static io.inferencerouter.okhttp.internal.api.PromptPart.text;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * An operation of an inference API: where its requests go, and which members say what matters for
 * routing. All have {@code model} and {@code stream} in common.
 *
 * @param pathSuffix how the paths of its requests end
 * @param task the kind of work
 * @param generates whether it generates output, rather than one result for its input
 * @param outputLimits the members that limit the output, in tokens, the one that wins first
 * @param prompt the parts of what the model reads, in the order in which engines put them together
 * @param sessionKeys the members that name a conversation, with a text or an object with {@code
 *     id}, best first
 */
public record InferenceApi(
    String pathSuffix,
    String task,
    boolean generates,
    List<String> outputLimits,
    List<PromptPart> prompt,
    List<String> sessionKeys) {

  private static final InferenceApi OPENAI_CHAT_COMPLETIONS =
      generating("/chat/completions", "chat")
          .limitedBy("max_completion_tokens", "max_tokens")
          .reading(definitions("tools"), conversation("messages"))
          .inSession("prompt_cache_key");

  private static final InferenceApi OPENAI_COMPLETIONS =
      generating("/completions", "completion")
          .limitedBy("max_completion_tokens", "max_tokens")
          .reading(text("prompt"))
          .inSession("prompt_cache_key");

  private static final InferenceApi OPENAI_RESPONSES =
      generating("/responses", "chat")
          .limitedBy("max_output_tokens")
          .reading(definitions("tools"), conversation("instructions"), conversation("input"))
          .inSession("conversation", "prompt_cache_key");

  private static final InferenceApi ANTHROPIC_MESSAGES =
      generating("/v1/messages", "chat")
          .limitedBy("max_tokens")
          .reading(definitions("tools"), conversation("system"), conversation("messages"));

  private static final InferenceApi OPENAI_EMBEDDINGS =
      computing("/embeddings", "embedding").reading(text("input"));

  /** As of Jina, Cohere and vLLM, and, with {@code texts}, of Text Embeddings Inference. */
  private static final InferenceApi RERANK =
      computing("/rerank", "rerank")
          .reading(query("query"), documents("documents"), documents("texts"));

  private static final List<InferenceApi> ALL =
      List.of(
          OPENAI_CHAT_COMPLETIONS,
          OPENAI_COMPLETIONS,
          OPENAI_RESPONSES,
          ANTHROPIC_MESSAGES,
          OPENAI_EMBEDDINGS,
          RERANK);

  private static InferenceApi generating(String pathSuffix, String task) {
    return new InferenceApi(pathSuffix, task, true, List.of(), List.of(), List.of());
  }

  private static InferenceApi computing(String pathSuffix, String task) {
    return new InferenceApi(pathSuffix, task, false, List.of(), List.of(), List.of());
  }

  private InferenceApi limitedBy(String... limits) {
    return new InferenceApi(pathSuffix, task, generates, List.of(limits), prompt, sessionKeys);
  }

  private InferenceApi reading(PromptPart... parts) {
    return new InferenceApi(pathSuffix, task, generates, outputLimits, List.of(parts), sessionKeys);
  }

  private InferenceApi inSession(String... keys) {
    return new InferenceApi(pathSuffix, task, generates, outputLimits, prompt, List.of(keys));
  }

  /** The operation at a path; null if it is none of these. */
  public static @Nullable InferenceApi at(String path) {
    for (InferenceApi api : ALL) {
      if (path.endsWith(api.pathSuffix)) {
        return api;
      }
    }
    return null;
  }
}
