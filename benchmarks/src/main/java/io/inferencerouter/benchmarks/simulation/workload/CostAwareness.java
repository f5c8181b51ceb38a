package io.inferencerouter.benchmarks.simulation.workload;

import io.inferencerouter.benchmarks.simulation.workload.TrafficProfile.Advice;
import io.inferencerouter.benchmarks.simulation.workload.TrafficProfile.Verdict;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * The rule that says whether routing by cost pays. Each question asks what a count of requests
 * cannot see.
 *
 * <p><b>Do costs differ?</b> Least outstanding requests gives each endpoint the same number k of
 * requests. Their work is then k times the mean, give or take a share of v / √k, where v is the
 * coefficient of variation of a request's cost. With four outstanding, v = {@value #SOME} leaves
 * endpoints a quarter of their work apart that have equal counts, and v = {@value #MUCH} a half.
 * The formula of Pollaczek and Khinchine says the same of the time in a queue: it grows with 1 +
 * v², so that at v = {@value #SOME} a fifth of all waiting is due to sizes, and at {@value #MUCH}
 * half of it. Below {@value #SOME} there is little to win. Only that part of v counts that can be
 * known when a request arrives; the rest a router sees no earlier than a count does.
 *
 * <p><b>Are prefixes reused?</b> What one cache for all would know beyond what endpoints know that
 * take turns is prefill that routing saves. From {@value #REUSE} of all input tokens on, that is
 * more than the noise. A prefix that all requests share is no reason: every endpoint knows it after
 * its first request.
 *
 * <p><b>Are there several models?</b> Loading one takes as long as hundreds of requests, and a
 * count does not say which endpoint has it.
 */
final class CostAwareness {
  static final double SOME = 0.5;
  static final double MUCH = 1.0;
  static final double REUSE = 0.05;

  /** From here on a tenant's share is worth a word. */
  private static final double DOMINANT = 0.2;

  /** And a peak. */
  private static final double BURSTY = 2.0;

  private CostAwareness() {}

  static Verdict judge(TrafficProfile profile) {
    List<String> reasons = new ArrayList<>();
    double won = profile.prefixReuse() - profile.prefixReuseInTurn();
    double variation = profile.serviceMillis().variation();
    boolean pays = false;
    if (profile.knownVariation() >= SOME) {
      pays = true;
      reasons.add(
          say(
              "Requests cost unequal time, and their inputs tell which are the expensive ones: the"
                  + " variation is %.2f, of which %.2f is known at arrival, and the top 1 %% of"
                  + " requests are %.0f %% of the work, so that equal counts are %s unequal loads.",
              variation,
              profile.knownVariation(),
              100 * profile.topWorkShare(),
              profile.knownVariation() >= MUCH ? "very" : "quite"));
    }
    if (won >= REUSE) {
      pays = true;
      reasons.add(
          say(
              "Prefixes come back: %.0f %% of the input could be served from a cache, but only"
                  + " %.0f %% is when %d endpoints take turns.",
              100 * profile.prefixReuse(),
              100 * profile.prefixReuseInTurn(),
              PrefixReuse.ENDPOINTS));
    }
    if (profile.models() > 1) {
      pays = true;
      reasons.add(
          say(
              "There are %d models: an endpoint that has to load one first is slow however few"
                  + " requests it has.",
              profile.models()));
    }
    boolean hidden = !pays && variation >= SOME;
    if (hidden) {
      reasons.add(
          say(
              "Requests cost unequal time (variation %.2f), but little of that shows in their"
                  + " inputs (%.2f): it pays as far as tenants, models or limits tell costs apart.",
              variation, profile.knownVariation()));
    }
    if (reasons.isEmpty()) {
      reasons.add(plain(profile, variation, won));
    }
    addRemarks(profile, reasons);
    return new Verdict(
        pays ? Advice.PAYS : hidden ? Advice.MAY_PAY : Advice.PLAIN_IS_ENOUGH, reasons);
  }

  private static String plain(TrafficProfile profile, double variation, double won) {
    return say(
        "Plain least outstanding requests is enough on equal endpoints: requests cost about the"
            + " same (variation %.2f, below %.1f), %s, and there is one model.",
        variation,
        SOME,
        profile.prefixReuse() == 0
            ? "no prefix is known to come back"
            : say("routing would win %.1f %% of the input from prefix caches", 100 * won));
  }

  private static void addRemarks(TrafficProfile profile, List<String> reasons) {
    if (profile.gapVariation() >= BURSTY) {
      reasons.add(
          say(
              "Arrivals come in bursts (gap variation %.1f, the busiest second is %.1f times the"
                  + " mean): leave headroom, and bound the queue.",
              profile.gapVariation(), profile.peakToMean()));
    }
    if (profile.tenants() > 1 && profile.topTenantShare() >= DOMINANT) {
      reasons.add(
          say(
              "One of %d tenants sends %.0f %% of the requests: quotas or a fair queue protect the"
                  + " others.",
              profile.tenants(), 100 * profile.topTenantShare()));
    }
    reasons.add(
        "This judges the traffic alone: where endpoints differ in speed, routing by predicted time"
            + " pays whatever the traffic is.");
  }

  private static String say(String format, Object... values) {
    return String.format(Locale.ROOT, format, values);
  }
}
