package io.inferencerouter.examples.demo.report;

import static java.util.concurrent.TimeUnit.SECONDS;

import java.awt.BasicStroke;
import java.awt.Color;
import java.awt.Font;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.knowm.xchart.BitmapEncoder;
import org.knowm.xchart.BitmapEncoder.BitmapFormat;
import org.knowm.xchart.CategoryChart;
import org.knowm.xchart.CategoryChartBuilder;
import org.knowm.xchart.XYChart;
import org.knowm.xchart.XYChartBuilder;
import org.knowm.xchart.XYSeries.XYSeriesRenderStyle;
import org.knowm.xchart.style.Styler;
import org.knowm.xchart.style.Styler.LegendPosition;
import org.knowm.xchart.style.markers.SeriesMarkers;

/**
 * The results as a picture: the tail of the latencies on the left, how busy the endpoints were on
 * the right.
 */
public final class Chart {
  private static final int WIDTH = 720;
  private static final int HEIGHT = 480;
  private static final double LEAST_PERCENT = 0.2;
  private static final double STEP = 0.1;

  /** Colours that the colour-blind can tell apart, too (Okabe and Ito). */
  private static final Color[] COLOURS = {
    new Color(0xD55E00), new Color(0xE69F00), new Color(0x0072B2)
  };

  private Chart() {}

  /**
   * Writes the picture.
   *
   * @param file a PNG file; an existing one is replaced
   * @param title what was run
   * @param headline which times to draw
   */
  public static void write(Path file, String title, Headline headline, List<PolicyResult> results)
      throws IOException {
    System.setProperty("java.awt.headless", "true");
    BitmapEncoder.saveBitmap(
        List.of(latencies(title, headline, results), utilisation(results)),
        1,
        2,
        file.toString(),
        BitmapFormat.PNG);
  }

  private static XYChart latencies(String title, Headline headline, List<PolicyResult> results) {
    XYChart chart =
        new XYChartBuilder()
            .width(WIDTH)
            .height(HEIGHT)
            .title("Share of requests that take longer, " + title)
            .xAxisTitle("seconds until " + headline.event())
            .yAxisTitle("% of requests (logarithmic)")
            .build();
    chart.getStyler().setYAxisLogarithmic(true).setYAxisMin(LEAST_PERCENT).setYAxisMax(100.0);
    chart.getStyler().setXAxisMin(0.0);
    chart.getStyler().setLegendPosition(LegendPosition.InsideNE);
    style(chart.getStyler());
    for (int i = 0; i < results.size(); i++) {
      PolicyResult result = results.get(i);
      List<Double> seconds = new ArrayList<>();
      List<Double> percents = new ArrayList<>();
      for (double percent = 100; percent >= LEAST_PERCENT; percent -= STEP) {
        seconds.add(headline.of(result).percentile(100 - percent, SECONDS));
        percents.add(percent);
      }
      chart
          .addSeries(result.policy(), seconds, percents)
          .setXYSeriesRenderStyle(XYSeriesRenderStyle.Step)
          .setMarker(SeriesMarkers.NONE)
          .setLineColor(COLOURS[i % COLOURS.length])
          .setLineStyle(new BasicStroke(2.5f));
    }
    return chart;
  }

  private static CategoryChart utilisation(List<PolicyResult> results) {
    CategoryChart chart =
        new CategoryChartBuilder()
            .width(WIDTH)
            .height(HEIGHT)
            .title("How busy the endpoints were")
            .xAxisTitle("endpoint")
            .yAxisTitle("% of its slots' time")
            .build();
    chart.getStyler().setYAxisMin(0.0).setYAxisMax(100.0);
    chart.getStyler().setLegendPosition(LegendPosition.InsideNW);
    chart.getStyler().setAvailableSpaceFill(0.8);
    style(chart.getStyler());
    for (int i = 0; i < results.size(); i++) {
      PolicyResult result = results.get(i);
      chart
          .addSeries(
              result.policy(),
              new ArrayList<>(result.utilisation().byEndpoint().keySet()),
              result.utilisation().byEndpoint().values().stream().map(x -> x * 100).toList())
          .setFillColor(COLOURS[i % COLOURS.length]);
    }
    return chart;
  }

  private static void style(Styler styler) {
    styler.setChartBackgroundColor(Color.WHITE);
    styler.setChartTitleBoxVisible(false);
    styler.setChartTitleFont(new Font(Font.SANS_SERIF, Font.BOLD, 16));
    styler.setPlotBorderVisible(false);
    styler.setLegendBorderColor(Color.LIGHT_GRAY);
  }
}
