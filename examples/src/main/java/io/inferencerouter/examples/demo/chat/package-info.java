/**
 * Chat: answers of a language model, streamed token by token, from engines that stand for GPUs of
 * different kinds.
 */
@NullMarked
package io.inferencerouter.examples.demo.chat;

import org.jspecify.annotations.NullMarked;
