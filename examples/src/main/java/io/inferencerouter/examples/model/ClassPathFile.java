package io.inferencerouter.examples.model;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;

/** Opens files that come with the classes. */
public final class ClassPathFile {
  private ClassPathFile() {}

  /**
   * Opens a file.
   *
   * @param owner the class beside which it lies
   * @param name its name; with a slash at the start, its path from the root
   * @throws FileNotFoundException if it is not there
   */
  public static InputStream open(Class<?> owner, String name) throws IOException {
    InputStream stream = owner.getResourceAsStream(name);
    if (stream == null) {
      throw new FileNotFoundException(name + ": not on the class path");
    }
    return stream;
  }
}
