package io.inferencerouter.okhttp;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import okhttp3.HttpUrl;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class BasePathTest {
  private static HttpUrl url(String path) {
    return HttpUrl.get("http://host" + path);
  }

  private static String join(String base, String path) {
    return BasePath.join(url(base), url(path));
  }

  @ParameterizedTest
  @CsvSource({
    // Nothing in common: the one in front of the other.
    "'',                /v1/models,          /v1/models",
    "/,                 /v1/models,          /v1/models",
    "/gpu-1,            /v1/models,          /gpu-1/v1/models",
    "/gpu-1/,           /v1/models,          /gpu-1/v1/models",
    "/v1,               /models,             /v1/models",
    "/v1,               /v10/models,         /v1/v10/models",
    "/v10,              /v1/models,          /v10/v1/models",
    "/V1,               /v1/models,          /V1/v1/models",
    "/v1/models,        /v1/chat,            /v1/models/v1/chat",
    "/openai/deployments/x, /chat/completions, /openai/deployments/x/chat/completions",
    // The request's path begins with the whole base path.
    "/v1,               /v1/models,          /v1/models",
    "/v1/,              /v1/models,          /v1/models",
    "/v1,               /v1,                 /v1",
    "/v1,               /v1/,                /v1/",
    "/v1/,              /v1,                 /v1",
    "/openai/deployments/x, /openai/deployments/x/chat/completions, /openai/deployments/x/chat/completions",
    "/openai,           /openai/deployments/x/chat/completions, /openai/deployments/x/chat/completions",
    // The request's path begins with the end of the base path.
    "/gpu-1/v1,         /v1/models,          /gpu-1/v1/models",
    "/gpu-1/v1/,        /v1/models,          /gpu-1/v1/models",
    "/openai/v1,        /v1/chat,            /openai/v1/chat",
    "/a/b/c,            /b/c/d,              /a/b/c/d",
    // The longest overlap counts.
    "/a/b/a,            /a/b/a/c,            /a/b/a/c",
    "/a/a,              /a/a/b,              /a/a/b",
    "/x/a/a,            /a/b,                /x/a/a/b",
    // As they are written: encoded, empty and odd segments.
    "/a%20b,            '/a b/c',            /a%20b/c",
    "/a%2Fb,            /a/b/c,              /a%2Fb/a/b/c",
    "/a%2Fb,            /a%2Fb/c,            /a%2Fb/c",
    "/a;v=1,            /a;v=1/c,            /a;v=1/c",
    "/%E2%82%AC,        /\u20ac/c,           /%E2%82%AC/c",
    "/gpu,              /,                   /gpu/",
    "/gpu,              //v1//models/,       /gpu//v1//models/",
  })
  void segmentsInCommonAreMeantOnce(String base, String path, String expected) {
    assertThat(join(base, path)).isEqualTo(expected);
  }

  @Provide
  Arbitrary<List<String>> segments() {
    return Arbitraries.of("a", "b", "a%2Fb", "v1").list().ofMinSize(1).ofMaxSize(4);
  }

  @Property
  void theResultBeginsWithTheBaseAndEndsWithThePathAndJoiningAgainChangesNothing(
      @ForAll("segments") List<String> base, @ForAll("segments") List<String> path) {
    String front = "/" + String.join("/", base);
    String back = "/" + String.join("/", path);
    String joined = join(front, back);
    assertThat(joined).startsWith(front).endsWith(back);
    assertThat(joined.length()).isLessThanOrEqualTo(front.length() + back.length());
    assertThat(join(front, joined)).isEqualTo(joined);
  }
}
