/** What is needed to run a model that comes as a file on the class path. */
@NullMarked
package io.inferencerouter.examples.model;

import org.jspecify.annotations.NullMarked;
