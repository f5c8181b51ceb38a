/** What is sent, and when: requests that arrive in bursts, and what came back for them. */
@NullMarked
package io.inferencerouter.examples.demo.workload;

import org.jspecify.annotations.NullMarked;
