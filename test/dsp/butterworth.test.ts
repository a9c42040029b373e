// @ts-expect-error fili has no types
import Fili from 'fili'
import { describe, expect, test } from 'vitest'
import { butterworthBandPass, butterworthHighPass, butterworthLowPass, type Sections } from '../../src/dsp/butterworth.js'
import { notch } from '../../src/dsp/notch.js'

/** Numerator and denominator of the whole cascade. */
function polynomials(sections: Sections): { b: number[]; a: number[] } {
  const times = (p: number[], q: number[]): number[] => {
    const out = new Array<number>(p.length + q.length - 1).fill(0)
    p.forEach((x, i) => {
      q.forEach((y, j) => {
        out[i + j] = (out[i + j] as number) + x * y
      })
    })
    return out
  }
  let b = [1]
  let a = [1]
  for (let at = 0; at < sections.length; at += 5) {
    const s = [...sections.subarray(at, at + 5)] as [number, number, number, number, number]
    b = times(b, s.slice(0, 3))
    a = times(a, [1, s[3], s[4]])
  }
  return { b, a }
}

function expectCoefficients(sections: Sections, b: number[], a: number[], digits = 12): void {
  const found = polynomials(sections)
  const padded = (expected: number[], length: number) => [...expected, ...new Array<number>(length - expected.length).fill(0)]
  padded(b, found.b.length).forEach((value, i) => {
    expect(found.b[i], `b${i}`).toBeCloseTo(value, digits)
  })
  padded(a, found.a.length).forEach((value, i) => {
    expect(found.a[i], `a${i}`).toBeCloseTo(value, digits)
  })
}

describe('Butterworth sections', () => {
  // Golden numbers: scipy 1.17.1, scipy.signal.butter(order, hz, kind, fs=fs).
  test('equal scipy: butter(3, 40, "low", fs=250)', () => {
    expectCoefficients(
      butterworthLowPass({ order: 3, cutHz: 40, fsHz: 250 }),
      [0.057890375408972614, 0.17367112622691783, 0.17367112622691783, 0.057890375408972614],
      [1, -1.0440641548399396, 0.6252304301994469, -0.11804327208772643],
    )
  })

  test('equal scipy: butter(2, 0.5, "high", fs=360)', () => {
    expectCoefficients(
      butterworthHighPass({ order: 2, cutHz: 0.5, fsHz: 360 }),
      [0.9938483285621093, -1.9876966571242185, 0.9938483285621093],
      [1, -1.987658813704708, 0.9877345005437297],
    )
  })

  test('equal scipy: butter(4, 15, "low", fs=128)', () => {
    expectCoefficients(
      butterworthLowPass({ order: 4, cutHz: 15, fsHz: 128 }),
      [0.00823639593126987, 0.03294558372507948, 0.049418375587619225, 0.03294558372507948, 0.00823639593126987],
      [1, -2.0934313532519706, 1.9034642758197504, -0.8167049838175489, 0.13845439615008703],
    )
  })

  test('equal scipy: butter(2, [5, 15], "band", fs=200)', () => {
    expectCoefficients(
      butterworthBandPass({ order: 2, lowHz: 5, highHz: 15, fsHz: 200 }),
      [0.02008336556421124, 0, -0.04016673112842248, 0, 0.02008336556421124],
      [1, -3.428945454184877, 4.530250901890307, -2.7382519575216273, 0.641351538057563],
    )
  })

  test('equal scipy: butter(3, [8, 20], "band", fs=360)', () => {
    expectCoefficients(
      butterworthBandPass({ order: 3, lowHz: 8, highHz: 20, fsHz: 360 }),
      [0.000941313746993282, 0, -0.002823941240979846, 0, 0.002823941240979846, 0, -0.000941313746993282],
      [1, -5.445889443032823, 12.491242232300849, -15.445093913348304, 10.858290117188021, -4.115729944423052, 0.6572747021026566],
      11,
    )
  })

  test('a notch equals scipy: iirnotch(50, 25, fs=250)', () => {
    expectCoefficients(
      notch({ hz: 50, widthHz: 2, fsHz: 250 }),
      [0.975478390750534, -0.6028788007748811, 0.975478390750534],
      [1, -0.6028788007748811, 0.950956781501068],
    )
  })

  test.each(['lowpass', 'highpass'] as const)('equal fili: %s of one and two sections at 250 Hz', kind => {
    for (const sections of [1, 2]) {
      const theirs = new Fili.CalcCascades()[kind]({ order: sections, characteristic: 'butterworth', Fs: 250, Fc: 20, preGain: false }) as {
        a: number[]
        b: number[]
        k: number
      }[]
      const design = kind === 'lowpass' ? butterworthLowPass : butterworthHighPass
      const ours = polynomials(design({ order: 2 * sections, cutHz: 20, fsHz: 250 }))
      const flat = Float64Array.from(theirs.flatMap(({ a, b }) => [...b, ...a]))
      const fili = polynomials(flat)
      ours.a.forEach((value, i) => {
        expect(fili.a[i], `a${i} of ${sections} sections`).toBeCloseTo(value, 9)
      })
      ours.b.forEach((value, i) => {
        expect(fili.b[i], `b${i} of ${sections} sections`).toBeCloseTo(value, 9)
      })
    }
  })

  test('refuse a cut at or above half the rate, and bands upside down', () => {
    expect(() => butterworthLowPass({ order: 2, cutHz: 50, fsHz: 100 })).toThrow(RangeError)
    expect(() => butterworthHighPass({ order: 2, cutHz: 0, fsHz: 100 })).toThrow(RangeError)
    expect(() => butterworthBandPass({ order: 2, lowHz: 20, highHz: 10, fsHz: 100 })).toThrow(/below/)
    expect(() => butterworthLowPass({ order: 1.5, cutHz: 5, fsHz: 100 })).toThrow(/order/)
  })
})
