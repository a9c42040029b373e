#include "kernels.h"

/* Doubles in a vector register; set by the build with the instruction set. */
#ifndef VECTOR
#define VECTOR 2
#endif

typedef double lanes_t __attribute__((vector_size(8 * VECTOR), aligned(8)));

static inline lanes_t load(const double *from) { return *(const lanes_t *)from; }
static inline void store(double *to, lanes_t value) { *(lanes_t *)to = value; }
static inline lanes_t spread(double value) { return value - (lanes_t){0}; }

/* One sample through one section, transposed direct form II; the same text for a number and for a vector of lanes. */
#define SECTION(x, y, z1, z2, b0, b1, b2, a1, a2) \
  (y) = (b0) * (x) + (z1);                        \
  (z1) = (b1) * (x) - (a1) * (y) + (z2);          \
  (z2) = (b2) * (x) - (a2) * (y);

static void pair_of_sections(const double *c, double *state, const double *input, double *output, int32_t length) {
  const double b0 = c[0], b1 = c[1], b2 = c[2], a1 = c[3], a2 = c[4];
  const double d0 = c[5], d1 = c[6], d2 = c[7], c1 = c[8], c2 = c[9];
  double z1 = state[0], z2 = state[1], w1 = state[2], w2 = state[3];
  for (int32_t i = 0; i < length; i++) {
    double y, v;
    const double x = input[i];
    SECTION(x, y, z1, z2, b0, b1, b2, a1, a2)
    SECTION(y, v, w1, w2, d0, d1, d2, c1, c2)
    output[i] = v;
  }
  state[0] = z1, state[1] = z2, state[2] = w1, state[3] = w2;
}

static void one_section(const double *c, double *state, const double *input, double *output, int32_t length) {
  const double b0 = c[0], b1 = c[1], b2 = c[2], a1 = c[3], a2 = c[4];
  double z1 = state[0], z2 = state[1];
  for (int32_t i = 0; i < length; i++) {
    double y;
    const double x = input[i];
    SECTION(x, y, z1, z2, b0, b1, b2, a1, a2)
    output[i] = y;
  }
  state[0] = z1, state[1] = z2;
}

/* Four sections in one pass: each waits for its own last sample, and meanwhile the others go on. */
static void four_sections(const double *c, double *state, const double *input, double *output, int32_t length) {
  double z[8];
  for (int k = 0; k < 8; k++) z[k] = state[k];
  for (int32_t i = 0; i < length; i++) {
    double x = input[i], y;
    SECTION(x, y, z[0], z[1], c[0], c[1], c[2], c[3], c[4])
    SECTION(y, x, z[2], z[3], c[5], c[6], c[7], c[8], c[9])
    SECTION(x, y, z[4], z[5], c[10], c[11], c[12], c[13], c[14])
    SECTION(y, x, z[6], z[7], c[15], c[16], c[17], c[18], c[19])
    output[i] = x;
  }
  for (int k = 0; k < 8; k++) state[k] = z[k];
}

static void copy(const double *input, double *output, int32_t length) {
  if (input == output) return;
  for (int32_t i = 0; i < length; i++) output[i] = input[i];
}

static void sos_cascade(const double *c, int32_t sections, double *state, const double *input, double *output, int32_t length) {
  const double *source = input;
  int32_t s = 0;
  for (; s + 3 < sections; s += 4, source = output) four_sections(c + 5 * s, state + 2 * s, source, output, length);
  for (; s + 1 < sections; s += 2, source = output) pair_of_sections(c + 5 * s, state + 2 * s, source, output, length);
  for (; s < sections; s++, source = output) one_section(c + 5 * s, state + 2 * s, source, output, length);
  if (sections == 0) copy(input, output, length);
}

/*
 * Lanes: sample f of stream l lies at [f * lanes + l]; the states of a section are z1 of all lanes, then z2 of all lanes.
 * GROUP lanes go through the sections of one pass with their states in registers; two vectors at a time, so that one
 * works while the other waits.
 */
#define LANE_PASS(name, TYPE, WIDTH, LOAD, STORE, SPREAD, UNROLL, SECTIONS)                                              \
  static void name(const double *c, double *state, const double *input, double *output, int32_t frames, int32_t lanes,   \
                   int32_t lane) {                                                                                        \
    TYPE z[SECTIONS][2][UNROLL], k[SECTIONS][5];                                                                          \
    for (int s = 0; s < SECTIONS; s++) {                                                                                  \
      for (int q = 0; q < 5; q++) k[s][q] = SPREAD(c[5 * s + q]);                                                         \
      for (int h = 0; h < 2; h++)                                                                                         \
        for (int u = 0; u < UNROLL; u++) z[s][h][u] = LOAD(state + (2 * s + h) * (int64_t)lanes + lane + u * WIDTH);      \
    }                                                                                                                     \
    for (int32_t f = 0; f < frames; f++) {                                                                                \
      const int64_t at = (int64_t)f * lanes + lane;                                                                       \
      TYPE x[UNROLL], y[UNROLL];                                                                                          \
      for (int u = 0; u < UNROLL; u++) x[u] = LOAD(input + at + u * WIDTH);                                               \
      for (int s = 0; s < SECTIONS; s++) {                                                                                \
        for (int u = 0; u < UNROLL; u++) {                                                                                \
          SECTION(x[u], y[u], z[s][0][u], z[s][1][u], k[s][0], k[s][1], k[s][2], k[s][3], k[s][4])                        \
        }                                                                                                                 \
        for (int u = 0; u < UNROLL; u++) x[u] = y[u];                                                                     \
      }                                                                                                                   \
      for (int u = 0; u < UNROLL; u++) STORE(output + at + u * WIDTH, x[u]);                                              \
    }                                                                                                                     \
    for (int s = 0; s < SECTIONS; s++)                                                                                    \
      for (int h = 0; h < 2; h++)                                                                                         \
        for (int u = 0; u < UNROLL; u++) STORE(state + (2 * s + h) * (int64_t)lanes + lane + u * WIDTH, z[s][h][u]);      \
  }

static inline double load1(const double *from) { return *from; }
static inline void store1(double *to, double value) { *to = value; }
static inline double spread1(double value) { return value; }

LANE_PASS(four_wide, lanes_t, VECTOR, load, store, spread, 2, 4)
LANE_PASS(four_single, lanes_t, VECTOR, load, store, spread, 1, 4)
LANE_PASS(four_narrow, double, 1, load1, store1, spread1, 1, 4)
LANE_PASS(one_wide, lanes_t, VECTOR, load, store, spread, 2, 1)
LANE_PASS(one_single, lanes_t, VECTOR, load, store, spread, 1, 1)
LANE_PASS(one_narrow, double, 1, load1, store1, spread1, 1, 1)

static void sos_cascade_lanes(const double *c, int32_t sections, double *state, const double *input, double *output, int32_t frames,
                              int32_t lanes) {
  const double *source = input;
  int32_t s = 0;
  for (; s + 3 < sections; s += 4, source = output) {
    double *z = state + 2 * s * (int64_t)lanes;
    int32_t lane = 0;
    for (; lane + 2 * VECTOR <= lanes; lane += 2 * VECTOR) four_wide(c + 5 * s, z, source, output, frames, lanes, lane);
    for (; lane + VECTOR <= lanes; lane += VECTOR) four_single(c + 5 * s, z, source, output, frames, lanes, lane);
    for (; lane < lanes; lane++) four_narrow(c + 5 * s, z, source, output, frames, lanes, lane);
  }
  for (; s < sections; s++, source = output) {
    double *z = state + 2 * s * (int64_t)lanes;
    int32_t lane = 0;
    for (; lane + 2 * VECTOR <= lanes; lane += 2 * VECTOR) one_wide(c + 5 * s, z, source, output, frames, lanes, lane);
    for (; lane + VECTOR <= lanes; lane += VECTOR) one_single(c + 5 * s, z, source, output, frames, lanes, lane);
    for (; lane < lanes; lane++) one_narrow(c + 5 * s, z, source, output, frames, lanes, lane);
  }
  if (sections == 0) copy(input, output, frames * lanes);
}

static void moving_sum(double *ring, int32_t window, double *state, const double *input, double *output, int32_t length) {
  int32_t at = (int32_t)state[0];
  double sum = state[1];
  for (int32_t i = 0; i < length; i++) {
    const double x = input[i];
    sum += x - ring[at];
    ring[at] = x;
    if (++at == window) {
      at = 0;
      sum = 0;
      for (int32_t k = 0; k < window; k++) sum += ring[k];
    }
    output[i] = sum;
  }
  state[0] = at;
  state[1] = sum;
}

#ifndef __wasm__
/* High-pass, then two low-passes beside each other, slope over a lag, its size, moving sum: one pass over the samples. */
static void ecg_front_end(const double *c, double *state, double *lag_ring, int32_t lag, double *sum_ring, int32_t window, double scale,
                          double share, const double *input, double *slope, double *feature, double *wide, int32_t length) {
  const double *h = c, *n = c + 5, *w = c + 10;
  double h1 = state[0], h2 = state[1], n1 = state[2], n2 = state[3], w1 = state[4], w2 = state[5];
  int32_t lag_at = (int32_t)state[6], sum_at = (int32_t)state[7];
  double sum = state[8];
  for (int32_t i = 0; i < length; i++) {
    const double x = input[i];
    double high, low, wider;
    SECTION(x, high, h1, h2, h[0], h[1], h[2], h[3], h[4])
    SECTION(high, low, n1, n2, n[0], n[1], n[2], n[3], n[4])
    SECTION(high, wider, w1, w2, w[0], w[1], w[2], w[3], w[4])
    const double rise = (low - lag_ring[lag_at]) * scale;
    lag_ring[lag_at] = low;
    lag_at = lag_at + 1 == lag ? 0 : lag_at + 1;
    const double size = rise < 0 ? -rise : rise;
    sum += size - sum_ring[sum_at];
    sum_ring[sum_at] = size;
    if (++sum_at == window) {
      sum_at = 0;
      sum = 0;
      for (int32_t k = 0; k < window; k++) sum += sum_ring[k];
    }
    wide[i] = wider;
    slope[i] = rise;
    feature[i] = sum * share;
  }
  state[0] = h1, state[1] = h2, state[2] = n1, state[3] = n2, state[4] = w1, state[5] = w2;
  state[6] = lag_at, state[7] = sum_at, state[8] = sum;
}

#endif

/* Squares of this side stay in the first cache while they are turned. */
#define TILE 16

static void transpose(const double *from, double *to, int32_t rows, int32_t columns) {
  for (int32_t r = 0; r < rows; r += TILE) {
    const int32_t last_row = r + TILE < rows ? r + TILE : rows;
    for (int32_t k = 0; k < columns; k += TILE) {
      const int32_t last_column = k + TILE < columns ? k + TILE : columns;
      for (int32_t y = r; y < last_row; y++)
        for (int32_t x = k; x < last_column; x++) to[(int64_t)x * rows + y] = from[(int64_t)y * columns + x];
    }
  }
}

static void to_lanes(const double *planar, double *output, int32_t frames, int32_t lanes) { transpose(planar, output, lanes, frames); }
static void from_lanes(const double *lane_major, double *output, int32_t frames, int32_t lanes) {
  transpose(lane_major, output, frames, lanes);
}

/* Places side by side in a vector, so that each sum keeps its own order. */
static void correlate(const double *pattern, int32_t taps, const double *input, double *output, int32_t length) {
  int32_t i = 0;
  for (; i + 4 * VECTOR <= length; i += 4 * VECTOR) {
    lanes_t a = spread(0), b = a, d = a, e = a;
    for (int32_t k = 0; k < taps; k++) {
      const lanes_t p = spread(pattern[k]);
      const double *from = input + i + k;
      a += p * load(from);
      b += p * load(from + VECTOR);
      d += p * load(from + 2 * VECTOR);
      e += p * load(from + 3 * VECTOR);
    }
    store(output + i, a);
    store(output + i + VECTOR, b);
    store(output + i + 2 * VECTOR, d);
    store(output + i + 3 * VECTOR, e);
  }
  for (; i < length; i++) {
    double sum = 0;
    for (int32_t k = 0; k < taps; k++) sum += pattern[k] * input[i + k];
    output[i] = sum;
  }
}

/* Four outputs beside each other: each sum waits for itself alone. */
static void resample(const double *bank, int32_t taps, int32_t up, int32_t down, int32_t phase, const double *input, double *output,
                     int32_t count) {
  int64_t place = phase;
  int32_t m = 0;
  for (; m + 3 < count; m += 4, place += 4 * (int64_t)down) {
    const double *row[4], *from[4];
    for (int u = 0; u < 4; u++) {
      const int64_t p = place + u * (int64_t)down;
      row[u] = bank + (p % up) * taps;
      from[u] = input + p / up;
    }
    double a = 0, b = 0, d = 0, e = 0;
    for (int32_t k = 0; k < taps; k++) {
      a += row[0][k] * from[0][k];
      b += row[1][k] * from[1][k];
      d += row[2][k] * from[2][k];
      e += row[3][k] * from[3][k];
    }
    output[m] = a, output[m + 1] = b, output[m + 2] = d, output[m + 3] = e;
  }
  for (; m < count; m++, place += down) {
    const double *row = bank + (place % up) * taps, *from = input + place / up;
    double sum = 0;
    for (int32_t k = 0; k < taps; k++) sum += row[k] * from[k];
    output[m] = sum;
  }
}

#ifndef __wasm__
#ifdef __SSE4_2__
static uint32_t crc32c(const uint8_t *bytes, int32_t length, uint32_t seed) {
  uint64_t crc = (uint32_t)~seed;
  int32_t at = 0;
  for (; at + 8 <= length; at += 8) {
    uint64_t word;
    __builtin_memcpy(&word, bytes + at, 8);
    crc = __builtin_ia32_crc32di(crc, word);
  }
  for (; at < length; at++) crc = __builtin_ia32_crc32qi((uint32_t)crc, bytes[at]);
  return ~(uint32_t)crc;
}
#else
/* Slicing by 8. */
static uint32_t crc_tables[8][256];

__attribute__((constructor)) static void make_crc_tables(void) {
  for (uint32_t byte = 0; byte < 256; byte++) {
    uint32_t crc = byte;
    for (int bit = 0; bit < 8; bit++) crc = crc & 1 ? crc >> 1 ^ 0x82f63b78u : crc >> 1;
    crc_tables[0][byte] = crc;
  }
  for (int slice = 1; slice < 8; slice++)
    for (uint32_t byte = 0; byte < 256; byte++) {
      const uint32_t before = crc_tables[slice - 1][byte];
      crc_tables[slice][byte] = before >> 8 ^ crc_tables[0][before & 255];
    }
}

static uint32_t crc32c(const uint8_t *bytes, int32_t length, uint32_t seed) {
  uint32_t crc = ~seed;
  int32_t at = 0;
  for (; at + 8 <= length; at += 8) {
    uint32_t low, high;
    __builtin_memcpy(&low, bytes + at, 4);
    __builtin_memcpy(&high, bytes + at + 4, 4);
    low ^= crc;
    crc = crc_tables[7][low & 255] ^ crc_tables[6][low >> 8 & 255] ^ crc_tables[5][low >> 16 & 255] ^ crc_tables[4][low >> 24] ^
          crc_tables[3][high & 255] ^ crc_tables[2][high >> 8 & 255] ^ crc_tables[1][high >> 16 & 255] ^ crc_tables[0][high >> 24];
  }
  for (; at < length; at++) crc = crc >> 8 ^ crc_tables[0][(crc ^ bytes[at]) & 255];
  return ~crc;
}
#endif
#endif

/* Bytes that `count` whole varints take, their zig-zag values in `output`; -1 when they do not fit or one is not valid. */
static int32_t decode_varints(const uint8_t *bytes, int32_t length, int32_t *output, int32_t count) {
  int32_t at = 0;
  for (int32_t i = 0; i < count; i++) {
    if (at >= length) return -1;
    uint32_t code = bytes[at++];
    if (code > 127) {
      code &= 127;
      uint32_t byte = 128;
      for (int shift = 7; byte > 127; shift += 7) {
        if (at >= length) return -1;
        byte = bytes[at++];
        if (shift == 28 && byte > 15) return -1;
        code |= (byte & 127) << shift;
      }
    }
    output[i] = (int32_t)(code >> 1 ^ (0u - (code & 1)));
  }
  return at;
}

/* The rest gains nothing there: copying in and out costs what the loop saves. */
#ifdef __wasm__
#define EXPORT(name) __attribute__((export_name(#name)))
EXPORT(sosCascade) void export_1(const double *c, int32_t s, double *z, const double *x, double *y, int32_t n) { sos_cascade(c, s, z, x, y, n); }
EXPORT(sosCascadeLanes) void export_2(const double *c, int32_t s, double *z, const double *x, double *y, int32_t f, int32_t l) {
  sos_cascade_lanes(c, s, z, x, y, f, l);
}
EXPORT(movingSum) void export_3(double *r, int32_t w, double *z, const double *x, double *y, int32_t n) { moving_sum(r, w, z, x, y, n); }
EXPORT(toLanes) void export_4(const double *x, double *y, int32_t f, int32_t l) { to_lanes(x, y, f, l); }
EXPORT(fromLanes) void export_5(const double *x, double *y, int32_t f, int32_t l) { from_lanes(x, y, f, l); }
EXPORT(correlate) void export_6(const double *p, int32_t t, const double *x, double *y, int32_t n) { correlate(p, t, x, y, n); }
EXPORT(resample) void export_7(const double *b, int32_t t, int32_t u, int32_t d, int32_t p, const double *x, double *y, int32_t n) {
  resample(b, t, u, d, p, x, y, n);
}
EXPORT(decodeVarints) int32_t export_8(const uint8_t *b, int32_t n, int32_t *o, int32_t c) { return decode_varints(b, n, o, c); }
#else
#ifndef TABLE
#error "TABLE and ISA name the table of this instruction set"
#endif
const Kernels TABLE = {ISA,          sos_cascade, sos_cascade_lanes, moving_sum, ecg_front_end, to_lanes, from_lanes,
                       correlate,    resample,    crc32c,            decode_varints};
#endif
