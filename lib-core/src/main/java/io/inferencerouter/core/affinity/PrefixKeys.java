package io.inferencerouter.core.affinity;

import java.nio.ByteBuffer;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.Objects;

/**
 * Computes the prefix keys of prompts, for {@link
 * io.inferencerouter.InferenceRequest.Builder#prefixKeys}.
 *
 * <pre>{@code
 * PrefixKeys keys = PrefixKeys.builder().build();                     // once
 * request.prefixKeys(keys.of(prompt));                                // a prompt at hand
 *
 * PrefixKeys.Digest digest = keys.start();                            // a prompt in pieces
 * digest.update(bytes, 0, length);
 * request.prefixKeys(digest.keys());
 * }</pre>
 *
 * <p>The prompt is cut into blocks of equal size, and the key of a block is the hash of the prompt
 * from its beginning to the end of that block. So equal keys mean equal beginnings, and two prompts
 * have as many leading keys in common as they have whole blocks in common. The end of a prompt that
 * fills no block has no key, and nothing of the prompt is kept.
 *
 * <p>What is fed in should be in the order in which the endpoint's model reads it: system prompt,
 * tools, then the messages from the oldest on. Text counts as its UTF-8 bytes, so that a prompt has
 * the same keys as text and as bytes. Token ids count as four bytes each; they give other keys than
 * the text does.
 *
 * <h2>Block size</h2>
 *
 * <p>The default block of {@value #DEFAULT_BLOCK_SIZE} bytes is about 512 tokens of English text,
 * or exactly 512 token ids. On average half a block that two prompts share goes unseen, but small
 * blocks cost more: the router remembers each of them for each endpoint, and a prompt of 100 KB has
 * 50 keys with blocks of 2048 bytes and 400 with blocks of 256. Smaller blocks are right when
 * shared beginnings are short.
 *
 * <h2>Collisions</h2>
 *
 * <p>The hash is SipHash-1-3 under a secret key. By default the secret is drawn once per process,
 * so nobody can craft a prompt that is taken for another one, and keys of different processes
 * cannot be compared. A seed makes keys the same everywhere, and is as secret as its owner keeps
 * it. Two given blocks collide by chance with a probability of 2^-64, any two among ten million
 * with 3 in a million; what follows from it is a choice that is no better than others.
 *
 * <p>Immutable and safe for use by several threads; each {@link Digest} is for one thread at a
 * time.
 */
public final class PrefixKeys {
  /** The default size of a block, in bytes. */
  public static final int DEFAULT_BLOCK_SIZE = 2048;

  /** The smallest size of a block, in bytes. */
  public static final int MIN_BLOCK_SIZE = 64;

  /** The largest size of a block, in bytes. */
  public static final int MAX_BLOCK_SIZE = 1 << 20;

  /** The default limit of the number of keys: with blocks of the default size, 8 MiB of prompt. */
  public static final int DEFAULT_MAX_BLOCKS = 4096;

  /** The highest limit of the number of keys. */
  public static final int MAX_BLOCKS_LIMIT = 65_535;

  private final int wordsPerBlock;
  private final int maxBlocks;
  private final long k0;
  private final long k1;

  PrefixKeys(int blockSize, int maxBlocks, long k0, long k1) {
    this.wordsPerBlock = blockSize / Long.BYTES;
    this.maxBlocks = maxBlocks;
    this.k0 = k0;
    this.k1 = k1;
  }

  /** Starts with the defaults. */
  public static Builder builder() {
    return new Builder();
  }

  /** The keys of a prompt. */
  public long[] of(CharSequence prompt) {
    return start().update(prompt).keys();
  }

  /** Starts a prompt. */
  public Digest start() {
    return new Digest(this);
  }

  /** The size of a block, in bytes. */
  public int blockSize() {
    return wordsPerBlock * Long.BYTES;
  }

  /** The most keys that a prompt has. */
  public int maxBlocks() {
    return maxBlocks;
  }

  /** Block size and limit; not the secret. */
  @Override
  public String toString() {
    return "PrefixKeys[blocks of " + blockSize() + " bytes, at most " + maxBlocks + "]";
  }

  /**
   * The keys of one prompt, as it comes. Takes time in proportion to the prompt, up to the limit of
   * blocks, and keeps eight bytes per block. Not safe for use by several threads at once.
   */
  public static final class Digest {
    private static final int INITIAL_KEYS = 16;
    private static final int BUFFER_SIZE = 32 * Long.BYTES;

    private final PrefixKeys config;
    private final SipHash hash;
    private long[] keys = new long[INITIAL_KEYS];
    private final byte[] buffer = new byte[BUFFER_SIZE];
    private int buffered;
    private int blocks;
    private int words;
    private char highSurrogate;

    private Digest(PrefixKeys config) {
      this.config = config;
      hash = new SipHash(config.k0, config.k1);
    }

    /** Goes on with bytes. */
    public Digest update(byte[] source, int offset, int length) {
      Objects.checkFromIndexSize(offset, length, source.length);
      endCharacter();
      int end = offset + length;
      int at = offset;
      while (at < end && !isFull()) {
        if (buffered == 0 && end - at >= BUFFER_SIZE) {
          at += absorb(source, at, end - at);
        } else {
          int count = Math.min(end - at, BUFFER_SIZE - buffered);
          System.arraycopy(source, at, buffer, buffered, count);
          at += count;
          buffered += count;
          drainIfFull();
        }
      }
      return this;
    }

    /**
     * Goes on with text, as UTF-8. A surrogate pair may be split between two calls; half a pair
     * alone counts as three bytes.
     */
    public Digest update(CharSequence text) {
      int length = text.length();
      int at = 0;
      while (at < length && !isFull()) {
        int ascii = highSurrogate == 0 ? addAscii(text, at, length) : 0;
        at += ascii;
        if (ascii == 0) {
          addNext(text.charAt(at++));
        }
      }
      return this;
    }

    /** Goes on with one UTF-16 code unit of text, which may be half a surrogate pair. */
    public Digest update(char unit) {
      if (!isFull()) {
        addNext(unit);
      }
      return this;
    }

    /** Most text is ASCII; goes on with as much of it as there is, and has room in the buffer. */
    private int addAscii(CharSequence text, int from, int length) {
      byte[] to = buffer;
      int first = buffered;
      int most = Math.min(length - from, BUFFER_SIZE - first);
      int count = 0;
      while (count < most) {
        char c = text.charAt(from + count);
        if (c >= 0x80) {
          break;
        }
        to[first + count++] = (byte) c;
      }
      buffered = first + count;
      drainIfFull();
      return count;
    }

    private void addNext(char c) {
      if (highSurrogate != 0 && Character.isLowSurrogate(c)) {
        int codePoint = Character.toCodePoint(highSurrogate, c);
        highSurrogate = 0;
        add(0xF0 | codePoint >> 18);
        add(0x80 | (codePoint >> 12 & 0x3F));
        add(0x80 | (codePoint >> 6 & 0x3F));
        add(0x80 | (codePoint & 0x3F));
        return;
      }
      endCharacter();
      if (Character.isHighSurrogate(c)) {
        highSurrogate = c;
      } else {
        add(c);
      }
    }

    /** Goes on with one token id, as four bytes. */
    public Digest updateToken(int token) {
      endCharacter();
      for (int shift = 0; shift < Integer.SIZE; shift += Byte.SIZE) {
        add((byte) (token >> shift));
      }
      return this;
    }

    /** The keys of all whole blocks so far; the digest can go on. */
    public long[] keys() {
      drain();
      return Arrays.copyOf(keys, blocks);
    }

    private void endCharacter() {
      if (highSurrogate != 0) {
        char alone = highSurrogate;
        highSurrogate = 0;
        add(alone);
      }
    }

    private void add(char c) {
      if (c < 0x80) {
        add((int) c);
      } else if (c < 0x800) {
        add(0xC0 | c >> 6);
        add(0x80 | (c & 0x3F));
      } else {
        add(0xE0 | c >> 12);
        add(0x80 | (c >> 6 & 0x3F));
        add(0x80 | (c & 0x3F));
      }
    }

    private void add(int oneByte) {
      buffer[buffered++] = (byte) oneByte;
      drainIfFull();
    }

    private void drainIfFull() {
      if (buffered == BUFFER_SIZE) {
        drain();
      }
    }

    /** Absorbs the whole words of the buffer. */
    private void drain() {
      int absorbed = absorb(buffer, 0, buffered);
      buffered -= absorbed;
      System.arraycopy(buffer, absorbed, buffer, 0, buffered);
    }

    /** Absorbs the whole words; returns how many bytes they are. */
    private int absorb(byte[] source, int offset, int length) {
      int all = length / Long.BYTES;
      int next;
      for (int done = 0; done < all && !isFull(); done += next) {
        next = Math.min(config.wordsPerBlock - words, all - done);
        hash.update(source, offset + done * Long.BYTES, next);
        words += next;
        if (words == config.wordsPerBlock) {
          words = 0;
          if (blocks == keys.length) {
            keys = Arrays.copyOf(keys, 2 * blocks);
          }
          keys[blocks++] = hash.hash();
        }
      }
      return all * Long.BYTES;
    }

    private boolean isFull() {
      return blocks == config.maxBlocks;
    }
  }

  /** Builds {@link PrefixKeys}. Not safe for use by several threads at once. */
  public static final class Builder {
    private int blockSize = DEFAULT_BLOCK_SIZE;
    private int maxBlocks = DEFAULT_MAX_BLOCKS;
    private long k0 = ProcessSecret.K0;
    private long k1 = ProcessSecret.K1;

    private Builder() {}

    /**
     * Sets the size of a block in bytes, a multiple of 8 from {@value #MIN_BLOCK_SIZE} to {@value
     * #MAX_BLOCK_SIZE}; by default {@value #DEFAULT_BLOCK_SIZE}.
     */
    public Builder blockSize(int blockSize) {
      if (blockSize < MIN_BLOCK_SIZE || blockSize > MAX_BLOCK_SIZE || blockSize % 8 != 0) {
        throw new IllegalArgumentException(
            "blockSize: "
                + blockSize
                + " (expected: a multiple of 8 from "
                + MIN_BLOCK_SIZE
                + " to "
                + MAX_BLOCK_SIZE
                + ")");
      }
      this.blockSize = blockSize;
      return this;
    }

    /**
     * Limits the number of keys, 1 to {@value #MAX_BLOCKS_LIMIT}; by default {@value
     * #DEFAULT_MAX_BLOCKS}. What comes after that many blocks is ignored.
     */
    public Builder maxBlocks(int maxBlocks) {
      if (maxBlocks < 1 || maxBlocks > MAX_BLOCKS_LIMIT) {
        throw new IllegalArgumentException(
            "maxBlocks: " + maxBlocks + " (expected: 1 to " + MAX_BLOCKS_LIMIT + ")");
      }
      this.maxBlocks = maxBlocks;
      return this;
    }

    /**
     * Makes the keys the same in every process that uses the same seed; by default they are of this
     * process only. Where prompts come from strangers the seed should be random and secret.
     */
    public Builder seed(long seed) {
      k0 = seed;
      k1 = ~Long.rotateLeft(seed, 32) * 0x9e3779b97f4a7c15L;
      return this;
    }

    /** Builds the keys. */
    public PrefixKeys build() {
      return new PrefixKeys(blockSize, maxBlocks, k0, k1);
    }
  }

  /** The key of this process, drawn when it is first needed. */
  private static final class ProcessSecret {
    static final long K0;
    static final long K1;

    static {
      byte[] secret = new byte[2 * Long.BYTES];
      new SecureRandom().nextBytes(secret);
      ByteBuffer buffer = ByteBuffer.wrap(secret);
      K0 = buffer.getLong();
      K1 = buffer.getLong();
    }
  }
}
