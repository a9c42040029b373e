/*
 * The kernels as a Node-API addon: picks the widest instruction set of this machine and hands arrays over by pointer.
 * src/kernel/native-kernel.ts checks lengths before it calls; here only the kinds of the arrays are held.
 */
#include <node_api.h>
#include <stdlib.h>
#include <string.h>

#include "kernels.h"

extern const Kernels kernels_sse2, kernels_avx2, kernels_avx512;

static const Kernels *running = &kernels_sse2;

static int runs_here(const Kernels *kernels) {
  if (kernels == &kernels_avx512) return __builtin_cpu_supports("avx512f");
  if (kernels == &kernels_avx2) return __builtin_cpu_supports("avx2");
  return 1;
}

static const Kernels *const widest_first[] = {&kernels_avx512, &kernels_avx2, &kernels_sse2};

#define MOST_ARGUMENTS 12

typedef struct {
  napi_env env;
  napi_value values[MOST_ARGUMENTS];
  size_t count;
  int wrong;
} Call;

static Call begin(napi_env env, napi_callback_info info) {
  Call call = {.env = env, .count = MOST_ARGUMENTS};
  if (napi_get_cb_info(env, info, &call.count, call.values, NULL, NULL) != napi_ok) call.wrong = 1;
  return call;
}

static void *array(Call *call, size_t at, napi_typedarray_type wanted, size_t *length) {
  napi_typedarray_type type;
  void *data = NULL;
  if (at >= call->count || napi_get_typedarray_info(call->env, call->values[at], &type, length, &data, NULL, NULL) != napi_ok ||
      type != wanted)
    call->wrong = 1;
  return data;
}

static double *doubles(Call *call, size_t at) {
  size_t length;
  return array(call, at, napi_float64_array, &length);
}

static double *sized(Call *call, size_t at, int32_t *length) {
  size_t elements = 0;
  double *data = array(call, at, napi_float64_array, &elements);
  *length = (int32_t)elements;
  return data;
}

static int32_t whole(Call *call, size_t at) {
  int32_t value = 0;
  if (at >= call->count || napi_get_value_int32(call->env, call->values[at], &value) != napi_ok) call->wrong = 1;
  return value;
}

static double number(Call *call, size_t at) {
  double value = 0;
  if (at >= call->count || napi_get_value_double(call->env, call->values[at], &value) != napi_ok) call->wrong = 1;
  return value;
}

/* True, with an exception pending, when an argument was of the wrong kind. */
static int refused(Call *call) {
  if (call->wrong) napi_throw_type_error(call->env, NULL, "kernel: an argument of the addon is of the wrong kind");
  return call->wrong;
}

static napi_value sos_cascade(napi_env env, napi_callback_info info) {
  Call call = begin(env, info);
  int32_t size;
  const double *coefficients = sized(&call, 0, &size);
  double *state = doubles(&call, 1), *input = doubles(&call, 2), *output = doubles(&call, 3);
  const int32_t length = whole(&call, 4);
  if (!refused(&call)) running->sos_cascade(coefficients, size / 5, state, input, output, length);
  return NULL;
}

static napi_value sos_cascade_lanes(napi_env env, napi_callback_info info) {
  Call call = begin(env, info);
  int32_t size;
  const double *coefficients = sized(&call, 0, &size);
  double *state = doubles(&call, 1), *input = doubles(&call, 2), *output = doubles(&call, 3);
  const int32_t frames = whole(&call, 4), lanes = whole(&call, 5);
  if (!refused(&call)) running->sos_cascade_lanes(coefficients, size / 5, state, input, output, frames, lanes);
  return NULL;
}

static napi_value moving_sum(napi_env env, napi_callback_info info) {
  Call call = begin(env, info);
  int32_t window;
  double *ring = sized(&call, 0, &window), *state = doubles(&call, 1), *input = doubles(&call, 2), *output = doubles(&call, 3);
  const int32_t length = whole(&call, 4);
  if (!refused(&call)) running->moving_sum(ring, window, state, input, output, length);
  return NULL;
}

static napi_value ecg_front_end(napi_env env, napi_callback_info info) {
  Call call = begin(env, info);
  int32_t lag, window;
  const double *coefficients = doubles(&call, 0);
  double *state = doubles(&call, 1), *lag_ring = sized(&call, 2, &lag), *sum_ring = sized(&call, 3, &window);
  const double scale = number(&call, 4), share = number(&call, 5);
  double *input = doubles(&call, 6), *slope = doubles(&call, 7), *feature = doubles(&call, 8), *wide = doubles(&call, 9);
  const int32_t length = whole(&call, 10);
  if (!refused(&call))
    running->ecg_front_end(coefficients, state, lag_ring, lag, sum_ring, window, scale, share, input, slope, feature, wide, length);
  return NULL;
}

static napi_value to_lanes(napi_env env, napi_callback_info info) {
  Call call = begin(env, info);
  double *input = doubles(&call, 0), *output = doubles(&call, 1);
  const int32_t frames = whole(&call, 2), lanes = whole(&call, 3);
  if (!refused(&call)) running->to_lanes(input, output, frames, lanes);
  return NULL;
}

static napi_value from_lanes(napi_env env, napi_callback_info info) {
  Call call = begin(env, info);
  double *input = doubles(&call, 0), *output = doubles(&call, 1);
  const int32_t frames = whole(&call, 2), lanes = whole(&call, 3);
  if (!refused(&call)) running->from_lanes(input, output, frames, lanes);
  return NULL;
}

static napi_value correlate(napi_env env, napi_callback_info info) {
  Call call = begin(env, info);
  int32_t taps;
  const double *pattern = sized(&call, 0, &taps);
  double *input = doubles(&call, 1), *output = doubles(&call, 2);
  const int32_t length = whole(&call, 3);
  if (!refused(&call)) running->correlate(pattern, taps, input, output, length);
  return NULL;
}

static napi_value resample(napi_env env, napi_callback_info info) {
  Call call = begin(env, info);
  const double *bank = doubles(&call, 0);
  const int32_t taps = whole(&call, 1), up = whole(&call, 2), down = whole(&call, 3), phase = whole(&call, 4);
  double *input = doubles(&call, 5), *output = doubles(&call, 6);
  const int32_t count = whole(&call, 7);
  if (!refused(&call)) running->resample(bank, taps, up, down, phase, input, output, count);
  return NULL;
}

static napi_value crc32c(napi_env env, napi_callback_info info) {
  Call call = begin(env, info);
  size_t length = 0;
  const uint8_t *bytes = array(&call, 0, napi_uint8_array, &length);
  const uint32_t seed = (uint32_t)(int64_t)number(&call, 1);
  napi_value result = NULL;
  if (!refused(&call)) napi_create_uint32(env, running->crc32c(bytes, (int32_t)length, seed), &result);
  return result;
}

static napi_value decode_varints(napi_env env, napi_callback_info info) {
  Call call = begin(env, info);
  size_t length = 0, room = 0;
  const uint8_t *bytes = array(&call, 0, napi_uint8_array, &length);
  int32_t *output = array(&call, 1, napi_int32_array, &room);
  const int32_t count = whole(&call, 2);
  napi_value result = NULL;
  if (!refused(&call)) napi_create_int32(env, running->decode_varints(bytes, (int32_t)length, output, count), &result);
  return result;
}

/* isas(): names of the instruction sets that run here, widest first. */
static napi_value isas(napi_env env, napi_callback_info info) {
  (void)info;
  napi_value names, name;
  uint32_t count = 0;
  napi_create_array(env, &names);
  for (size_t i = 0; i < sizeof widest_first / sizeof *widest_first; i++) {
    if (!runs_here(widest_first[i])) continue;
    napi_create_string_utf8(env, widest_first[i]->isa, NAPI_AUTO_LENGTH, &name);
    napi_set_element(env, names, count++, name);
  }
  return names;
}

/* use(name): the instruction set of the whole process from now on, for benchmarks and tests; false where it does not run. */
static napi_value use(napi_env env, napi_callback_info info) {
  Call call = begin(env, info);
  char name[16] = "";
  size_t length;
  napi_value result;
  int done = 0;
  if (call.count > 0) napi_get_value_string_utf8(env, call.values[0], name, sizeof name, &length);
  for (size_t i = 0; i < sizeof widest_first / sizeof *widest_first; i++) {
    if (strcmp(widest_first[i]->isa, name) != 0 || !runs_here(widest_first[i])) continue;
    running = widest_first[i];
    done = 1;
  }
  napi_get_boolean(env, done, &result);
  return result;
}

NAPI_MODULE_INIT() {
  static const struct {
    const char *name;
    napi_callback run;
  } functions[] = {{"sosCascade", sos_cascade},       {"sosCascadeLanes", sos_cascade_lanes},
                   {"movingSum", moving_sum},
                   {"ecgFrontEnd", ecg_front_end},    {"toLanes", to_lanes},
                   {"fromLanes", from_lanes},         {"correlate", correlate},
                   {"resample", resample},            {"crc32c", crc32c},
                   {"decodeVarints", decode_varints}, {"isas", isas},
                   {"use", use}};
  napi_value value;
  for (size_t i = 0; i < sizeof widest_first / sizeof *widest_first; i++) {
    if (!runs_here(widest_first[i])) continue;
    running = widest_first[i];
    break;
  }
  for (size_t i = 0; i < sizeof functions / sizeof *functions; i++) {
    if (napi_create_function(env, functions[i].name, NAPI_AUTO_LENGTH, functions[i].run, NULL, &value) != napi_ok) return NULL;
    napi_set_named_property(env, exports, functions[i].name, value);
  }
  /* The sources that it was made from: the loader takes no other than its own. */
  napi_create_string_utf8(env, SOURCE_HASH, NAPI_AUTO_LENGTH, &value);
  napi_set_named_property(env, exports, "sourceHash", value);
  return exports;
}
