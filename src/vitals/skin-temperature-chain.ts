import { secondStart } from '../dsp/second-grid.js'
import { type Emit, type SecondSpan, SecondwiseChain, type SecondwiseMeaning } from '../dsp/secondwise-chain.js'
import { VitalwireError } from '../errors.js'
import type { StreamChain } from '../signal/chain.js'
import { hertz, type Rate } from '../signal/rate.js'
import type { Latency } from '../signal/stage.js'
import type { StreamSpec } from '../signal/stream.js'
import { temperatureUnits, type UnitConversion } from '../signal/temperature-units.js'
import { SkinTemperatureChannel, skinTemperatureParameters } from './skin-temperature-channel.js'

const name = 'skin-temperature'
const fsRange = [1, 1000] as const
const { periodSeconds } = skinTemperatureParameters

/**
 * Temperature of the skin below a worn sensor, 1 to 1000 Hz, each ten seconds; never a body temperature. Card:
 * docs/algorithms/skin-temperature.md. Throws `usage-config` for another rate or unit.
 */
export function createSkinTemperatureChain(spec: StreamSpec): StreamChain {
  const unit = Object.hasOwn(temperatureUnits, spec.unit) ? temperatureUnits[spec.unit] : undefined
  if (unit === undefined) {
    const accepted = `accepted: ${Object.keys(temperatureUnits).join(', ')}`
    throw new VitalwireError('usage-config', `stream ${spec.id}: unit ${spec.unit} is none for temperature; ${accepted}`)
  }
  return new SecondwiseChain(spec, new SkinTemperatureMeaning(spec.fs, unit), fsRange)
}

class SkinTemperatureMeaning implements SecondwiseMeaning<SkinTemperatureChannel> {
  readonly name = name
  readonly latency: Latency
  readonly parameters = { ...skinTemperatureParameters, version: 1 }
  readonly #fs: Rate
  readonly #unit: UnitConversion

  constructor(fs: Rate, unit: UnitConversion) {
    this.#fs = fs
    this.#unit = unit
    // Said with the last sample of the ten seconds that it is about.
    this.latency = { min: 0, max: Math.ceil(hertz(fs)) }
  }

  newChannel(): SkinTemperatureChannel {
    return new SkinTemperatureChannel(this.#fs, this.#unit.before, this.#unit.factor)
  }

  settled(): void {}

  each(channel: SkinTemperatureChannel, _number: number, { second }: SecondSpan): void {
    const [from, to] = this.#periodOf(second)
    if (endsPeriod(second)) channel.closePeriod(Math.floor(second / periodSeconds), to - from)
  }

  measure({ told }: SkinTemperatureChannel, number: number, { second, decided }: SecondSpan, emit: Emit): void {
    if (!endsPeriod(second) || told === null) return
    const [from, to] = this.#periodOf(second)
    const { value, quality, reason } = told
    const why = reason === 'good' ? {} : { reason }
    emit({ kind: 'measurement', name, decided, channel: number, from, to, value, quality, ...why, algorithm: name })
  }

  missing(number: number, { from, to, decided }: SecondSpan, emit: Emit): void {
    emit({ kind: 'measurement', name, decided, channel: number, from, to, value: null, quality: 0, reason: 'missing', algorithm: name })
  }

  /** Samples [from, to) of the ten seconds that a second lies in. */
  #periodOf(second: number): [from: number, to: number] {
    const first = Math.floor(second / periodSeconds) * periodSeconds
    return [secondStart(first, this.#fs), secondStart(first + periodSeconds, this.#fs)]
  }
}

function endsPeriod(second: number): boolean {
  return (second + 1) % periodSeconds === 0
}
