/**
 * The router: {@link io.inferencerouter.core.InferenceRouters#builder()} is where to begin.
 *
 * <p>Ready-made policies are in {@link io.inferencerouter.core.selection.Selectors}, ready-made
 * cost estimators in {@link io.inferencerouter.core.cost.CostEstimators}. Packages under {@code
 * internal} are no part of the contract.
 */
@NullMarked
package io.inferencerouter.core;

import org.jspecify.annotations.NullMarked;
