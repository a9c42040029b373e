/**
 * Elementary functions from + - * / alone, so that every engine gives equal bits (`Math.sin` and its like may differ
 * from one release of V8 to the next; `Math.sqrt` is exact by IEEE 754 and may be used as it is). Arguments are reduced
 * in two or three parts (Cody and Waite), then a power series is summed. Within 2 ulp of the true value for sin, cos, exp,
 * log and atan2 in their ranges; NaN in, NaN out.
 */
const pi = Math.PI
const halfPi = 1.5707963267948966
/** pi/2 in three parts: the first two have 33 significant bits, so that k * part is exact for |k| < 2^20. */
const halfPiHigh = 1.5707963267341256
const halfPiMiddle = 6.077100506303966e-11
const halfPiLow = 2.0222662487959506e-21
const ln2High = 0.6931471803691238
const ln2Low = 1.9082149292705877e-10
const ln2 = Math.LN2

/** Largest |x| that sin, cos and tan accept. */
export const maxAngle = 1e6

export function sin(x: number): number {
  const [quadrant, r, tail] = reduceAngle(x)
  const value = quadrant % 2 === 0 ? sineSeries(r, tail) : cosineSeries(r, tail)
  return quadrant >= 2 ? -value : value
}

export function cos(x: number): number {
  const [quadrant, r, tail] = reduceAngle(x)
  const value = quadrant % 2 === 0 ? cosineSeries(r, tail) : sineSeries(r, tail)
  return quadrant === 1 || quadrant === 2 ? -value : value
}

export function tan(x: number): number {
  return sin(x) / cos(x)
}

export function exp(x: number): number {
  if (Number.isNaN(x)) return x
  if (x > 709.782712893384) return Infinity
  if (x < -745.2) return 0
  const k = Math.floor(x / ln2 + 0.5)
  const high = x - k * ln2High
  const low = k * ln2Low
  const r = high - low
  const tail = high - r - low
  let sum = 0
  for (let n = 14; n >= 2; n--) sum = (sum + 1) * (r / n)
  // e^r = 1 + r (1 + sum), and e^tail is 1 + tail.
  return scaleByTwo(1 + (r + (r * sum + tail * (1 + r))), k)
}

export function log(x: number): number {
  if (!(x > 0)) return x === 0 ? -Infinity : Number.NaN
  if (x === Infinity) return x
  let [m, k] = splitExponent(x)
  if (m < Math.SQRT1_2) {
    m *= 2
    k -= 1
  }
  const f = m - 1
  const s = f / (2 + f)
  const z = s * s
  let series = 0
  for (let n = 25; n >= 3; n -= 2) series = (series + 1 / n) * z
  // log(m) = 2s + 2s*series; f - s*f replaces 2s to keep the bits that the division lost.
  return k * ln2High + (f - (s * (f - 2 * series) - k * ln2Low))
}

/** Room for four values in `logAll`: what is left of each below 1, its square, and its exponent. */
const fourRests = new Float64Array(4)
const fourExponents = new Int32Array(4)

/**
 * `log` of `length` values of `from` into `into` (they may be the same), bit for bit: four series at a time, which do not wait for
 * each other, take half the time.
 */
export function logAll(from: Float64Array, into: Float64Array, length: number): void {
  const f = fourRests
  const k = fourExponents
  let i = 0
  for (; i + 3 < length; i += 4) {
    let plain = true
    for (let j = 0; j < 4; j++) {
      let m = from[i + j] as number
      // Others than these are rare.
      if (!(m > 1e-6 && m < 1e6)) plain = false
      let exponent = 0
      if (plain) {
        for (; m >= 1; exponent++) m *= 0.5
        for (; m < 0.5; exponent--) m *= 2
        if (m < Math.SQRT1_2) {
          m *= 2
          exponent -= 1
        }
      }
      f[j] = m - 1
      k[j] = exponent
    }
    if (!plain) {
      for (let j = i; j < i + 4; j++) into[j] = log(from[j] as number)
      continue
    }
    const f0 = f[0] as number
    const f1 = f[1] as number
    const f2 = f[2] as number
    const f3 = f[3] as number
    const s0 = f0 / (2 + f0)
    const s1 = f1 / (2 + f1)
    const s2 = f2 / (2 + f2)
    const s3 = f3 / (2 + f3)
    const z0 = s0 * s0
    const z1 = s1 * s1
    const z2 = s2 * s2
    const z3 = s3 * s3
    let a0 = 0
    let a1 = 0
    let a2 = 0
    let a3 = 0
    for (let n = 25; n >= 3; n -= 2) {
      const share = 1 / n
      a0 = (a0 + share) * z0
      a1 = (a1 + share) * z1
      a2 = (a2 + share) * z2
      a3 = (a3 + share) * z3
    }
    into[i] = (k[0] as number) * ln2High + (f0 - (s0 * (f0 - 2 * a0) - (k[0] as number) * ln2Low))
    into[i + 1] = (k[1] as number) * ln2High + (f1 - (s1 * (f1 - 2 * a1) - (k[1] as number) * ln2Low))
    into[i + 2] = (k[2] as number) * ln2High + (f2 - (s2 * (f2 - 2 * a2) - (k[2] as number) * ln2Low))
    into[i + 3] = (k[3] as number) * ln2High + (f3 - (s3 * (f3 - 2 * a3) - (k[3] as number) * ln2Low))
  }
  for (; i < length; i++) into[i] = log(from[i] as number)
}

export function log10(x: number): number {
  return log(x) / Math.LN10
}

/** x to the power y, for x > 0. */
export function pow(x: number, y: number): number {
  return exp(y * log(x))
}

/** Centres of the intervals for `atan`, and their arc tangents in two parts. */
const atanCentres = [0.5, 1, 1.5]
const atanHigh = [0.4636476090008061, 0.7853981633974483, 0.982793723247329]
const atanLow = [2.2698777452961687e-17, 3.061616997868383e-17, 1.3903311031230998e-17]

export function atan(x: number): number {
  if (Number.isNaN(x)) return x
  if (x < 0) return -atan(-x)
  if (x > 1e17) return halfPi
  if (x < 0.4375) return atanSeries(x, 0, 0)
  if (x >= 2.4375) return halfPi - (atanSeries(1 / x, 0, 0) - 6.123233995736766e-17)
  const i = x < 0.6875 ? 0 : x < 1.1875 ? 1 : 2
  const centre = atanCentres[i] as number
  return atanSeries((x - centre) / (1 + centre * x), atanHigh[i] as number, atanLow[i] as number)
}

export function atan2(y: number, x: number): number {
  if (Number.isNaN(x) || Number.isNaN(y)) return Number.NaN
  const negativeY = y < 0 || Object.is(y, -0)
  if (y === 0) {
    if (x < 0 || Object.is(x, -0)) return negativeY ? -pi : pi
    return y
  }
  if (x === 0) return negativeY ? -halfPi : halfPi
  const slope = y < 0 !== x < 0 ? -y / x : y / x
  const angle = Number.isNaN(slope) ? pi / 4 : atan(slope)
  const value = x < 0 ? pi - (angle - 1.2246467991473532e-16) : angle
  return negativeY ? -value : value
}

/** [quadrant 0..3, rest in -pi/4..pi/4, what the rest lost in rounding]. */
function reduceAngle(x: number): [number, number, number] {
  if (!(Math.abs(x) <= maxAngle)) {
    if (Number.isNaN(x)) return [0, x, 0]
    throw new RangeError(`sin, cos and tan take angles up to ${maxAngle} in size, not ${x}`)
  }
  const k = Math.floor(x / halfPi + 0.5)
  const first = x - k * halfPiHigh
  const middle = k * halfPiMiddle
  const second = first - middle
  const lost = first - second - middle
  const low = k * halfPiLow - lost
  const r = second - low
  const tail = second - r - low
  return [((k % 4) + 4) % 4, r, tail]
}

function sineSeries(r: number, tail: number): number {
  const z = r * r
  let sum = 0
  for (let n = 18; n >= 2; n -= 2) sum = ((sum + 1) * -z) / (n * (n + 1))
  return r + (r * sum + tail * (1 - z / 2))
}

function cosineSeries(r: number, tail: number): number {
  const z = r * r
  let sum = 0
  for (let n = 17; n >= 3; n -= 2) sum = ((sum + 1) * -z) / (n * (n + 1))
  // cos = 1 - z/2 (1 + sum); 1 - z/2 is rounded, and what it lost is added again.
  const half = z / 2
  const head = 1 - half
  return head + (1 - head - half - half * sum - r * tail)
}

function atanSeries(t: number, high: number, low: number): number {
  const z = t * t
  let sum = 0
  for (let n = 49; n >= 3; n -= 2) sum = (1 / n - sum) * z
  return high - (t * sum - low - t)
}

/** x = m * 2^k with m in [0.5, 1); x positive and finite. */
function splitExponent(x: number): [number, number] {
  let m = x
  let k = 0
  // Near 1, where most arguments lie, single steps are the shortest way.
  if (x > 1e-6 && x < 1e6) {
    for (; m >= 1; k++) m /= 2
    for (; m < 0.5; k--) m *= 2
    return [m, k]
  }
  while (m >= 1) {
    const step = stepFor(m)
    m /= powerOfTwo(step)
    k += step
  }
  while (m < 0.5) {
    const step = stepFor(0.5 / m)
    m *= powerOfTwo(step)
    k -= step
  }
  return [m, k]
}

function stepFor(ratio: number): number {
  for (let step = 512; step > 1; step /= 2) if (ratio >= powerOfTwo(step)) return step
  return 1
}

function powerOfTwo(exponent: number): number {
  let value = 1
  for (let i = 0; i < exponent; i++) value *= 2
  return value
}

function scaleByTwo(value: number, exponent: number): number {
  let k = exponent
  let scaled = value
  for (; k > 1000; k -= 1000) scaled *= powerOfTwo(1000)
  for (; k < -1000; k += 1000) scaled /= powerOfTwo(1000)
  return k >= 0 ? scaled * powerOfTwo(k) : scaled / powerOfTwo(-k)
}
