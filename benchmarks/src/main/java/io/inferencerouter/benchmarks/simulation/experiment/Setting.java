package io.inferencerouter.benchmarks.simulation.experiment;

import io.inferencerouter.benchmarks.simulation.Scenario;
import io.inferencerouter.benchmarks.simulation.fleet.Faults;
import java.util.Locale;

/**
 * What runs have in common that can be compared: everything but the policy and the seed.
 *
 * @param load as a share of saturation; 0 if a rate was given
 * @param rate requests per second
 */
public record Setting(
    String workload, String fleet, String faults, int routers, double load, double rate) {
  /** The setting of a run to be made. */
  public static Setting of(Scenario scenario, String faults) {
    return new Setting(
        scenario.workload().name(),
        scenario.fleet().name(),
        faults,
        scenario.routers(),
        scenario.load(),
        scenario.rate());
  }

  /** Whether nothing goes wrong in it. */
  public boolean isFaultless() {
    return faults.equals(Faults.NONE);
  }

  /** The same with another number of routers. */
  public Setting withRouters(int other) {
    return new Setting(workload, fleet, faults, other, load, rate);
  }

  /** The same with nothing going wrong. */
  public Setting withoutFaults() {
    return new Setting(workload, fleet, Faults.NONE, routers, load, rate);
  }

  /** The kind of fleet: its name without its size. */
  public String fleetClass() {
    return fleet.replaceFirst("-\\d+$", "");
  }

  /** How heavy it is, in words. */
  public String pressure() {
    return load > 0
        ? String.format(Locale.ROOT, "load %s", plain(load))
        : rate > 0 ? String.format(Locale.ROOT, "%s requests/s", plain(rate)) : "as recorded";
  }

  @Override
  public String toString() {
    return String.format(
        Locale.ROOT,
        "%s on %s, %d %s, %s%s",
        workload,
        fleet,
        routers,
        routers == 1 ? "router" : "routers",
        pressure(),
        isFaultless() ? "" : ", " + faults);
  }

  private static String plain(double number) {
    String text = String.format(Locale.ROOT, "%.3f", number);
    return text.replaceFirst("\\.?0+$", "");
  }
}
