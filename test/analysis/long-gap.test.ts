import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { runRecording } from '../../src/analysis/run-recording.js'
import { createVirtualDevice } from '../../src/device/create-virtual-device.js'
import { defaultOptions } from '../../src/engine/partition-options.js'
import type { LoggedEvent } from '../../src/journal/logged-event.js'
import { openRecording } from '../../src/recording/open-recording.js'
import { temporaryFolder } from '../journal/temporary-folder.js'

async function run(csv: string) {
  const file = join(temporaryFolder(), 'gap.csv')
  writeFileSync(file, csv)
  const source = await openRecording(file)
  const events: LoggedEvent[] = []
  const device = createVirtualDevice({ source, boot: 1 })
  const result = await runRecording(device, defaultOptions, event => event.log === 'patient' && events.push(event))
  await source.close()
  const seconds = (event: LoggedEvent) => event.t / 1e6
  return { ...result, gaps: events.filter(({ type }) => type === 'gap').map(event => ({ ...event.body, at: seconds(event) })) }
}

const wave = (t: number) => (1000 + 50 * Math.sin(7 * t)).toFixed(2)

describe('a recording with a long gap', () => {
  it('in one stream beside another has its hash, and tells the gap at its end', async () => {
    const rows = Array.from({ length: 9000 }, (_, k) => k / 25).map(t => `${t.toFixed(2)},${t < 5 || t >= 340 ? wave(t) : ''},${wave(t)}`)
    const { eventHash, gaps } = await run(['time [s],Pleth [NU],RESP [NU]', ...rows, ''].join('\n'))
    expect(eventHash).toMatch(/^[0-9a-f]{64}$/)
    expect(gaps).toMatchObject([{ channel: 0, sample: { index: 125 }, count: 8375, at: 340 }])
  })

  it('of more than an hour has its hash', async () => {
    const times = [...Array.from({ length: 500 }, (_, k) => k / 25), ...Array.from({ length: 500 }, (_, k) => 3720 + k / 25)]
    const { eventHash, gaps } = await run(['time [s],Pleth [NU]', ...times.map(t => `${t.toFixed(2)},${wave(t)}`), ''].join('\n'))
    expect(eventHash).toMatch(/^[0-9a-f]{64}$/)
    expect(gaps).toMatchObject([{ count: 92_500, at: 3720 }])
  })
})
