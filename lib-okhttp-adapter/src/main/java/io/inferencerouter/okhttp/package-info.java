/**
 * Routes the calls of an OkHttp client: {@link io.inferencerouter.okhttp.RoutingCallFactory} is a
 * {@code Call.Factory}, which Retrofit and many SDKs accept in the place of an {@code
 * OkHttpClient}, and a {@code WebSocket.Factory}; {@link
 * io.inferencerouter.okhttp.RoutingInterceptor} is for those that accept only a client or an
 * interceptor.
 *
 * <p>A call takes this way:
 *
 * <ol>
 *   <li>A {@link io.inferencerouter.okhttp.RequestClassifier} says what the request asks for;
 *       {@link io.inferencerouter.okhttp.InferenceApiClassifier} reads the bodies of the usual
 *       APIs.
 *   <li>The router grants a lease, at once or when a slot is free, or sheds the request, which the
 *       caller sees as a response 429.
 *   <li>The request goes to the endpoint of the lease through the client, with that endpoint's
 *       address, headers and credential. Its body is not touched, except for the name of the model
 *       when a fallback model answers.
 *   <li>The response's body is watched while the caller reads it: first output, progress, usage,
 *       end. Its bytes are not touched. The lease ends with the body.
 * </ol>
 *
 * <p>Compiled against OkHttp 4.12; works with that and with OkHttp 5.
 */
@NullMarked
package io.inferencerouter.okhttp;

import org.jspecify.annotations.NullMarked;
