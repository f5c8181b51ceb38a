package io.inferencerouter.okhttp;

import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.util.Objects;
import kotlin.jvm.functions.Function0;
import okhttp3.Call;
import okhttp3.EventListener;
import org.jspecify.annotations.Nullable;

/** What {@link Call} can do from OkHttp 5 on, for code that is compiled against OkHttp 4. */
final class OkHttp5 {
  private static final @Nullable MethodHandle ADD_EVENT_LISTENER =
      find("addEventListener", MethodType.methodType(void.class, EventListener.class));
  private static final @Nullable MethodHandle TAG =
      find("tag", MethodType.methodType(Object.class, Class.class));
  private static final @Nullable MethodHandle TAG_OR_COMPUTE =
      find("tag", MethodType.methodType(Object.class, Class.class, Function0.class));

  private OkHttp5() {}

  private static @Nullable MethodHandle find(String name, MethodType type) {
    try {
      return MethodHandles.publicLookup().findVirtual(Call.class, name, type);
    } catch (NoSuchMethodException | IllegalAccessException beforeOkHttp5) {
      return null;
    }
  }

  /** Whether the OkHttp on the class path is one with these methods. */
  static boolean isPresent() {
    return ADD_EVENT_LISTENER != null && TAG != null && TAG_OR_COMPUTE != null;
  }

  /** What to throw when they are called all the same, which takes reflection. */
  static UnsupportedOperationException missing() {
    return new UnsupportedOperationException("OkHttp: version 4 (expected: 5 or later)");
  }

  /** As {@code call.addEventListener(listener)}. */
  static void addEventListener(Call call, EventListener listener) {
    invoke(ADD_EVENT_LISTENER, call, listener);
  }

  /** As {@code call.tag(type)}. */
  static @Nullable Object tag(Call call, Class<?> type) {
    return invoke(TAG, call, type);
  }

  /** As {@code call.tag(type, computeIfAbsent)}. */
  static Object tag(Call call, Class<?> type, Function0<?> computeIfAbsent) {
    return Objects.requireNonNull(invoke(TAG_OR_COMPUTE, call, type, computeIfAbsent), "tag");
  }

  private static @Nullable Object invoke(@Nullable MethodHandle method, Object... arguments) {
    if (method == null) {
      throw missing();
    }
    try {
      return method.invokeWithArguments(arguments);
    } catch (RuntimeException | Error e) {
      throw e;
    } catch (Throwable e) {
      throw new IllegalStateException("OkHttp: threw a checked exception", e);
    }
  }
}
