/** Chat: an answer appears on the console while it is generated. */
@NullMarked
package io.inferencerouter.examples.chat;

import org.jspecify.annotations.NullMarked;
