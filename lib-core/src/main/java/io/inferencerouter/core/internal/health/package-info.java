/**
 * Which endpoints are well enough for requests, judged off the path of requests: passively by the
 * answers they give, actively by probes; and how those that come back get their share.
 */
@NullMarked
package io.inferencerouter.core.internal.health;

import org.jspecify.annotations.NullMarked;
