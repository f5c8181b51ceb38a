package io.inferencerouter.benchmarks.simulation.server;

import java.util.Arrays;

/**
 * Places of blocks by their keys: open addressing with linear probing, so that a block costs no
 * object.
 */
final class BlockTable {
  static final int ABSENT = -1;

  private long[] keys = new long[32];
  private int[] places = new int[32];
  private int size;

  BlockTable() {
    Arrays.fill(places, ABSENT);
  }

  int get(long key) {
    int mask = keys.length - 1;
    for (int slot = slot(key, mask); places[slot] != ABSENT; slot = (slot + 1) & mask) {
      if (keys[slot] == key) {
        return places[slot];
      }
    }
    return ABSENT;
  }

  /** Adds a key that is not there. */
  void put(long key, int place) {
    if (2 * ++size > keys.length) {
      grow();
    }
    insert(key, place);
  }

  /** Removes a key that is there; those behind it move up. */
  void remove(long key) {
    int mask = keys.length - 1;
    int hole = slot(key, mask);
    while (keys[hole] != key || places[hole] == ABSENT) {
      hole = (hole + 1) & mask;
    }
    size--;
    int slot = hole;
    while (true) {
      slot = (slot + 1) & mask;
      if (places[slot] == ABSENT) {
        break;
      }
      int home = slot(keys[slot], mask);
      if (((slot - home) & mask) >= ((slot - hole) & mask)) {
        keys[hole] = keys[slot];
        places[hole] = places[slot];
        hole = slot;
      }
    }
    places[hole] = ABSENT;
  }

  void clear() {
    Arrays.fill(places, ABSENT);
    size = 0;
  }

  private void grow() {
    long[] oldKeys = keys;
    int[] oldPlaces = places;
    keys = new long[2 * oldKeys.length];
    places = new int[2 * oldKeys.length];
    Arrays.fill(places, ABSENT);
    for (int i = 0; i < oldKeys.length; i++) {
      if (oldPlaces[i] != ABSENT) {
        insert(oldKeys[i], oldPlaces[i]);
      }
    }
  }

  private void insert(long key, int place) {
    int mask = keys.length - 1;
    int slot = slot(key, mask);
    while (places[slot] != ABSENT) {
      slot = (slot + 1) & mask;
    }
    keys[slot] = key;
    places[slot] = place;
  }

  private static int slot(long key, int mask) {
    return (int) (key >>> 32) & mask;
  }
}
