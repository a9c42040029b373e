import { checkCut, type Sections } from './butterworth.js'
import { cos, tan } from './math.js'

/** One section with a zero at `hz`, gain 1 at 0 Hz and at fs/2, -3 dB at a distance of `widthHz` / 2 on either side. */
export function notch(options: { hz: number; widthHz: number; fsHz: number }): Sections {
  const { hz, widthHz, fsHz } = options
  checkCut(hz, fsHz)
  checkCut(widthHz, fsHz)
  const centre = cos((2 * Math.PI * hz) / fsHz)
  const b0 = 1 / (1 + tan((Math.PI * widthHz) / fsHz))
  return Float64Array.of(b0, -2 * b0 * centre, b0, -2 * b0 * centre, 2 * b0 - 1)
}
