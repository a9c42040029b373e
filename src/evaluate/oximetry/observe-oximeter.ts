import { type CalibrationTable, findCalibration } from '../../oximetry/calibration.js'
import { type AveragingSeconds, createOximetryChain } from '../../oximetry/oximetry-chain.js'
import { createPpgChain } from '../../ppg/ppg-chain.js'
import type { MeasurementObservation } from '../../signal/observation.js'
import type { SimulatedOximeter } from '../../simulate/oximeter/simulate-oximeter.js'
import type { MeasuredPair } from '../compare/agreement.js'

/** What the chain says of one second of a simulated oximeter, beside the truth. */
export interface OximeterSecond extends MeasuredPair {
  /** End of the second, seconds from the start. */
  readonly at: number
  /** Mean of the true saturation over the samples that the number speaks of (without one: over the averaging time), %. */
  readonly reference: number
  /** True saturation at the end of the second, %. */
  readonly now: number
  readonly held: boolean
  readonly moving: boolean
  /** Why there is no number; null where there is one. */
  readonly reason: string | null
}

export interface OximeterRun {
  readonly averagingSeconds: AveragingSeconds
  /** Added to what the built-in curve says, % saturation: a sensor with somebody else's curve. */
  readonly curveOffset: number
  readonly packetSeconds: number
}

/** The shipped chain over a whole record, and its parameters. */
export function observeOximeter(simulated: SimulatedOximeter, run: OximeterRun): { seconds: OximeterSecond[]; parameters: unknown } {
  const { spec, channels, moving } = simulated
  const fs = spec.fs.num / spec.fs.den
  const wrong = run.curveOffset === 0 ? [] : [shiftCurve(run.curveOffset)]
  const named = run.curveOffset === 0 ? spec : { ...spec, calibration: wrong[0]!.name }
  const chain = createOximetryChain(named, createPpgChain(spec), { averagingSeconds: run.averagingSeconds, calibrations: wrong })
  const seconds: OximeterSecond[] = []
  const take = (said: MeasurementObservation): void => {
    const at = (said.decided + 1) / fs
    const averaged = said.value !== null && said.held !== true
    const from = averaged ? said.from / fs : at - run.averagingSeconds
    seconds.push({
      at,
      reference: meanSaturation(simulated, from, at),
      now: simulated.saturation.at(at),
      estimate: said.value,
      ...(said.low === undefined || said.high === undefined ? {} : { low: said.low, high: said.high }),
      held: said.held === true,
      moving: moving[said.decided] === 1,
      reason: said.value === null ? (said.reason ?? '') : null,
    })
  }
  const packet = Math.max(1, Math.round(run.packetSeconds * fs))
  for (let start = 0; start < channels[0].length; start += packet) {
    const length = Math.min(packet, channels[0].length - start)
    const block = { start, length, flags: 0, channels: channels.map(channel => channel.subarray(start, start + length)) }
    chain.push(block, said => {
      if (said.kind === 'measurement' && said.name === 'spo2') take(said)
    })
  }
  return { seconds, parameters: chain.parameters }
}

function meanSaturation({ saturation }: SimulatedOximeter, from: number, to: number): number {
  return (saturation.integral(to) - saturation.integral(from)) / (to - from)
}

/** The built-in curve as another sensor might have it; what would pass 100 % reads 100 %. */
function shiftCurve(offset: number): CalibrationTable {
  const own = findCalibration(undefined)
  const [[r0, s0], [r1, s1]] = [own.knots[0]!, own.knots[1]!]
  const rAt100 = r0 + ((s0 + offset - 100) / (s0 - s1)) * (r1 - r0)
  const top: readonly (readonly [number, number])[] =
    rAt100 > r0
      ? [
          [r0, 100],
          [rAt100, 100],
        ]
      : [[r0, s0 + offset]]
  const rest = own.knots.slice(1).map(([r, spo2]) => [r, spo2 + offset] as const)
  return { ...own, name: `${own.name} ${offset > 0 ? '+' : ''}${offset} %`, knots: [...top, ...rest] }
}
