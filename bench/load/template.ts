import { createVirtualDevice } from '../../src/device/create-virtual-device.js'
import type { NumericValue, PeriodicNumerics, SignalSource } from '../../src/device/signal-source.js'
import type { DeviceMessage } from '../../src/device/virtual-device.js'
import { makeSyntheticSource } from '../../src/simulate/synthetic-source.js'

/**
 * What a load device says: ECG 250 Hz and PPG 100 Hz in chunks of 1 s, numerics at 1 Hz, from the first sample to the
 * last. Many devices share a template, so every one of them must end with the template's `eventHash`.
 */
export interface DeviceTemplate {
  readonly birth: Uint8Array
  /** In the order in which a device sends them; `time` in seconds is when a live device would. */
  readonly messages: readonly DeviceMessage[]
  /** Whether its SpO2 crosses a limit again and again. */
  readonly alerting: boolean
}

/** A desaturation of 8 s every 30 s, deep and long enough for the alert `desaturation` (below 85 % for 3 s). */
const turnSeconds = 30
const fallAt = 6
const riseAt = 14

export async function makeTemplate(options: { seed: number; seconds: number; alerting: boolean }): Promise<DeviceTemplate> {
  const { seed, seconds, alerting } = options
  const synthetic = makeSyntheticSource({ name: `load-${seed}`, scenario: 'stable', seed, durationSeconds: seconds })
  const source: SignalSource = { ...synthetic, numerics: alerting ? desaturating(synthetic.numerics) : synthetic.numerics }
  const device = createVirtualDevice({ source, boot: 1, channels: ['II', 'infrared'] })
  const messages: DeviceMessage[] = []
  for await (const message of device.messages()) messages.push(message)
  return { birth: device.birth(), messages, alerting }
}

function desaturating(numerics: PeriodicNumerics): PeriodicNumerics {
  const lower = (second: number, value: NumericValue): NumericValue => {
    if (value.name !== 'spo2') return value
    const at = second % turnSeconds
    return { ...value, value: at >= fallAt && at < riseAt ? 80 : 97 }
  }
  return { ...numerics, at: second => numerics.at(second).map(value => lower(second, value)) }
}

/** One template in `alertEvery` alerts; templates are dealt to devices in turn. */
export async function makeTemplates(options: { count: number; alertEvery: number; seconds: number }): Promise<DeviceTemplate[]> {
  const templates: DeviceTemplate[] = []
  for (let k = 0; k < options.count; k++) {
    templates.push(await makeTemplate({ seed: 101 + k, seconds: options.seconds, alerting: k % options.alertEvery === 0 }))
  }
  return templates
}
