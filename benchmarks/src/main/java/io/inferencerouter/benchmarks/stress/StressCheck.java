package io.inferencerouter.benchmarks.stress;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;
import org.openjdk.jcstress.JCStress;
import org.openjdk.jcstress.Options;
import org.openjdk.jcstress.infra.collectors.DiskReadCollector;
import org.openjdk.jcstress.infra.collectors.TestResult;
import org.openjdk.jcstress.infra.runners.TestList;

/**
 * Runs all tests of this package, with the options of jcstress, and fails unless each of them
 * passed and has really been tried.
 */
public final class StressCheck {
  private final Map<String, Long> tries = new TreeMap<>();

  private StressCheck(Pattern filter) {
    TestList.tests().stream()
        .filter(test -> filter.matcher(test).find())
        .forEach(test -> tries.put(test, 0L));
  }

  /**
   * Runs the tests; {@code -r} names the directory of the report, by default a temporary one.
   *
   * @throws AssertionError if a test fails
   */
  public static void main(String... args) throws Exception {
    List<String> arguments = new ArrayList<>(List.of(args));
    if (!arguments.contains("-r")) {
      arguments.add("-r");
      arguments.add(Files.createTempDirectory("jcstress").resolve("report").toString());
    }
    Options options = new Options(arguments.toArray(new String[0]));
    if (!options.parse()) {
      System.exit(2);
    }
    StressCheck check = new StressCheck(Pattern.compile(options.getTestFilter()));
    Path results = Path.of(options.getResultFile());
    try {
      new JCStress(options).run();
      check.count(results);
    } finally {
      Files.deleteIfExists(results);
    }
    System.exit(check.allTried() ? 0 : 1);
  }

  private void count(Path results) throws IOException, ClassNotFoundException {
    DiskReadCollector collector = new DiskReadCollector(results.toString(), this::add);
    try {
      collector.dump();
    } finally {
      collector.close();
    }
  }

  private void add(TestResult result) {
    tries.merge(result.getName(), result.getTotalCount(), Long::sum);
  }

  private boolean allTried() {
    tries.forEach((test, count) -> System.out.printf("%,14d tries  %s%n", count, test));
    long untried = tries.values().stream().filter(count -> count == 0).count();
    if (untried != 0 || tries.isEmpty()) {
      System.err.printf(
          "jcstress: %d of %d tests did not run (expected: all of at least one; each needs as many"
              + " processors as it has actors)%n",
          untried, tries.size());
      return false;
    }
    System.out.printf("jcstress: all %d tests ran and passed%n", tries.size());
    return true;
  }
}
