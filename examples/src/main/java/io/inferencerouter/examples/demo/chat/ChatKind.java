package io.inferencerouter.examples.demo.chat;

import java.util.Locale;

/** What people ask, how often, and how much text they send along. */
enum ChatKind {
  /** A line to be answered with a line. */
  QUESTION(55, 15, 60, true),
  /** A conversation, of which the next line is wanted. */
  DIALOGUE(25, 100, 250, true),
  /** A long text, to be answered with a line. */
  PASSAGE(10, 450, 750, true),
  /** A line from which a story is to be written, as long as allowed. */
  STORY(10, 15, 60, false);

  private final int perHundred;
  private final int minTokens;
  private final int maxTokens;
  private final boolean oneLine;

  ChatKind(int perHundred, int minTokens, int maxTokens, boolean oneLine) {
    this.perHundred = perHundred;
    this.minTokens = minTokens;
    this.maxTokens = maxTokens;
    this.oneLine = oneLine;
  }

  /** How many of a hundred requests are of this kind; together that makes a hundred. */
  int perHundred() {
    return perHundred;
  }

  /** The shortest prompt, in tokens; it ends with the line that reaches what was drawn. */
  int minTokens() {
    return minTokens;
  }

  /** The most tokens after which a line more is added to a prompt. */
  int maxTokens() {
    return maxTokens;
  }

  /** Whether the answer is to end with its first line. */
  boolean isOneLine() {
    return oneLine;
  }

  /** The name in lower case. */
  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }
}
