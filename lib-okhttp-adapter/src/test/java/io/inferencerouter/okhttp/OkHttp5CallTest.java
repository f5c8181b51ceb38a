package io.inferencerouter.okhttp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import kotlin.jvm.JvmClassMappingKt;
import kotlin.jvm.functions.Function0;
import kotlin.reflect.KClass;
import okhttp3.Call;
import okhttp3.EventListener;
import okhttp3.OkHttp;
import okhttp3.Response;
import org.junit.jupiter.api.Test;

/**
 * The methods that {@code Call} has from OkHttp 5 on, called as code that is compiled against it
 * would.
 */
class OkHttp5CallTest extends RoutedTest {
  OkHttp5CallTest() throws Exception {
    super(Wire.HTTP_1_1);
  }

  private static Object invoke(Call call, String name, Class<?>[] types, Object... arguments)
      throws ReflectiveOperationException {
    Class<?> owner = OkHttp5.isPresent() ? Call.class : RoutedCall.class;
    try {
      return owner.getMethod(name, types).invoke(call, arguments);
    } catch (InvocationTargetException e) {
      if (e.getCause() instanceof RuntimeException cause) {
        throw cause;
      }
      throw e;
    }
  }

  private static Object tag(Call call, Class<?> type) throws ReflectiveOperationException {
    return invoke(call, "tag", new Class<?>[] {Class.class}, type);
  }

  private static Object tag(Call call, Class<?> type, Function0<?> compute)
      throws ReflectiveOperationException {
    return invoke(call, "tag", new Class<?>[] {Class.class, Function0.class}, type, compute);
  }

  @Test
  void theTestsRunOnTheVersionTheyAreMeantFor() throws Exception {
    // Read at run time: the compiler would put in the version it compiles against.
    Object version = OkHttp.class.getField("VERSION").get(null);
    assertThat(version).isEqualTo(System.getProperty("expected.okhttp.version", "4.12.0"));
    assertThat(OkHttp5.isPresent()).isEqualTo(version.toString().startsWith("5."));
  }

  @Test
  void everyAbstractMethodOfCallIsImplemented() throws Exception {
    for (Method method : Call.class.getMethods()) {
      if (Modifier.isAbstract(method.getModifiers())) {
        Method implemented =
            RoutedCall.class.getMethod(method.getName(), method.getParameterTypes());
        assertThat(Modifier.isAbstract(implemented.getModifiers())).as("%s", method).isFalse();
        assertThat(method.getReturnType()).isAssignableFrom(implemented.getReturnType());
      }
    }
  }

  @Test
  void tagsOfTheRequestAreTagsOfTheCall() throws Exception {
    Call call = calls.newCall(request().tag(String.class, "a").build());
    assertThat(tag(call, String.class)).isEqualTo("a");
    assertThat(tag(call, Integer.class)).isNull();
    KClass<?> type = JvmClassMappingKt.getKotlinClass(String.class);
    assertThat(invoke(call, "tag", new Class<?>[] {KClass.class}, type)).isEqualTo("a");
    Function0<String> compute = () -> "b";
    assertThat(invoke(call, "tag", new Class<?>[] {KClass.class, Function0.class}, type, compute))
        .isEqualTo("a");
  }

  @Test
  void aTagIsComputedOnceAndInterceptorsSeeIt() throws Exception {
    BlockingQueue<Object> seen = new LinkedBlockingQueue<>();
    use(
        client()
            .addInterceptor(
                chain -> {
                  seen.add(chain.request().tag(String.class));
                  return chain.proceed(chain.request());
                })
            .build(),
        endpoint().build());
    Call call = call();
    assertThat(tag(call, String.class, () -> "first")).isEqualTo("first");
    assertThat(tag(call, String.class, () -> "second")).isEqualTo("first");
    call.execute().close();
    assertThat(seen).containsExactly("first");
    assertThat(tag(call, String.class)).isEqualTo("first");
    assertThat(tag(call, Integer.class, () -> 7)).isEqualTo(7);
    assertThat(tag(call, Integer.class)).isEqualTo(7);
    assertThat(tag(call.clone(), String.class)).isNull();
  }

  @Test
  void listenersHearOfTheCallThatIsSent() throws Exception {
    BlockingQueue<String> heard = new LinkedBlockingQueue<>();
    Class<?>[] types = {EventListener.class};
    EventListener early =
        new EventListener() {
          @Override
          public void callStart(Call call) {
            heard.add("start");
          }

          @Override
          public void callEnd(Call call) {
            heard.add("end");
          }
        };
    Call call = call();
    if (!OkHttp5.isPresent()) {
      assertThatThrownBy(() -> invoke(call, "addEventListener", types, early))
          .isInstanceOf(UnsupportedOperationException.class);
      return;
    }
    invoke(call, "addEventListener", types, early);
    EventListener late =
        new EventListener() {
          @Override
          public void callEnd(Call ended) {
            heard.add("end, heard late");
          }
        };
    try (Response response = call.execute()) {
      invoke(call, "addEventListener", types, late);
      assertThat(response.body().string()).isEqualTo("{}");
    }
    assertThat(heard).containsExactly("start", "end", "end, heard late");
  }
}
