/**
 * Documents of very different length, embedded page by page: a real embedding model behind real
 * servers, of HTTP or of gRPC, each slowed down by a stated factor so that it stands for a
 * different GPU.
 */
@NullMarked
package io.inferencerouter.examples.demo.documents;

import org.jspecify.annotations.NullMarked;
