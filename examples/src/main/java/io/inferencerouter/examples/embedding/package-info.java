/** The embedding model that the demo's documents and the gRPC examples are served with. */
@NullMarked
package io.inferencerouter.examples.embedding;

import org.jspecify.annotations.NullMarked;
