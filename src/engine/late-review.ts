import { planStream } from '../monitor/plan.js'
import type { StreamChain } from '../signal/chain.js'
import type { StreamBlock } from '../signal/sample-block.js'
import type { StreamSpec } from '../signal/stream.js'

const criticalRhythms = [
  'asystole',
  'extreme-bradycardia',
  'extreme-tachycardia',
  'ventricular-tachycardia',
  'ventricular-fibrillation',
] as const
type CriticalRhythm = (typeof criticalRhythms)[number]

/** Something critical in samples that came after their gap had been released (rule W4). */
export interface LateFinding {
  readonly what: CriticalRhythm
  readonly index: number
  readonly value: number | null
}

/** Limits of the review, /min; those of the rules of the same names in the default profile. */
const slowest = 40
const fastest = 140

/** Runs kept at once: more than the streams of the boots that can still be late; what is older is done with. */
const mostRuns = 16

interface LateRun {
  readonly chain: StreamChain
  readonly spec: StreamSpec
  end: number
}

/**
 * Analyses late chunks apart from the patient log: chunks that follow each other go through a chain of their own, and what
 * is critical in them is found, for the patient's review list. Nothing here raises an alert.
 */
export class LateReview {
  /** By `boot/stream`: the run of late chunks that is being filled. */
  readonly #runs = new Map<string, LateRun>()

  /** Findings in this chunk, in order. */
  add(boot: number, spec: StreamSpec, block: StreamBlock): LateFinding[] {
    if (spec.kind !== 'ecg') return []
    const key = `${boot}/${spec.id}`
    let run = this.#runs.get(key)
    if (run === undefined || run.end !== block.start) {
      run = { chain: planStream(spec).chain, spec, end: block.start }
      this.#runs.delete(key)
      this.#runs.set(key, run)
      for (const oldest of this.#runs.keys()) {
        if (this.#runs.size <= mostRuns) break
        this.#runs.delete(oldest)
      }
    }
    run.end = block.start + block.length
    const found: LateFinding[] = []
    run.chain.push(block, observation => {
      if (observation.kind === 'rhythm' && observation.on) {
        const what = criticalRhythms.find(rhythm => rhythm === observation.rhythm)
        // Rates have their rule below, on the heart rate.
        if (what !== undefined && what !== 'extreme-bradycardia' && what !== 'extreme-tachycardia') {
          found.push({ what, index: observation.index, value: null })
        }
      }
      if (observation.kind !== 'measurement' || observation.name !== 'heart-rate' || observation.value === null) return
      const { value, to } = observation
      if (value < slowest) found.push({ what: 'extreme-bradycardia', index: to, value })
      if (value > fastest) found.push({ what: 'extreme-tachycardia', index: to, value })
    })
    return found
  }

  save(): { key: string; spec: StreamSpec; end: number; chain: unknown }[] {
    return [...this.#runs].map(([key, run]) => ({ key, spec: run.spec, end: run.end, chain: run.chain.save() }))
  }

  load(state: { key: string; spec: StreamSpec; end: number; chain: unknown }[]): void {
    this.#runs.clear()
    for (const { key, spec, end, chain } of state) {
      const run = { chain: planStream(spec).chain, spec, end }
      run.chain.load(chain)
      this.#runs.set(key, run)
    }
  }
}
