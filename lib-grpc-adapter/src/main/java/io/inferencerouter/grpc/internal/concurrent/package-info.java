/** One thing after another, without a thread and without a lock. */
@NullMarked
package io.inferencerouter.grpc.internal.concurrent;

import org.jspecify.annotations.NullMarked;
