import type { Observation } from './observation.js'
import type { StreamBlock } from './sample-block.js'
import type { Latency, StageState } from './stage.js'

/**
 * All that is made of one stream: cleaning, detection, measurement of each channel and the choice among channels. Same
 * laws as a stage. `parameters` is plain data and enters the parameters hash.
 */
export interface StreamChain {
  readonly name: string
  readonly latency: Latency
  readonly parameters: Readonly<Record<string, unknown>>
  push(block: StreamBlock, emit: (observation: Observation) => void): void
  flush(emit: (observation: Observation) => void): void
  save(): StageState
  load(state: StageState): void
}
