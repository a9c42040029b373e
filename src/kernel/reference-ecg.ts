import type { Kernel } from './kernel.js'
import { checkBlock, checkFrontEnd } from './kernel-checks.js'

/** The front end of the QRS detector: what the three sections, `lagDifference` and `movingSum` give one after the other. */
export const referenceEcg: Pick<Kernel, 'ecgFrontEnd'> = {
  ecgFrontEnd(design, input, slope, feature, wide, length) {
    checkFrontEnd(design)
    for (const output of [slope, feature, wide]) checkBlock(length, input, output)
    const { coefficients: c, state, lagRing, sumRing, scale, share } = design
    const h0 = c[0] as number
    const h1 = c[1] as number
    const h2 = c[2] as number
    const g1 = c[3] as number
    const g2 = c[4] as number
    const n0 = c[5] as number
    const n1 = c[6] as number
    const n2 = c[7] as number
    const m1 = c[8] as number
    const m2 = c[9] as number
    const w0 = c[10] as number
    const w1 = c[11] as number
    const w2 = c[12] as number
    const v1 = c[13] as number
    const v2 = c[14] as number
    const lag = lagRing.length
    const window = sumRing.length
    let high1 = state[0] as number
    let high2 = state[1] as number
    let low1 = state[2] as number
    let low2 = state[3] as number
    let wide1 = state[4] as number
    let wide2 = state[5] as number
    let lagAt = state[6] as number
    let sumAt = state[7] as number
    let sum = state[8] as number
    for (let i = 0; i < length; i++) {
      const x = input[i] as number
      const high = h0 * x + high1
      high1 = h1 * x - g1 * high + high2
      high2 = h2 * x - g2 * high
      const low = n0 * high + low1
      low1 = n1 * high - m1 * low + low2
      low2 = n2 * high - m2 * low
      const wider = w0 * high + wide1
      wide1 = w1 * high - v1 * wider + wide2
      wide2 = w2 * high - v2 * wider
      const rise = (low - (lagRing[lagAt] as number)) * scale
      lagRing[lagAt] = low
      lagAt = lagAt + 1 === lag ? 0 : lagAt + 1
      const size = rise < 0 ? -rise : rise
      sum += size - (sumRing[sumAt] as number)
      sumRing[sumAt] = size
      sumAt++
      if (sumAt === window) {
        sumAt = 0
        sum = 0
        for (let k = 0; k < window; k++) sum += sumRing[k] as number
      }
      wide[i] = wider
      slope[i] = rise
      feature[i] = sum * share
    }
    state[0] = high1
    state[1] = high2
    state[2] = low1
    state[3] = low2
    state[4] = wide1
    state[5] = wide2
    state[6] = lagAt
    state[7] = sumAt
    state[8] = sum
  },
}
