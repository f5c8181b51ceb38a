package io.inferencerouter.benchmarks.stress;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.openjdk.jcstress.JCStress;
import org.openjdk.jcstress.Options;
import org.openjdk.jcstress.infra.Status;
import org.openjdk.jcstress.infra.collectors.DiskReadCollector;
import org.openjdk.jcstress.infra.collectors.TestResult;
import org.openjdk.jcstress.infra.runners.TestList;

/**
 * Runs all tests of this package, with the options of jcstress, and fails unless each of them
 * passed and has really been tried.
 */
public final class StressCheck {
  private final Map<String, Long> tries = new TreeMap<>();
  private final List<String> complaints = new ArrayList<>();

  private StressCheck() {
    TestList.tests().forEach(test -> tries.put(test, 0L));
  }

  /** Runs the tests; {@code -r} names the directory of the report, by default a temporary one. */
  public static void main(String... args) throws Exception {
    List<String> options = new ArrayList<>(List.of(args));
    if (!options.contains("-r")) {
      options.add("-r");
      options.add(Files.createTempDirectory("jcstress").resolve("report").toString());
    }
    Options parsed = new Options(options.toArray(new String[0]));
    if (!parsed.parse()) {
      System.exit(2);
    }
    new JCStress(parsed).run();
    Path results = Path.of(parsed.getResultFile());
    StressCheck check = new StressCheck();
    check.read(results);
    Files.delete(results);
    System.exit(check.verdict(parsed.getTestFilter()) ? 0 : 1);
  }

  private void read(Path results) throws IOException, ClassNotFoundException {
    DiskReadCollector collector = new DiskReadCollector(results.toString(), this::add);
    try {
      collector.dump();
    } finally {
      collector.close();
    }
  }

  private void add(TestResult result) {
    tries.merge(result.getName(), result.getTotalCount(), Long::sum);
    if (result.status() != Status.NORMAL || !result.grading().isPassed) {
      complaints.add(
          result.getName() + ": " + result.status() + " " + result.grading().failureMessages);
    }
  }

  private boolean verdict(String filter) {
    tries.keySet().removeIf(test -> !test.matches(".*" + filter + ".*"));
    tries.forEach(
        (test, count) -> {
          System.out.printf("%,14d tries  %s%n", count, test);
          if (count == 0) {
            complaints.add(test + ": did not run (expected: as many processors as it has actors)");
          }
        });
    if (tries.isEmpty()) {
      complaints.add("tests: none match " + filter + " (expected: at least one)");
    }
    complaints.forEach(System.err::println);
    System.out.println(
        complaints.isEmpty()
            ? "jcstress: all " + tries.size() + " tests ran and passed"
            : "jcstress: FAILED");
    return complaints.isEmpty();
  }
}
