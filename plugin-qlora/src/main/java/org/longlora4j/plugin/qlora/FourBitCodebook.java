package org.longlora4j.plugin.qlora;

/** Sixteen numbers in [-1, 1], any of which four bits can name. */
enum FourBitCodebook {
  /** See {@link NormalFloat4}. */
  NF4("nf4") {
    @Override
    float[] levels() {
      return NormalFloat4.levels();
    }

    @Override
    int nearest(float x) {
      return NormalFloat4.nearest(x);
    }
  },
  /** See {@link FloatingPoint4}. */
  FP4("fp4") {
    @Override
    float[] levels() {
      return FloatingPoint4.levels();
    }

    @Override
    int nearest(float x) {
      return FloatingPoint4.nearest(x);
    }
  };

  private final String id;

  FourBitCodebook(String id) {
    this.id = id;
  }

  /** What bitsandbytes calls it, and recipes too. */
  String id() {
    return id;
  }

  /** The levels by code. */
  abstract float[] levels();

  /** The code of the level nearest to {@code x}. */
  abstract int nearest(float x);
}
