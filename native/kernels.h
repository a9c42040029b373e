/*
 * The loops that carry the samples, in C. One source for every instruction set: native/build.js compiles kernels.c once
 * for SSE2, AVX2 and AVX-512 (the addon picks one by cpuid) and once as WebAssembly with SIMD.
 *
 * src/kernel/kernel.ts says what each function computes; src/kernel/reference-kernel.ts is the definition, and every
 * function here gives the same bits: the same operations in the same order, no fused multiply-add
 * (-ffp-contract=off), no reassociation, no mathematics library. Arguments are checked by the callers.
 */
#ifndef VITALWIRE_KERNELS_H
#define VITALWIRE_KERNELS_H

#include <stdint.h>

typedef struct {
  const char *isa;
  void (*sos_cascade)(const double *coefficients, int32_t sections, double *state, const double *input, double *output, int32_t length);
  void (*sos_cascade_lanes)(const double *coefficients, int32_t sections, double *state, const double *input, double *output,
                            int32_t frames, int32_t lanes);
  void (*moving_sum)(double *ring, int32_t window, double *state, const double *input, double *output, int32_t length);
  void (*ecg_front_end)(const double *coefficients, double *state, double *lag_ring, int32_t lag, double *sum_ring, int32_t window,
                        double scale, double share, const double *input, double *slope, double *feature, double *wide,
                        int32_t length);
  void (*to_lanes)(const double *planar, double *output, int32_t frames, int32_t lanes);
  void (*from_lanes)(const double *lane_major, double *output, int32_t frames, int32_t lanes);
  void (*correlate)(const double *pattern, int32_t taps, const double *input, double *output, int32_t length);
  void (*resample)(const double *bank, int32_t taps, int32_t up, int32_t down, int32_t phase, const double *input, double *output,
                   int32_t count);
  uint32_t (*crc32c)(const uint8_t *bytes, int32_t length, uint32_t seed);
  int32_t (*decode_varints)(const uint8_t *bytes, int32_t length, int32_t *output, int32_t count);
} Kernels;

#endif
