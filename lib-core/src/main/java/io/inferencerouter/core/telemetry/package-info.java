/** Metrics through Micrometer, which is optional: only who uses this package needs it. */
@NullMarked
package io.inferencerouter.core.telemetry;

import org.jspecify.annotations.NullMarked;
