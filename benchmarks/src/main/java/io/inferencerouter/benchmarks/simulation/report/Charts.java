package io.inferencerouter.benchmarks.simulation.report;

import io.inferencerouter.benchmarks.simulation.experiment.Comparison;
import io.inferencerouter.benchmarks.simulation.experiment.Metric;
import io.inferencerouter.benchmarks.simulation.experiment.Oracle;
import io.inferencerouter.benchmarks.simulation.experiment.Setting;
import io.inferencerouter.benchmarks.simulation.policy.Policy.Standing;
import java.awt.BasicStroke;
import java.awt.Color;
import java.awt.Font;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import javax.imageio.ImageIO;
import org.knowm.xchart.BitmapEncoder;
import org.knowm.xchart.CategoryChart;
import org.knowm.xchart.CategoryChartBuilder;
import org.knowm.xchart.XYChart;
import org.knowm.xchart.XYChartBuilder;
import org.knowm.xchart.XYSeries;
import org.knowm.xchart.internal.chartpart.IChart;
import org.knowm.xchart.style.AxesChartStyler;
import org.knowm.xchart.style.Styler.LegendLayout;
import org.knowm.xchart.style.Styler.LegendPosition;
import org.knowm.xchart.style.markers.SeriesMarkers;

/** Charts as PNG files: ours is orange, rivals are blue, references are grey. */
public final class Charts {
  private static final int WIDTH = 900;
  private static final int HEIGHT = 420;
  private static final int WIDTH_OF_A_BAR = 36;
  private static final int HEIGHT_OF_NAMES = 120;
  private static final Color INK = new Color(0x2b2d33);
  private static final Color GRID = new Color(0xe4e6ea);
  private static final Color OURS = new Color(0xe8590c);
  private static final Color OURS_TOO = new Color(0xf4b183);
  private static final Color RIVALS = new Color(0x4c7fb5);
  private static final Color REFERENCES = new Color(0xa3a8b0);
  private static final Color[] MANY = {
    new Color(0x4c7fb5),
    new Color(0x3f9c6d),
    new Color(0x8c6bb1),
    new Color(0xb8860b),
    new Color(0x2aa1a8),
    new Color(0xc2577f),
    new Color(0x6b7280),
    new Color(0x7a9a2e)
  };

  /** More lines than this cannot be told apart. */
  private static final int MAX_LINES = 8;

  private final Path folder;

  /** Charts into that folder, which is made if it is not there. */
  public Charts(Path folder) {
    this.folder = folder;
  }

  /**
   * A chart for each setting, and lines over the load where there are several.
   *
   * @return the files
   */
  public List<Path> of(Comparison comparison) {
    List<Path> files = new ArrayList<>();
    Map<Setting, List<Setting>> byLoad = new LinkedHashMap<>();
    for (Setting setting : comparison.settings()) {
      for (Metric metric : Metric.values()) {
        if (isAnySeen(comparison, setting, metric)) {
          files.add(bars(comparison, setting, metric));
        }
      }
      Setting any =
          new Setting(
              setting.workload(), setting.fleet(), setting.faults(), setting.routers(), 0, 0);
      byLoad.computeIfAbsent(any, key -> new ArrayList<>()).add(setting);
    }
    byLoad.forEach(
        (any, settings) -> {
          if (settings.size() > 1
              && settings.stream().anyMatch(one -> isAnySeen(comparison, one, Metric.E2E_P99))) {
            files.add(lines(comparison, any, settings));
          }
        });
    return files;
  }

  private static boolean isAnySeen(Comparison comparison, Setting setting, Metric metric) {
    return comparison.policies(setting).stream()
        .anyMatch(policy -> isSeen(comparison.median(setting, policy, metric)));
  }

  /** What is infinite has no place on an axis. */
  private static boolean isSeen(double millis) {
    return millis > 0 && millis < Double.POSITIVE_INFINITY;
  }

  /** Bars for the policies of a setting, the best first; none over the names of infinite ones. */
  Path bars(Comparison comparison, Setting setting, Metric metric) {
    List<String> policies = new ArrayList<>(comparison.policies(setting));
    policies.removeIf(policy -> !(comparison.median(setting, policy, metric) > 0));
    policies.sort(comparison.bestFirst(setting, metric));
    CategoryChart chart =
        new CategoryChartBuilder()
            .width(Math.max(WIDTH, WIDTH_OF_A_BAR * policies.size()))
            .height(HEIGHT + HEIGHT_OF_NAMES)
            .title(metric.title() + ": " + setting)
            .yAxisTitle("seconds")
            .build();
    style(chart.getStyler());
    chart.getStyler().setOverlapped(true).setAvailableSpaceFill(0.75);
    chart.getStyler().setXAxisLabelRotation(90).setYAxisMin(0.0);
    chart.getStyler().setXAxisLabelAlignmentVertical(AxesChartStyler.TextAlignment.Right);
    chart.getStyler().setXAxisMaxLabelCount(Math.max(2, policies.size()));
    List<String> names =
        policies.stream()
            .map(
                policy ->
                    isSeen(comparison.median(setting, policy, metric))
                        ? policy
                        : policy + " " + Numbers.INFINITE)
            .toList();
    Map<String, Color> groups = new LinkedHashMap<>();
    groups.put("default", OURS);
    groups.put("other selectors of the library", OURS_TOO);
    groups.put("rivals", RIVALS);
    groups.put("know the future", REFERENCES);
    groups.forEach(
        (name, color) -> {
          List<Double> values = new ArrayList<>();
          for (String policy : policies) {
            double millis = comparison.median(setting, policy, metric);
            boolean own = group(policy, comparison.standing(setting, policy)).equals(color);
            values.add(own && isSeen(millis) ? millis / 1000 : 0.0);
          }
          if (values.stream().anyMatch(value -> value > 0)) {
            chart.addSeries(name, names, values).setFillColor(color);
          }
        });
    return save(chart, slug(setting + " " + metric.title()));
  }

  private static Color group(String policy, Standing standing) {
    return switch (standing) {
      case OURS -> policy.equals(Comparison.DEFAULT) ? OURS : OURS_TOO;
      case RIVAL, INFORMED_RIVAL -> RIVALS;
      case REFERENCE -> REFERENCES;
    };
  }

  /**
   * Lines over the load: ours, the oracle, and the rivals that are best at the highest load. A line
   * has no point where its policy is infinitely late.
   */
  Path lines(Comparison comparison, Setting title, List<Setting> settings) {
    Setting last = settings.stream().max(Comparator.comparingDouble(Setting::rate)).orElseThrow();
    List<String> shown =
        comparison.policies(last).stream()
            .filter(policy -> comparison.standing(last, policy) != Standing.REFERENCE)
            .filter(policy -> comparison.median(last, policy, Metric.E2E_P99) > 0)
            .sorted(
                Comparator.comparing((String policy) -> !policy.equals(Comparison.DEFAULT))
                    .thenComparingDouble(policy -> comparison.median(last, policy, Metric.E2E_P99)))
            .limit(MAX_LINES)
            .toList();
    boolean loads = settings.stream().allMatch(setting -> setting.load() > 0);
    XYChart chart =
        xy(
            Metric.E2E_P99.title() + ": " + title.workload() + " on " + title.fleet(),
            loads ? "load" : "requests per second",
            "seconds");
    List<String> all = new ArrayList<>(shown);
    if (comparison.policies(last).contains(Oracle.NAME)) {
      all.add(Oracle.NAME);
    }
    chart.getStyler().setLegendPosition(LegendPosition.OutsideE);
    chart.getStyler().setLegendLayout(LegendLayout.Vertical);
    int color = 0;
    for (String policy : all) {
      Map<Double, Double> points = new TreeMap<>();
      for (Setting setting : settings) {
        double value = comparison.median(setting, policy, Metric.E2E_P99);
        if (isSeen(value)) {
          points.put(loads ? setting.load() : setting.rate(), value / 1000);
        }
      }
      Color own =
          policy.equals(Comparison.DEFAULT)
              ? OURS
              : policy.equals(Oracle.NAME) ? REFERENCES : MANY[color++ % MANY.length];
      line(chart, policy, points, own, policy.equals(Comparison.DEFAULT) ? 3f : 1.6f);
    }
    String slug =
        title.workload()
            + " on "
            + title.fleet()
            + " "
            + title.routers()
            + " routers "
            + title.faults()
            + " by load";
    return save(chart, slug(slug));
  }

  /**
   * Ratios in order, one dot for each setting; below the line the default is better. Those that are
   * infinite come last, and have no dot.
   */
  Path ratios(String name, String title, Map<String, List<Double>> series) {
    XYChart chart = xy(title, "scenarios, in order", "default / best");
    chart.getStyler().setDefaultSeriesRenderStyle(XYSeries.XYSeriesRenderStyle.Scatter);
    chart.getStyler().setXAxisTicksVisible(false);
    double least =
        series.values().stream()
            .flatMap(List::stream)
            .mapToDouble(Double::doubleValue)
            .min()
            .orElse(1);
    chart.getStyler().setYAxisMin(Math.floor(10 * Math.min(0.9, least - 0.05)) / 10);
    int longest = series.values().stream().mapToInt(List::size).max().orElse(1);
    XYSeries equal =
        chart.addSeries("as good", new double[] {0.5, longest + 0.5}, new double[] {1, 1});
    equal.setXYSeriesRenderStyle(XYSeries.XYSeriesRenderStyle.Line);
    equal.setMarker(SeriesMarkers.NONE);
    equal.setLineColor(REFERENCES).setLineWidth(1.5f);
    Color[] colors = {OURS, RIVALS, MANY[1], MANY[2]};
    int color = 0;
    for (Map.Entry<String, List<Double>> entry : series.entrySet()) {
      List<Double> sorted = entry.getValue().stream().filter(Double::isFinite).sorted().toList();
      if (!sorted.isEmpty()) {
        List<Integer> places = new ArrayList<>();
        for (int i = 1; i <= sorted.size(); i++) {
          places.add(i);
        }
        XYSeries dots = chart.addSeries(entry.getKey(), places, sorted);
        dots.setMarker(SeriesMarkers.CIRCLE).setMarkerColor(colors[color++ % colors.length]);
      }
    }
    return save(chart, slug(name));
  }

  /** Lines over time. */
  Path timeline(String name, String title, String unit, Map<String, Map<Double, Double>> series) {
    XYChart chart = xy(title, "seconds since the first arrival", unit);
    int color = 0;
    for (Map.Entry<String, Map<Double, Double>> entry : series.entrySet()) {
      boolean ours = entry.getKey().equals(Comparison.DEFAULT);
      Color own = ours ? OURS : MANY[color++ % MANY.length];
      line(chart, entry.getKey(), entry.getValue(), own, ours ? 3f : 1.6f);
    }
    return save(chart, slug(name));
  }

  private static void line(
      XYChart chart, String name, Map<Double, Double> points, Color color, float width) {
    if (points.isEmpty()) {
      return;
    }
    XYSeries series =
        chart.addSeries(name, List.copyOf(points.keySet()), List.copyOf(points.values()));
    series.setMarker(points.size() > 30 ? SeriesMarkers.NONE : SeriesMarkers.CIRCLE);
    series.setMarkerColor(color);
    series.setLineColor(color).setLineWidth(width);
  }

  private static XYChart xy(String title, String x, String y) {
    XYChart chart =
        new XYChartBuilder()
            .width(WIDTH)
            .height(HEIGHT)
            .title(title)
            .xAxisTitle(x)
            .yAxisTitle(y)
            .build();
    style(chart.getStyler());
    chart.getStyler().setMarkerSize(7);
    chart.getStyler().setXAxisDecimalPattern("0.###");
    chart.getStyler().setYAxisMin(0.0);
    return chart;
  }

  private static void style(AxesChartStyler styler) {
    styler.setChartBackgroundColor(Color.WHITE);
    styler.setChartFontColor(INK);
    styler.setChartPadding(14);
    styler.setChartTitleBoxVisible(false);
    styler.setChartTitleFont(new Font(Font.SANS_SERIF, Font.BOLD, 15));
    styler.setLegendPosition(LegendPosition.OutsideS);
    styler.setLegendLayout(LegendLayout.Horizontal);
    styler.setLegendBorderColor(Color.WHITE);
    styler.setLegendFont(new Font(Font.SANS_SERIF, Font.PLAIN, 12));
    styler.setPlotBorderVisible(false);
    styler.setPlotGridLinesColor(GRID);
    styler.setPlotGridLinesStroke(new BasicStroke(1f));
    styler.setPlotGridVerticalLinesVisible(false);
    styler.setAxisTicksMarksVisible(false);
    styler.setYAxisDecimalPattern("0.###");
    styler.setAxisTickLabelsColor(INK);
    styler.setAxisTickLabelsFont(new Font(Font.SANS_SERIF, Font.PLAIN, 11));
    styler.setAxisTitleFont(new Font(Font.SANS_SERIF, Font.PLAIN, 12));
  }

  private Path save(IChart chart, String slug) {
    Path file = folder.resolve(slug + ".png");
    try {
      ByteArrayOutputStream bytes = new ByteArrayOutputStream();
      ImageIO.write(BitmapEncoder.getBufferedImage(chart), "png", bytes);
      AtomicFile.write(file, bytes.toByteArray());
    } catch (IOException e) {
      throw new UncheckedIOException(file + ": cannot be drawn: " + e, e);
    }
    return file;
  }

  /** A name for a file. */
  static String slug(String text) {
    return text.toLowerCase(Locale.ROOT).replaceAll("[^a-z0-9.]+", "-").replaceAll("^-|-$", "");
  }
}
