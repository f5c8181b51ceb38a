package io.inferencerouter.benchmarks.simulation.report;

import java.nio.file.Path;
import java.util.List;

/** Builds a text in Markdown. */
final class Markdown {
  private final StringBuilder text = new StringBuilder();
  private final Path folder;

  /** A text that will be in that folder. */
  Markdown(Path folder) {
    this.folder = folder.toAbsolutePath().normalize();
  }

  Markdown heading(int level, String title) {
    text.append(text.isEmpty() ? "" : "\n").append("#".repeat(level)).append(' ').append(title);
    text.append("\n\n");
    return this;
  }

  Markdown paragraph(String words) {
    text.append(words.strip()).append("\n\n");
    return this;
  }

  Markdown code(String command) {
    text.append("    ").append(command.strip().replace("\n", "\n    ")).append("\n\n");
    return this;
  }

  /** A table; the first column to the left, all others to the right. */
  Markdown table(List<String> header, List<List<String>> cells) {
    line(header);
    text.append("|---|").append("---:|".repeat(header.size() - 1)).append('\n');
    cells.forEach(this::line);
    text.append('\n');
    return this;
  }

  Markdown image(String title, Path file) {
    Path relative = folder.relativize(file.toAbsolutePath().normalize());
    text.append("![").append(title).append("](");
    text.append(relative.toString().replace('\\', '/')).append(")\n\n");
    return this;
  }

  Markdown folded(String title, Runnable inside) {
    text.append("<details><summary>").append(title).append("</summary>\n\n");
    inside.run();
    text.append("</details>\n\n");
    return this;
  }

  private void line(List<String> cells) {
    text.append("| ").append(String.join(" | ", cells)).append(" |\n");
  }

  @Override
  public String toString() {
    return text.toString().strip() + "\n";
  }
}
