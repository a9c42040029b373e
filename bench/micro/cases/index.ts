import type { CaseMaker } from '../bench-case.js'
import { chainCases } from './chains.js'
import { ecgCases } from './ecg.js'
import { kernelLaneCases } from './kernel-lanes.js'
import { kernelCases } from './kernels.js'
import { meaningCases } from './meaning.js'
import { wireCases } from './wire.js'

export const cases: Readonly<Record<string, CaseMaker>> = {
  ...kernelCases,
  ...kernelLaneCases,
  ...wireCases,
  ...chainCases,
  ...ecgCases,
  ...meaningCases,
}
