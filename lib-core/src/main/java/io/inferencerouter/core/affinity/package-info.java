/**
 * Keys that tell the router which prompts begin alike, so that a request can go to an endpoint that
 * has read its beginning before.
 */
@NullMarked
package io.inferencerouter.core.affinity;

import org.jspecify.annotations.NullMarked;
