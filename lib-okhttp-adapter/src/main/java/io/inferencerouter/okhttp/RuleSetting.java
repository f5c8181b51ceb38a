package io.inferencerouter.okhttp;

import io.inferencerouter.InferenceRequest;
import io.inferencerouter.Priority;
import java.util.Locale;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import java.util.function.ObjLongConsumer;

/** Sets one thing of a request, unless there is nothing to set. */
@FunctionalInterface
interface RuleSetting {
  /** Sets it, and says whether there was something to set. */
  boolean apply(RuleInput input, InferenceRequest.Builder request);

  /**
   * Always the same.
   *
   * @throws IllegalArgumentException if no request can have it
   */
  static RuleSetting fixed(Consumer<InferenceRequest.Builder> setter) {
    setter.accept(InferenceRequest.forAnyModel());
    return (input, request) -> {
      setter.accept(request);
      return true;
    };
  }

  /** A name, if the value is one. */
  static RuleSetting name(RuleSource source, BiConsumer<InferenceRequest.Builder, String> setter) {
    return (input, request) -> {
      String value = source.in(input);
      if (value == null || !Names.isName(value)) {
        return false;
      }
      setter.accept(request, value);
      return true;
    };
  }

  /** A size, if the value is one. */
  static RuleSetting size(RuleSource source, ObjLongConsumer<InferenceRequest.Builder> setter) {
    return (input, request) -> {
      long size = Names.size(source.in(input));
      if (size < 0) {
        return false;
      }
      setter.accept(request, size);
      return true;
    };
  }

  /** A priority, if the value is the name of one, in any case. */
  static RuleSetting priority(RuleSource source) {
    return (input, request) -> {
      String value = source.in(input);
      for (Priority priority : Priority.values()) {
        if (value != null && priority.name().equals(value.trim().toUpperCase(Locale.ROOT))) {
          request.priority(priority);
          return true;
        }
      }
      return false;
    };
  }
}
