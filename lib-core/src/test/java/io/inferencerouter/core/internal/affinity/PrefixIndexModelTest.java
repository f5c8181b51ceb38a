package io.inferencerouter.core.internal.affinity;

import static org.assertj.core.api.Assertions.assertThat;

import io.inferencerouter.InferenceRequest;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

/** The index against a naive model that remembers everything. */
class PrefixIndexModelTest {
  private static final int SLOTS = 10;
  private static final Integer[] SHARED = {0, 1, 5};
  private static final int CONVERSATIONS = 5;
  private static final int MOST_RECORDED = 40;
  private static final int MOST_ASKED = 45;

  /** So many holdings that no bucket has to give one up. */
  private static final int ROOM = PrefixIndex.DEFAULT_ENTRIES;

  /** What happens: a prompt is recorded, or an endpoint forgotten. */
  record Event(boolean forget, int slot, int shared, int conversation, int blocks) {
    InferenceRequest prompt() {
      return Prompts.sharing(shared, conversation, blocks);
    }
  }

  @Provide
  Arbitrary<List<Event>> events() {
    return Combinators.combine(
            Arbitraries.integers().between(0, 19).map(x -> x == 0),
            Arbitraries.integers().between(0, SLOTS - 1),
            Arbitraries.of(SHARED),
            Arbitraries.integers().between(0, CONVERSATIONS - 1),
            Arbitraries.integers().between(1, MOST_RECORDED))
        .as(Event::new)
        .list()
        .ofMinSize(1)
        .ofMaxSize(120);
  }

  private static final class Model {
    private final Map<Integer, Set<Long>> keys = new HashMap<>();
    private final Map<Long, Set<Integer>> everHeldBy = new HashMap<>();

    void apply(Event event) {
      if (event.forget()) {
        keys.remove(event.slot());
        return;
      }
      InferenceRequest prompt = event.prompt();
      for (int level = 0; level < prompt.prefixKeyCount(); level++) {
        keys.computeIfAbsent(event.slot(), s -> new HashSet<>()).add(prompt.prefixKey(level));
        everHeldBy.computeIfAbsent(prompt.prefixKey(level), k -> new HashSet<>()).add(event.slot());
      }
    }

    int held(InferenceRequest prompt, int slot) {
      for (int level = prompt.prefixKeyCount() - 1; level >= 0; level--) {
        if (keys.getOrDefault(slot, Set.of()).contains(prompt.prefixKey(level))) {
          return level + 1;
        }
      }
      return 0;
    }

    boolean everCommon(InferenceRequest prompt, int level) {
      return everHeldBy.getOrDefault(prompt.prefixKey(level), Set.of()).size()
          > PrefixHits.MAX_HOLDERS;
    }

    boolean neverCommon(InferenceRequest prompt) {
      for (int level = 0; level < prompt.prefixKeyCount(); level++) {
        if (everCommon(prompt, level)) {
          return false;
        }
      }
      return true;
    }

    List<Integer> longestFirst(InferenceRequest prompt) {
      List<Integer> lengths = new ArrayList<>();
      for (int slot = 0; slot < SLOTS; slot++) {
        if (held(prompt, slot) > 0) {
          lengths.add(held(prompt, slot));
        }
      }
      lengths.sort(Comparator.reverseOrder());
      return lengths;
    }
  }

  /** An index, and what it should know. */
  private static final class Modelled {
    final Model model = new Model();
    private final EndpointCaches caches = new EndpointCaches(SLOTS);
    private final PrefixIndex index;
    private final PrefixHits hits = new PrefixHits();

    Modelled(int entries) {
      index = new PrefixIndex(caches, entries, 7);
    }

    void apply(Event event) {
      if (event.forget()) {
        caches.forget(event.slot());
      } else {
        index.record(event.prompt(), 0, event.slot());
      }
      model.apply(event);
    }

    PrefixHits lookup(InferenceRequest prompt) {
      index.lookup(prompt, 0, hits);
      return hits;
    }
  }

  /** The prompt of an event, and a little more of the same conversation. */
  private static InferenceRequest longer(Event event) {
    return Prompts.sharing(event.shared(), event.conversation(), MOST_ASKED);
  }

  @Property(tries = 400)
  void noEndpointIsSaidToHoldMoreThanItDoes(
      @ForAll("events") List<Event> events, @ForAll boolean crowded) {
    Modelled modelled = new Modelled(crowded ? 64 : 1 << 14);
    for (Event event : events) {
      modelled.apply(event);

      InferenceRequest asked = longer(event);
      PrefixHits hits = modelled.lookup(asked);
      for (int i = 0; i < hits.holders(); i++) {
        assertThat(hits.blocks(i)).isBetween(1, modelled.model.held(asked, hits.slot(i)));
      }
      if (hits.commonBlocks() > 0) {
        assertThat(modelled.model.everCommon(asked, hits.commonBlocks() - 1)).isTrue();
      }
    }
  }

  @Property(tries = 400)
  void inAnIndexWithRoomTheLongestHoldingsAreFoundExactly(@ForAll("events") List<Event> events) {
    Modelled modelled = new Modelled(ROOM);
    for (Event event : events) {
      modelled.apply(event);

      InferenceRequest asked = longer(event);
      if (modelled.model.neverCommon(asked)) {
        List<Integer> longest = modelled.model.longestFirst(asked);
        PrefixHits hits = modelled.lookup(asked);
        assertThat(hits.holders()).isLessThanOrEqualTo(longest.size());
        assertThat(hits.holders() == 0).isEqualTo(longest.isEmpty());
        for (int i = 0; i < Math.min(2, hits.holders()); i++) {
          assertThat(hits.blocks(i)).isEqualTo(longest.get(i));
        }
      }
    }
  }

  /**
   * No bucket has to give up a holding that is believed, whatever the events: each key has at most
   * as many of them as here, where none is missing.
   */
  @Example
  void anIndexWithRoomHasItForAllThatCanBeHeldAtOnce() {
    Modelled modelled = new Modelled(ROOM);
    forEachConversation(
        (shared, conversation) -> {
          for (int slot = 0; slot < PrefixHits.MAX_HOLDERS; slot++) {
            modelled.apply(new Event(false, slot, shared, conversation, MOST_ASKED));
          }
        });

    forEachConversation(
        (shared, conversation) -> {
          for (int blocks = 1; blocks <= MOST_ASKED; blocks++) {
            PrefixHits hits = modelled.lookup(Prompts.sharing(shared, conversation, blocks));
            assertThat(hits.commonBlocks()).isZero();
            assertThat(hits.holders()).isEqualTo(PrefixHits.MAX_HOLDERS);
            for (int i = 0; i < PrefixHits.MAX_HOLDERS; i++) {
              assertThat(hits.blocks(i)).isEqualTo(blocks);
            }
          }
        });
  }

  private interface Conversation {
    void is(int shared, int id);
  }

  private static void forEachConversation(Conversation action) {
    for (int shared : SHARED) {
      for (int id = 0; id < CONVERSATIONS; id++) {
        action.is(shared, id);
      }
    }
  }
}
