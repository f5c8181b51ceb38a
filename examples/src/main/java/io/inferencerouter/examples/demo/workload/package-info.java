/** What is sent, and when: documents of very different length, arriving in bursts. */
@NullMarked
package io.inferencerouter.examples.demo.workload;

import org.jspecify.annotations.NullMarked;
