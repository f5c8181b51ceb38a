package io.inferencerouter.examples.demo.report;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import org.jspecify.annotations.Nullable;

/**
 * Finds out whether a person looks at the output.
 *
 * <p>Up to Java 21 there is a console only when both input and output are a terminal. From Java 22
 * on there may be one in any case, and {@code Console.isTerminal()}, which is new there, tells.
 */
public final class Terminal {
  private Terminal() {}

  /** Whether this process writes to a terminal that can redraw a line. */
  public static boolean isInteractive() {
    return isInteractive(System.console(), System.getenv("TERM"));
  }

  /**
   * As {@link #isInteractive()}, of the given console.
   *
   * @param console the console, or null when there is none
   * @param term the kind of terminal as the environment names it, or null
   */
  static boolean isInteractive(@Nullable Object console, @Nullable String term) {
    return console != null && term != null && !term.equals("dumb") && isTerminal(console);
  }

  private static boolean isTerminal(Object console) {
    try {
      Method method = publicType(console).getMethod("isTerminal");
      return (boolean) method.invoke(console);
    } catch (NoSuchMethodException e) {
      return true; // before Java 22: to have a console is enough
    } catch (IllegalAccessException | InvocationTargetException e) {
      return false;
    }
  }

  /** The class whose methods may be called; that of the object itself is internal to the JDK. */
  private static Class<?> publicType(Object console) {
    return console instanceof java.io.Console ? java.io.Console.class : console.getClass();
  }
}
