/** LangChain4j: its models as before, with the router as their HTTP client. */
@NullMarked
package io.inferencerouter.examples.langchain4j;

import org.jspecify.annotations.NullMarked;
