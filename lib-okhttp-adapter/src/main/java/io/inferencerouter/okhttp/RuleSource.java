package io.inferencerouter.okhttp;

import org.jspecify.annotations.Nullable;

/** Where a rule takes a value from. */
@FunctionalInterface
interface RuleSource {
  /** The value in a request; null if there is none. */
  @Nullable String in(RuleInput input);
}
