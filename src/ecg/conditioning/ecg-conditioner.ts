import { butterworthHighPass, butterworthLowPass, type Sections } from '../../dsp/butterworth.js'
import { createSosFilter } from '../../dsp/sos-filter.js'
import { chooseKernel } from '../../kernel/choose-kernel.js'
import type { Kernel } from '../../kernel/kernel.js'
import type { SampleBlock } from '../../signal/sample-block.js'
import type { Stage, StageState } from '../../signal/stage.js'
import { MainsNotch } from './mains-notch.js'
import type { Mains } from './mains-watch.js'
import { PacerBlanker } from './pacer-blanker.js'

export type ConditioningMode = 'monitoring' | 'diagnostic'

export interface ConditionerOptions {
  readonly mode: ConditioningMode
  /** 100 to 1000 Hz. */
  readonly fsHz: number
  /** Millivolts in one unit of the samples; null: no voltage. */
  readonly millivolts: number | null
  /** Default: the best that is there. */
  readonly kernel?: Kernel
  /** Told of each pacing spike that was blanked. */
  readonly onSpike?: (index: number) => void
  /** Told from which sample on a notch is on, moved or off. */
  readonly onMains?: (index: number, mains: Mains | null) => void
}

/** Band of a mode in Hz, -3 dB at its edges. */
export function bandOf(mode: ConditioningMode, fsHz: number): { readonly lowHz: number; readonly highHz: number } {
  return mode === 'monitoring' ? { lowHz: 0.5, highHz: Math.min(40, 0.4 * fsHz) } : { lowHz: 0.05, highHz: Math.min(150, 0.4 * fsHz) }
}

/**
 * Monitoring: high-pass of second order, so that a baseline that wanders with the breath goes. Diagnostic: of first order, the
 * single pole that standards of diagnostic ECG mean by 0.05 Hz; ST segments are kept. The low-pass is of fourth order.
 */
function bandSections(mode: ConditioningMode, fsHz: number): Sections {
  const { lowHz, highHz } = bandOf(mode, fsHz)
  const low = butterworthHighPass({ order: mode === 'monitoring' ? 2 : 1, cutHz: lowHz, fsHz })
  const high = butterworthLowPass({ order: 4, cutHz: highHz, fsHz })
  return Float64Array.from([...low, ...high])
}

/**
 * A lead for the eye and for export: pacing spikes blanked, hum of the mains out while there is some, then the band of the
 * mode. The samples keep their indices; the phase of the filters is theirs alone. Delay: that of the blanking.
 */
export function createEcgConditioner(options: ConditionerOptions): Stage<SampleBlock, SampleBlock> {
  const { mode, fsHz, millivolts, kernel = chooseKernel() } = options
  const pacer = new PacerBlanker(fsHz, millivolts, options.onSpike)
  const mains = new MainsNotch(fsHz, millivolts, kernel, options.onMains)
  const band = createSosFilter({ name: `ecg-${mode}`, sections: bandSections(mode, fsHz), kernel })
  const through = (emit: (output: SampleBlock) => void) => (blanked: SampleBlock) =>
    mains.push(blanked, cleaned => band.push(cleaned, emit))
  return {
    name: `ecg-conditioner-${mode}`,
    latency: pacer.latency,
    push: (block, emit) => pacer.push(block, through(emit)),
    flush(emit) {
      pacer.flush(through(emit))
      mains.flush()
      band.flush(emit)
    },
    save: () => ({ pacer: pacer.save(), mains: mains.save(), band: band.save() }),
    load(saved) {
      const state = saved as Record<'pacer' | 'mains' | 'band', StageState>
      pacer.load(state.pacer)
      mains.load(state.mains)
      band.load(state.band)
    },
  }
}
