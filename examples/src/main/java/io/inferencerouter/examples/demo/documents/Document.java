package io.inferencerouter.examples.demo.documents;

import java.util.List;

/**
 * A document to be embedded, page by page.
 *
 * @param kind what it is
 * @param pages the text of each page, at least one
 */
record Document(DocumentKind kind, List<String> pages) {
  /** Copies the list. */
  public Document {
    pages = List.copyOf(pages);
  }
}
