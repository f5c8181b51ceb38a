/**
 * The endpoints: a real embedding model behind real HTTP servers, each slowed down by a stated
 * factor so that it stands for a different GPU.
 */
@NullMarked
package io.inferencerouter.examples.demo.engine;

import org.jspecify.annotations.NullMarked;
