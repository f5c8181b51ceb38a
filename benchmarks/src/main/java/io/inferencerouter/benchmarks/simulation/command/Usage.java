package io.inferencerouter.benchmarks.simulation.command;

import java.util.Collection;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;

/** Checks what a user asks for. */
final class Usage {
  private final CommandSpec spec;

  Usage(CommandSpec spec) {
    this.spec = spec;
  }

  ParameterException wrong(String name, @Nullable Object value, String expected) {
    return new ParameterException(
        spec.commandLine(), name + ": " + value + " (expected: " + expected + ")");
  }

  void require(boolean right, String name, @Nullable Object value, String expected) {
    if (!right) {
      throw wrong(name, value, expected);
    }
  }

  /** Twice the same would count as two. */
  void distinct(String name, List<?> values) {
    require(values.size() == Set.copyOf(values).size(), name, values, "each once");
  }

  void oneOf(String name, String value, Collection<String> names) {
    require(names.contains(value), name, value, "one of " + String.join(", ", names));
  }
}
