import { runRecording } from '../../src/analysis/run-recording.js'
import { createVirtualDevice } from '../../src/device/create-virtual-device.js'
import type { SignalSource } from '../../src/device/signal-source.js'
import { defaultOptions, type PartitionOptions } from '../../src/engine/partition-options.js'
import type { LoggedEvent } from '../../src/journal/logged-event.js'
import type { GroundTruth } from '../../src/simulate/ground-truth.js'
import type { ScenarioName } from '../../src/simulate/scenario.js'
import { makeSyntheticSource, type SyntheticSource } from '../../src/simulate/synthetic-source.js'

/** When the trouble of every scenario here begins, seconds: detectors have learned by then. */
export const onsetSeconds = 60

/** A transition of a condition; seconds from the start of the scenario. */
export interface Transition {
  readonly t: number
  readonly condition: string
  readonly stream: string
  readonly priority: string
  readonly from: string
  readonly to: string
  readonly value: number | null
}

export interface ScenarioRun {
  readonly source: SyntheticSource
  readonly truth: GroundTruth
  readonly events: readonly LoggedEvent[]
  readonly transitions: readonly Transition[]
}

/** A scenario through the same partition that `serve` runs, in process; `change` alters what the device is made of. */
export async function runScenario(
  scenario: ScenarioName,
  durationSeconds: number,
  options: { seed?: number; partition?: PartitionOptions; change?: (source: SyntheticSource) => SignalSource } = {},
): Promise<ScenarioRun> {
  const { seed = 1, partition = defaultOptions, change = (source: SyntheticSource) => source } = options
  const source = makeSyntheticSource({ name: scenario, scenario, seed, durationSeconds, onsetSeconds })
  const events: LoggedEvent[] = []
  await runRecording(createVirtualDevice({ source: change(source), boot: 1 }), partition, event => {
    events.push(structuredClone(event))
  })
  return { source, truth: source.truth, events, transitions: transitionsOf(events) }
}

export function transitionsOf(events: readonly LoggedEvent[]): Transition[] {
  return events.flatMap(({ log, type, t, stream, body }) =>
    log === 'patient' && type === 'condition' && body.cause === 'phase'
      ? [
          {
            t: t / 1e6,
            condition: String(body.condition),
            stream,
            priority: String(body.priority),
            from: String(body.from),
            to: String(body.to),
            value: body.value as number | null,
          },
        ]
      : [],
  )
}

/** The phases that a condition walks, as scenarios are named: "absent => pending => active". */
export function pathOf(run: Pick<ScenarioRun, 'transitions'>, condition: string, stream?: string): string {
  const own = run.transitions.filter(one => one.condition === condition && (stream === undefined || one.stream === stream))
  return [own[0]?.from ?? 'absent', ...own.map(({ to }) => to)].join(' => ')
}

/** Seconds at which a condition came into a phase. */
export function times(run: Pick<ScenarioRun, 'transitions'>, condition: string, to: string, stream?: string): number[] {
  return run.transitions
    .filter(one => one.condition === condition && one.to === to && (stream === undefined || one.stream === stream))
    .map(({ t }) => t)
}

/** Conditions of high priority that were active at some time. */
export function highAlerts(run: Pick<ScenarioRun, 'transitions'>): string[] {
  return [
    ...new Set(run.transitions.filter(({ priority, to }) => priority === 'high' && to === 'active').map(({ condition }) => condition)),
  ]
}
