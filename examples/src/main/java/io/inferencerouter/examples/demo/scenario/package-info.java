/** What a kind of work has to say for itself, so that the demo can run it. */
@NullMarked
package io.inferencerouter.examples.demo.scenario;

import org.jspecify.annotations.NullMarked;
