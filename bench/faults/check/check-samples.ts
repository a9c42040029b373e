import { createHash } from 'node:crypto'
import type { DeviceMessage } from '../../../src/device/virtual-device.js'
import { addSamples, balances, type SampleCounts, zeroSamples } from '../../../src/wire/ledger.js'
import type { DeviceHistory, Finding, RunHistory } from '../history.js'

/** Law 2 at the journal: what lies below a `hw` that the device heard stands there, byte for byte. */
export function checkAcknowledged({ devices, journal }: RunHistory): Finding[] {
  const kept = new Set(journal.map(({ device, stream, payload, topic }) => keyOf(device, topic, stream, payload)))
  return devices.flatMap(history =>
    history.offered
      .filter(({ stream, seq }) => seq < (history.acknowledged.get(stream) ?? 0))
      .filter(({ topic, stream, payload }) => !kept.has(keyOf(history.device, topic, topic === 'w' ? stream : '', payload)))
      .map(({ stream, seq }) => ({
        check: 'acknowledged-lost',
        detail: `${history.device} ${stream} seq ${seq} is below hw ${history.acknowledged.get(stream)} and not in the journal`,
      })),
  )
}

/** Law 3 and 2 at the counters: every sample that was offered and acknowledged is counted as stored or late, once. */
export function checkLedgers({ devices, ledgers, engineLedger }: RunHistory): Finding[] {
  const findings: Finding[] = []
  const sum = zeroSamples()
  for (const counts of ledgers.values()) addSamples(sum, counts)
  for (const history of devices) {
    for (const [stream, samples] of offeredSamples(history)) {
      const place = `${history.device}/${stream}`
      const counts = ledgers.get(place)
      if (counts === undefined) {
        findings.push({ check: 'samples-lost', detail: `${place}: ${samples} samples offered, no ledger` })
        continue
      }
      if (!balances(counts)) findings.push({ check: 'ledger-unbalanced', detail: `${place}: ${JSON.stringify(counts)}` })
      const counted = counts.stored + counts.late
      const detail = `${place}: ${samples} samples offered, ${JSON.stringify(counts)}`
      if (counted > samples) findings.push({ check: 'samples-doubled', detail })
      if (counted < samples || counts.lost + counts.held + counts.rejected + counts.beforeContact > 0) {
        findings.push({ check: 'samples-lost', detail })
      }
    }
  }
  const differing = (Object.keys(zeroSamples()) as (keyof SampleCounts)[]).filter(field => sum[field] !== engineLedger[field])
  if (differing.length > 0) {
    const told = differing.map(field => `${field} ${engineLedger[field]}, by the journal ${sum[field]}`)
    findings.push({ check: 'engine-ledger', detail: `the engine's sum has ${told.join('; ')}` })
  }
  return findings
}

/** `hw` never goes back within a boot; an outside broker that lost its memory may repeat an old one. */
export function checkHighWater({ devices, brokerForgets }: RunHistory): Finding[] {
  if (brokerForgets) return []
  return devices.flatMap(({ device, regressions }) =>
    regressions.slice(0, 3).map(detail => ({ check: 'high-water-back', detail: `${device} ${detail}` })),
  )
}

/** Samples per channel of the waveform streams. */
function offeredSamples({ offered }: DeviceHistory): Map<string, number> {
  const samples = new Map<string, number>()
  for (const message of offered) {
    if (message.topic === 'w') samples.set(message.stream, (samples.get(message.stream) ?? 0) + samplesOf(message))
  }
  return samples
}

/** n at byte 32 of the chunk's header. */
function samplesOf({ payload }: DeviceMessage): number {
  return new DataView(payload.buffer, payload.byteOffset, payload.byteLength).getUint16(32, true)
}

function keyOf(device: string, topic: string, stream: string, payload: Uint8Array): string {
  return `${device}/${topic}/${stream}/${createHash('sha1').update(payload).digest('base64')}`
}
