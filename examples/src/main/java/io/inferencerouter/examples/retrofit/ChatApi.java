package io.inferencerouter.examples.retrofit;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import retrofit2.http.Body;
import retrofit2.http.POST;

/** The part of OpenAI's API that is needed here, as Retrofit declares such things. */
interface ChatApi {
  @POST("v1/chat/completions")
  CompletableFuture<Answer> chat(@Body Question question);

  record Question(String model, List<Message> messages) {}

  record Message(String role, String content) {}

  @JsonIgnoreProperties(ignoreUnknown = true)
  record Answer(List<Choice> choices) {}

  @JsonIgnoreProperties(ignoreUnknown = true)
  record Choice(Message message) {}
}
