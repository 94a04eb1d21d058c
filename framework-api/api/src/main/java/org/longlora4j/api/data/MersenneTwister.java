package org.longlora4j.api.data;

/**
 * The numbers of {@code numpy.random.RandomState}, in which published evaluations are seeded.
 *
 * <p>MT19937 of Matsumoto and Nishimura (1998), "Mersenne Twister: a 623-dimensionally
 * equidistributed uniform pseudo-random number generator", seeded by their {@code init_genrand}.
 */
final class MersenneTwister {
  private static final int STATE = 624;
  private static final int MIDDLE = 397;
  private static final long LARGEST_SEED = 0xffffffffL;

  private final int[] state = new int[STATE];
  private int next = STATE;

  /**
   * Seeds it as {@code RandomState(seed)} does.
   *
   * @throws IllegalArgumentException if the seed is no unsigned 32-bit number
   */
  MersenneTwister(long seed) {
    if (seed < 0 || seed > LARGEST_SEED) {
      throw new IllegalArgumentException(
          "seed is " + seed + ", must be between 0 and " + LARGEST_SEED);
    }
    state[0] = (int) seed;
    for (int i = 1; i < STATE; i++) {
      state[i] = 1812433253 * (state[i - 1] ^ (state[i - 1] >>> 30)) + i;
    }
  }

  /**
   * The next number of {@code RandomState.randint(low, high)}: bits beyond the range's are masked
   * away, and what still lies beyond it is drawn again.
   *
   * @param low the smallest number
   * @param high the largest number and one more
   */
  int between(int low, int high) {
    if (low >= high) {
      throw new IllegalArgumentException("there is no number from " + low + " to below " + high);
    }
    int range = high - 1 - low;
    if (range == 0) {
      return low; // numpy draws nothing for it
    }
    int mask = -1 >>> Integer.numberOfLeadingZeros(range);
    int drawn = nextBits() & mask;
    while (Integer.compareUnsigned(drawn, range) > 0) {
      drawn = nextBits() & mask;
    }
    return low + drawn;
  }

  private int nextBits() {
    if (next == STATE) {
      twist();
      next = 0;
    }
    int bits = state[next++];
    bits ^= bits >>> 11;
    bits ^= (bits << 7) & 0x9d2c5680;
    bits ^= (bits << 15) & 0xefc60000;
    return bits ^ (bits >>> 18);
  }

  private void twist() {
    for (int i = 0; i < STATE; i++) {
      int joined = (state[i] & 0x80000000) | (state[(i + 1) % STATE] & 0x7fffffff);
      int odd = (joined & 1) == 0 ? 0 : 0x9908b0df;
      state[i] = state[(i + MIDDLE) % STATE] ^ (joined >>> 1) ^ odd;
    }
  }
}
