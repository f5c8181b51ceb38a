package io.inferencerouter.okhttp;

import io.inferencerouter.InferenceRequest;
import io.inferencerouter.InputUnit;
import io.inferencerouter.Priority;
import io.inferencerouter.okhttp.internal.json.JsonFields;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.Predicate;
import java.util.regex.Pattern;

/**
 * One of {@link ClassificationRules}: which requests it is for, and what it says of them. Without a
 * condition it is for all of them. Immutable.
 *
 * <p>Values come from the rule itself, from a header, or from a field of the JSON body, which is
 * named by a JSON Pointer (RFC 6901) such as {@code /parameters/model}. A header or field that is
 * missing, or has a value that cannot be used, such as a name that is longer than 1024 characters,
 * sets nothing and fails nothing.
 */
public final class ClassificationRule {
  private static final String MODEL = "model";
  private static final String TENANT = "tenant";
  private static final String TASK = "task";
  private static final String SESSION = "session";
  private static final String PRIORITY = "priority";
  private static final String OUTPUT_LIMIT = "outputLimit";
  private static final String INPUT = "input ";

  private final List<Predicate<RuleInput>> conditions;
  private final Map<String, RuleSetting> settings;
  private final Set<String> pointers;

  private ClassificationRule(Builder builder) {
    conditions = List.copyOf(builder.conditions);
    settings = new LinkedHashMap<>(builder.settings);
    pointers = Set.copyOf(builder.pointers);
  }

  /** Starts a rule for all requests. */
  public static Builder builder() {
    return new Builder();
  }

  Set<String> pointers() {
    return pointers;
  }

  /**
   * Applies the rule if it matches.
   *
   * @param alreadySet what other rules have set, to which this one adds
   */
  void apply(RuleInput input, InferenceRequest.Builder request, Set<String> alreadySet) {
    if (conditions.stream().allMatch(condition -> condition.test(input))) {
      settings.forEach(
          (name, setting) -> {
            if (!alreadySet.contains(name) && setting.apply(input, request)) {
              alreadySet.add(name);
            }
          });
    }
  }

  /**
   * Builds a {@link ClassificationRule}. All conditions must hold. Of two values for the same the
   * later one counts. Not safe for use by several threads at once.
   */
  public static final class Builder {
    private final List<Predicate<RuleInput>> conditions = new ArrayList<>();
    private final Map<String, RuleSetting> settings = new LinkedHashMap<>();
    private final Set<String> pointers = new HashSet<>();

    private Builder() {}

    /**
     * Asks for a host.
     *
     * @param glob {@code *} stands for one part of a name, {@code **} for any number of parts, as
     *     in {@code *.example.com}
     */
    public Builder host(String glob) {
      Pattern pattern = Glob.host(glob);
      return when(input -> pattern.matcher(input.request().url().host()).matches());
    }

    /**
     * Asks for a path.
     *
     * @param glob the whole path, as it is encoded; {@code *} stands for anything within one
     *     segment, {@code **} for anything, as in {@code /v1/ocr/**}
     */
    public Builder path(String glob) {
      Pattern pattern = Glob.path(glob);
      return when(input -> pattern.matcher(input.request().url().encodedPath()).matches());
    }

    /** Asks for a header, whatever its value. */
    public Builder header(String name) {
      Objects.requireNonNull(name, "name");
      return when(input -> input.header(name) != null);
    }

    /** Asks for a header with a value. */
    public Builder header(String name, String value) {
      Objects.requireNonNull(name, "name");
      Objects.requireNonNull(value, "value");
      return when(input -> value.equals(input.header(name)));
    }

    /** Asks for a field of the body with a value: a text, a number or a truth value, as a text. */
    public Builder json(String pointer, String value) {
      Objects.requireNonNull(value, "value");
      RuleSource field = field(pointer);
      return when(input -> value.equals(field.in(input)));
    }

    private Builder when(Predicate<RuleInput> condition) {
      conditions.add(condition);
      return this;
    }

    private Builder set(String name, RuleSetting setting) {
      settings.put(name, setting);
      return this;
    }

    private static RuleSource fromHeader(String name) {
      Objects.requireNonNull(name, "name");
      return input -> input.header(name);
    }

    private RuleSource field(String pointer) {
      JsonFields.of(List.of(pointer));
      pointers.add(pointer);
      return input -> input.json(pointer);
    }

    /** Sets the model by which the endpoint is chosen; the request is sent as it is. */
    public Builder model(String model) {
      return set(MODEL, RuleSetting.fixed(request -> request.model(model)));
    }

    /** Takes the model from a header. */
    public Builder modelFromHeader(String name) {
      return set(MODEL, RuleSetting.name(fromHeader(name), InferenceRequest.Builder::model));
    }

    /** Takes the model from a field of the body. */
    public Builder modelFromJson(String pointer) {
      return set(MODEL, RuleSetting.name(field(pointer), InferenceRequest.Builder::model));
    }

    /** Sets the version of the model. */
    public Builder modelVersion(String version) {
      return set("modelVersion", RuleSetting.fixed(request -> request.modelVersion(version)));
    }

    /** Names models that may answer instead, best first. */
    public Builder fallbackModels(String... models) {
      List<String> names = List.of(models);
      return set(
          "fallbackModels",
          RuleSetting.fixed(request -> request.fallbackModels(names.toArray(String[]::new))));
    }

    /** Sets the tenant. */
    public Builder tenant(String tenant) {
      return set(TENANT, RuleSetting.fixed(request -> request.tenant(tenant)));
    }

    /** Takes the tenant from a header. */
    public Builder tenantFromHeader(String name) {
      return set(TENANT, RuleSetting.name(fromHeader(name), InferenceRequest.Builder::tenant));
    }

    /** Takes the tenant from a field of the body, such as {@code /metadata/user_id}. */
    public Builder tenantFromJson(String pointer) {
      return set(TENANT, RuleSetting.name(field(pointer), InferenceRequest.Builder::tenant));
    }

    /** Sets the task: the kind of work, such as {@code transcription}. */
    public Builder task(String task) {
      return set(TASK, RuleSetting.fixed(request -> request.task(task)));
    }

    /** Takes the task from a header. */
    public Builder taskFromHeader(String name) {
      return set(TASK, RuleSetting.name(fromHeader(name), InferenceRequest.Builder::task));
    }

    /** Takes the task from a field of the body. */
    public Builder taskFromJson(String pointer) {
      return set(TASK, RuleSetting.name(field(pointer), InferenceRequest.Builder::task));
    }

    /** Takes the key of the conversation from a header. */
    public Builder sessionFromHeader(String name) {
      return set(SESSION, RuleSetting.name(fromHeader(name), InferenceRequest.Builder::session));
    }

    /** Takes the key of the conversation from a field of the body. */
    public Builder sessionFromJson(String pointer) {
      return set(SESSION, RuleSetting.name(field(pointer), InferenceRequest.Builder::session));
    }

    /** Sets the priority. */
    public Builder priority(Priority priority) {
      return set(PRIORITY, RuleSetting.fixed(request -> request.priority(priority)));
    }

    /** Takes the priority from a header, by its name, in any case. */
    public Builder priorityFromHeader(String name) {
      return set(PRIORITY, RuleSetting.priority(fromHeader(name)));
    }

    /** Takes the priority from a field of the body, by its name, in any case. */
    public Builder priorityFromJson(String pointer) {
      return set(PRIORITY, RuleSetting.priority(field(pointer)));
    }

    /** Sets the size of the input in one unit. */
    public Builder input(InputUnit unit, long size) {
      return set(INPUT + unit, RuleSetting.fixed(request -> request.input(unit, size)));
    }

    /** Takes the size of the input in one unit from a header with a whole number. */
    public Builder inputFromHeader(InputUnit unit, String name) {
      Objects.requireNonNull(unit, "unit");
      return set(
          INPUT + unit,
          RuleSetting.size(fromHeader(name), (request, size) -> request.input(unit, size)));
    }

    /** Takes the size of the input in one unit from a field of the body with a whole number. */
    public Builder inputFromJson(InputUnit unit, String pointer) {
      Objects.requireNonNull(unit, "unit");
      return set(
          INPUT + unit,
          RuleSetting.size(field(pointer), (request, size) -> request.input(unit, size)));
    }

    /** Sets the upper bound of the output; 0 where none is generated. */
    public Builder outputLimit(long limit) {
      return set(OUTPUT_LIMIT, RuleSetting.fixed(request -> request.outputLimit(limit)));
    }

    /** Takes the upper bound of the output from a field of the body with a whole number. */
    public Builder outputLimitFromJson(String pointer) {
      return set(
          OUTPUT_LIMIT,
          RuleSetting.size(field(pointer), (request, size) -> request.outputLimit(size)));
    }

    /** Says whether answers arrive as streams. */
    public Builder streaming(boolean streaming) {
      return set("streaming", RuleSetting.fixed(request -> request.streaming(streaming)));
    }

    /** Says whether processing such a request twice does no harm. */
    public Builder idempotent(boolean idempotent) {
      return set("idempotent", RuleSetting.fixed(request -> request.idempotent(idempotent)));
    }

    /**
     * Says whether such a request may be sent to a second endpoint before the first has answered.
     */
    public Builder hedgeable(boolean hedgeable) {
      return set("hedgeable", RuleSetting.fixed(request -> request.hedgeable(hedgeable)));
    }

    /** Restricts the regions in which such a request may be processed. */
    public Builder allowedRegions(String... regions) {
      List<String> names = List.of(regions);
      return set(
          "allowedRegions",
          RuleSetting.fixed(request -> request.allowedRegions(names.toArray(String[]::new))));
    }

    /** Limits the time until the answer. */
    public Builder deadline(Duration deadline) {
      return set("deadline", RuleSetting.fixed(request -> request.deadline(deadline)));
    }

    /** Limits the wait for a free slot. */
    public Builder maxQueueTime(Duration time) {
      return set("maxQueueTime", RuleSetting.fixed(request -> request.maxQueueTime(time)));
    }

    /** Builds the rule. */
    public ClassificationRule build() {
      return new ClassificationRule(this);
    }
  }
}
