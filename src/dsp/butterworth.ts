import { cos, sin, tan } from './math.js'

/**
 * Second-order sections, five numbers each: b0 b1 b2 a1 a2 (a0 = 1), to be run in this order.
 */
export type Sections = Float64Array

/** Butterworth low-pass by the bilinear transform, prewarped so that the gain is -3 dB at `cutHz` exactly. */
export function butterworthLowPass(options: { order: number; cutHz: number; fsHz: number }): Sections {
  return firstAndSecondOrder(options, false)
}

/** Butterworth high-pass, as the low-pass. */
export function butterworthHighPass(options: { order: number; cutHz: number; fsHz: number }): Sections {
  return firstAndSecondOrder(options, true)
}

/**
 * Butterworth band-pass of 2 * `order` poles, -3 dB at both edges: the analogue low-pass prototype is moved to the band
 * (s -> (s^2 + w0^2) / (bw s)), then transformed bilinearly. Each section has one zero at 0 Hz and one at fs/2 and a gain
 * of 1 at the band's centre.
 */
export function butterworthBandPass(options: { order: number; lowHz: number; highHz: number; fsHz: number }): Sections {
  const { order, lowHz, highHz, fsHz } = options
  checkOrder(order)
  checkCut(lowHz, fsHz)
  checkCut(highHz, fsHz)
  if (!(lowHz < highHz)) throw new RangeError(`band-pass: ${lowHz} Hz must lie below ${highHz} Hz`)
  const low = tan((Math.PI * lowHz) / fsHz)
  const high = tan((Math.PI * highHz) / fsHz)
  const width = high - low
  const centre = low * high
  const sections: number[] = []
  for (let k = 0; k < Math.ceil(order / 2); k++) {
    const angle = (Math.PI * (2 * k + 1)) / (2 * order)
    // Half of the prototype's pole times the band width; on the real axis for the middle pole of an odd order.
    const re = (-sin(angle) * width) / 2
    const im = 2 * k + 1 === order ? 0 : (cos(angle) * width) / 2
    // Poles of the band: p = h +- sqrt(h^2 - w0^2).
    const [rootRe, rootIm] = complexRoot(re * re - im * im - centre, 2 * re * im)
    if (im === 0) sections.push(...bandSection(-2 * re, centre, centre))
    else {
      for (const sign of [1, -1]) {
        const poleRe = re + sign * rootRe
        const poleIm = im + sign * rootIm
        sections.push(...bandSection(-2 * poleRe, poleRe * poleRe + poleIm * poleIm, centre))
      }
    }
  }
  return Float64Array.from(sections)
}

/** s / (s^2 + c1 s + c0) through s = (1 - z^-1) / (1 + z^-1), with gain 1 at s = j sqrt(centre). */
function bandSection(c1: number, c0: number, centre: number): number[] {
  const a0 = 1 + c1 + c0
  // |s^2 + c1 s + c0| / |s| at the centre of the band.
  const gap = c0 - centre
  const gain = Math.sqrt((gap * gap) / centre + c1 * c1)
  return [gain / a0, 0, -gain / a0, (2 * c0 - 2) / a0, (1 - c1 + c0) / a0]
}

function firstAndSecondOrder(options: { order: number; cutHz: number; fsHz: number }, high: boolean): Sections {
  const { order, cutHz, fsHz } = options
  checkOrder(order)
  checkCut(cutHz, fsHz)
  const w = tan((Math.PI * cutHz) / fsHz)
  const sections: number[] = []
  for (let k = 0; k < Math.floor(order / 2); k++) {
    // Pole pair of the prototype: s^2 + 2 sin(angle) s + 1.
    const damping = 2 * sin((Math.PI * (2 * k + 1)) / (2 * order))
    const a0 = 1 + damping * w + w * w
    const b0 = (high ? 1 : w * w) / a0
    sections.push(b0, high ? -2 * b0 : 2 * b0, b0, (2 * (w * w - 1)) / a0, (1 - damping * w + w * w) / a0)
  }
  if (order % 2 === 1) {
    const b0 = (high ? 1 : w) / (1 + w)
    sections.push(b0, high ? -b0 : b0, 0, (w - 1) / (1 + w), 0)
  }
  return Float64Array.from(sections)
}

/** Square root with a real part >= 0. */
function complexRoot(re: number, im: number): [number, number] {
  const size = Math.sqrt(re * re + im * im)
  const rootRe = Math.sqrt((size + re) / 2)
  const rootIm = Math.sqrt((size - re) / 2)
  return [rootRe, im < 0 ? -rootIm : rootIm]
}

function checkOrder(order: number): void {
  if (!Number.isInteger(order) || order < 1 || order > 12) throw new RangeError(`filter order ${order}: accepted are 1 to 12`)
}

export function checkCut(hz: number, fsHz: number): void {
  if (!(hz > 0 && hz < fsHz / 2)) throw new RangeError(`filter frequency ${hz} Hz: must lie between 0 and half of ${fsHz} Hz`)
}
