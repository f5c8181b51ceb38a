package io.inferencerouter.examples.demo.documents;

import java.util.Locale;

/** What kinds of documents a back office receives, how often, and how long they are. */
enum DocumentKind {
  /** Most of the mail, one page each. */
  INVOICE(60, 1, 1),
  /** Correspondence. */
  LETTER(24, 1, 3),
  /** Figures and findings. */
  REPORT(11, 6, 16),
  /** Rare and long. */
  CONTRACT(5, 30, 50);

  private final int perHundred;
  private final int minPages;
  private final int maxPages;

  DocumentKind(int perHundred, int minPages, int maxPages) {
    this.perHundred = perHundred;
    this.minPages = minPages;
    this.maxPages = maxPages;
  }

  /** How many of a hundred documents are of this kind; together that makes a hundred. */
  public int perHundred() {
    return perHundred;
  }

  /** The least number of pages. */
  public int minPages() {
    return minPages;
  }

  /** The largest number of pages. */
  public int maxPages() {
    return maxPages;
  }

  /** The name in lower case. */
  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }
}
