import { VitalwireError } from '../errors.js'
import type { SignalInfo } from '../recording/recording.js'

/** `--channels`: names or indexes of signals; undefined takes all. Keeps the order of the source, without doubles. */
export function selectSignals(
  record: string,
  signals: readonly SignalInfo[],
  channels: readonly (string | number)[] | undefined,
): SignalInfo[] {
  if (channels === undefined) return [...signals]
  const chosen = new Set(channels.map(channel => findSignal(record, signals, channel)))
  return signals.filter(signal => chosen.has(signal))
}

function findSignal(record: string, signals: readonly SignalInfo[], channel: string | number): SignalInfo {
  // A name may look like a number; a number is an index unless a signal has it as its name.
  const found =
    signals.find(signal => signal.name === String(channel)) ??
    signals.find(signal => signal.name.toLowerCase() === String(channel).toLowerCase()) ??
    signals.find(signal => String(signal.index) === String(channel).trim())
  if (found !== undefined) return found
  const accepted = signals.map(signal => `${signal.index} (${signal.name})`).join(', ')
  throw new VitalwireError(
    'usage-option',
    `channel ${channel} is not in ${record}; accepted are ${accepted || 'none: it has numerics only'}`,
  )
}
