package io.inferencerouter.core.testing;

import static org.assertj.core.api.Assertions.assertThat;

import io.inferencerouter.core.selection.Selectors;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class AllSelectorsTest {
  @Test
  void whateverCanBeMadeWithoutSettingsIsAmongThem() throws Exception {
    List<String> made = new ArrayList<>();
    for (Method factory : Selectors.class.getMethods()) {
      if (Modifier.isStatic(factory.getModifiers()) && factory.getParameterCount() == 0) {
        made.add(factory.invoke(null).toString());
      }
    }

    assertThat(AllSelectors.all())
        .extracting(Object::toString)
        .containsExactlyInAnyOrderElementsOf(made);
    assertThat(AllSelectors.all()).containsAll(AllSelectors.thatGoByLoad());
  }
}
