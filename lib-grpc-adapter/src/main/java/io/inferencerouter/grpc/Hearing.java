package io.inferencerouter.grpc;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/**
 * What a caller hears of an attempt. From the first of an answer on he is bound to it; before, he
 * may be given another one, and hears nothing more of this one. Safe for use by many threads.
 */
final class Hearing {
  /** How far it has come: one after another, but for those that say that no more is heard. */
  enum Stage {
    /** Nothing has happened. */
    NOTHING,
    /** The caller may have been told that he may send. */
    READY,
    /** Something of an answer has come. */
    ANSWERED,
    /** The attempt has ended. */
    OVER,
    /** The attempt was left before anything happened. */
    LEFT,
    /** The attempt was taken back. */
    TAKEN_BACK
  }

  private static final VarHandle STAGE;

  static {
    try {
      STAGE = MethodHandles.lookup().findVarHandle(Hearing.class, "stage", Stage.class);
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  private volatile Stage stage = Stage.NOTHING;

  /** Something happens; returns whether the caller hears of it. */
  boolean reaches(Stage next) {
    Stage now;
    do {
      now = stage;
      if (now.compareTo(Stage.OVER) > 0) {
        return false;
      }
    } while (now.compareTo(next) < 0 && !STAGE.compareAndSet(this, now, next));
    return true;
  }

  /** Nothing more is to be heard of it, unless anything was; returns whether that is so. */
  boolean leave() {
    return STAGE.compareAndSet(this, Stage.NOTHING, Stage.LEFT);
  }

  /** Nothing more is to be heard of it, unless it is past a stage; returns whether that is so. */
  boolean takeBack(Stage latest) {
    Stage now;
    do {
      now = stage;
      if (now.compareTo(latest) > 0) {
        return false;
      }
    } while (!STAGE.compareAndSet(this, now, Stage.TAKEN_BACK));
    return true;
  }

  boolean isTakenBack() {
    return stage == Stage.TAKEN_BACK;
  }
}
