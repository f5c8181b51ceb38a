package io.inferencerouter.examples.demo.report;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class TerminalTest {
  @Test
  void withoutAConsoleThereIsNoTerminal() {
    assertThat(Terminal.isInteractive(null, "xterm")).isFalse();
  }

  @Test
  void aConsoleThatCannotBeAskedIsATerminal() {
    assertThat(Terminal.isInteractive(new OldConsole(), "xterm")).isTrue();
  }

  @Test
  void aConsoleThatCanBeAskedTells() {
    assertThat(Terminal.isInteractive(new NewConsole(true), "xterm")).isTrue();
    assertThat(Terminal.isInteractive(new NewConsole(false), "xterm")).isFalse();
  }

  @Test
  void aTerminalThatCannotRedrawALineIsNotInteractive() {
    assertThat(Terminal.isInteractive(new OldConsole(), "dumb")).isFalse();
    assertThat(Terminal.isInteractive(new OldConsole(), null)).isFalse();
  }

  @Test
  void thisTestHasNoTerminal() {
    assertThat(Terminal.isInteractive()).isFalse(); // its output is piped, on every Java version
  }

  /** As up to Java 21. */
  public static final class OldConsole {}

  /** As from Java 22 on. */
  public static final class NewConsole {
    private final boolean terminal;

    NewConsole(boolean terminal) {
      this.terminal = terminal;
    }

    public boolean isTerminal() {
      return terminal;
    }
  }
}
