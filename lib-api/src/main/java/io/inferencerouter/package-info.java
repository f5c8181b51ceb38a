/**
 * The contracts of the inference router: a client-side load balancer for AI inference endpoints
 * that balances predicted time instead of request counts.
 *
 * <p>A request takes this way, and the types of this package are its stations:
 *
 * <ol>
 *   <li>An {@link io.inferencerouter.InferenceRequest} says what is asked: model, sizes, tenant,
 *       task, priority, limits.
 *   <li>A {@link io.inferencerouter.CostEstimator} turns its sizes into input work and output work.
 *   <li>An {@link io.inferencerouter.EndpointSelector} chooses among the eligible {@link
 *       io.inferencerouter.Candidates}.
 *   <li>The {@link io.inferencerouter.InferenceRouter} reserves a slot and the predicted time on
 *       the chosen {@link io.inferencerouter.Endpoint} and hands out a {@link
 *       io.inferencerouter.Lease}.
 *   <li>The caller, or an adapter, sends the request, reports first token and progress on the
 *       lease, and completes it with an {@link io.inferencerouter.Outcome}.
 * </ol>
 *
 * <p>Routers are built by {@code io.inferencerouter.core.InferenceRouters} of the module {@code
 * lib-core}. All values of this package are immutable and safe to share between threads; {@code
 * null} is neither accepted nor returned.
 */
@NullMarked
package io.inferencerouter;

import org.jspecify.annotations.NullMarked;
