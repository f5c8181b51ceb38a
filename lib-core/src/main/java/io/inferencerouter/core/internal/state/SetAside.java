package io.inferencerouter.core.internal.state;

import java.util.Collection;

/**
 * The endpoints that are set aside for exceptional inputs, where several routers that know nothing
 * of each other share them.
 *
 * <h2>Why</h2>
 *
 * <p>An exceptional input, see {@link TypicalRequest}, occupies its endpoint for seconds. The
 * router that sent it sends nothing else there. Any other router finds out by a request that gets
 * stuck, and then the age of that request keeps all further ones away. So each such input costs
 * each of the other routers one request, and each time anew: with 16 routers and one exceptional
 * input in two hundred, that is a request in twenty, far more than what the slowest percent may be.
 * No router can do better by what it sees, as the first one stuck is how it sees. What helps is an
 * agreement on where exceptional inputs go.
 *
 * <h2>Which</h2>
 *
 * <p>The first half of all endpoints by the hash of their ids, which needs no talk between routers,
 * and stays when endpoints are drained, ejected or added, but for one or two. Endpoints that are
 * known to {@linkplain InputLimit refuse} such inputs do not count. What routers learn each on
 * their own, as speeds, has no part in it: where they do not agree, it does more harm than good.
 *
 * <h2>When, and how much</h2>
 *
 * <p>By what requests have {@linkplain UnseenWork met}. A router that is alone meets nothing
 * unseen, and none does where there are no exceptional inputs: then nothing is set aside.
 *
 * <ul>
 *   <li>Once requests of usual size get stuck, exceptional inputs pay {@value #PRICE} times the
 *       time that it takes to read them outside of the set. So high a price is a rule with a way
 *       out, for when the whole set is stuck.
 *   <li>Once the endpoints in the set are those where requests get stuck, what is met there is
 *       expected ahead of each further request. It is expected of the set as a whole, until {@value
 *       #OWN_VISITS} visits have shown that an endpoint differs, and only as far as it is more than
 *       what is met elsewhere: if requests get stuck everywhere, nobody is better off outside.
 * </ul>
 *
 * <p>As long as fewer than one request in {@value #RARE} gets stuck, both count for less.
 *
 * <p>Both follow from the same evidence in all routers, each with its own. It is forgotten by
 * requests, not by time; while usual ones stay away from the set, few of them go there to see, as
 * many as the load drives there.
 */
final class SetAside {
  /** What exceptional inputs pay outside of the set, in times that it takes to read them. */
  private static final double PRICE = 60;

  /** If one request in so many gets stuck, all of it counts. */
  private static final double RARE = 300;

  private static final double OWN_VISITS = 8;

  private SetAside() {}

  /** Sets endpoints aside, among those that serve one model. By one thread at a time. */
  static void among(Collection<ModelService> services) {
    long last = lastPlace(services);
    Sum inside = new Sum();
    Sum outside = new Sum();
    for (ModelService service : services) {
      (isInside(service, last) ? inside : outside).add(service.unseen);
    }
    if (inside.services == 0 || outside.services == 0) {
      services.forEach(service -> service.setAside(0, 0));
      return;
    }
    double effect = Math.min(1, RARE * (inside.shareBlocked() + outside.shareBlocked()) / 2);
    double elsewhere = outside.meanUnits();
    for (ModelService service : services) {
      if (isInside(service, last)) {
        UnseenWork unseen = service.unseen;
        double expected =
            (unseen.units() + OWN_VISITS * inside.meanUnits()) / (unseen.visits() + OWN_VISITS);
        service.setAside((float) (effect * Math.max(0, expected - elsewhere)), 0);
      } else {
        service.setAside(0, (float) (effect * PRICE));
      }
    }
  }

  /** The place of the last one in the set, in the order on which all routers agree. */
  private static long lastPlace(Collection<ModelService> services) {
    long[] places =
        services.stream()
            .filter(SetAside::takesAll)
            .mapToLong(ModelService::agreedPlace)
            .sorted()
            .toArray();
    return places.length == 0 ? Long.MIN_VALUE : places[(places.length - 1) / 2];
  }

  private static boolean isInside(ModelService service, long last) {
    return takesAll(service) && service.agreedPlace() <= last;
  }

  private static boolean takesAll(ModelService service) {
    return service.refusedInput() == InputLimit.NONE;
  }

  /** What requests have met at several endpoints. */
  private static final class Sum {
    private int services;
    private double visits = 1; // so that a first visit proves little
    private double blocked;
    private double units;

    void add(UnseenWork unseen) {
      services++;
      visits += unseen.visits();
      blocked += unseen.blocked();
      units += unseen.units();
    }

    double shareBlocked() {
      return blocked / visits;
    }

    double meanUnits() {
      return units / visits;
    }
  }
}
