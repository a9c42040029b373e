/**
 * Counter-based randomness: each number is a hash of (seed, what for, counter), not the next of a sequence, so that any
 * sample can be made again without those before it. The mixer is the 32-bit finaliser of MurmurHash3, run over the words.
 */
function mix(hash: number, word: number): number {
  let h = Math.imul(hash ^ word, 0x85ebca6b)
  h ^= h >>> 13
  h = Math.imul(h, 0xc2b2ae35)
  return h ^ (h >>> 16)
}

/** Uniform in [0, 1) with 32 bits; `counter` any safe integer. */
export function uniformAt(seed: number, purpose: number, counter: number): number {
  const low = counter >>> 0
  const high = Math.floor(counter / 4294967296) >>> 0
  return (mix(mix(mix(mix(0x9e3779b9, seed), purpose), low), high) >>> 0) / 4294967296
}

/** Close to normal (sum of four uniforms), mean 0, standard deviation 1, never beyond 3.5. */
export function normalAt(seed: number, purpose: number, counter: number): number {
  let sum = 0
  for (let part = 0; part < 4; part++) sum += uniformAt(seed, purpose + part * 0x10001, counter)
  // Variance of a uniform is 1/12, of four 1/3.
  return (sum - 2) * 1.7320508075688772
}

/** Seed of one patient among several. */
export function deriveSeed(seed: number, patient: number): number {
  return mix(mix(0x2545f491, seed >>> 0), patient) >>> 0
}

/** What a number is drawn for; equal counters of different purposes are independent. */
export const purposes = {
  trait: 1,
  ecgNoise: 2,
  ppgNoise: 3,
  respirationNoise: 4,
  irregularity: 5,
  motion: 6,
  numerics: 7,
} as const
