import { readFileSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { datasetPath, hasDataset } from '../support/datasets.js'
import { RunningServer, runCommand, scratchFolder } from '../support/running-server.js'
import { type Alert, alertsOf, originOf, patientsOf, untilStored } from './alerts-of.js'
import { type ActiveStretch, FeedListener } from './feed-listener.js'
import { printFigures } from './print-figures.js'

const present = hasDataset('cinc2015')
const suffix = present ? '' : ' (needs dataset cinc2015)'

/** Kinds of alarm of the challenge, and the condition that is to match. */
const conditionOf: Readonly<Record<string, string>> = {
  Asystole: 'asystole',
  Bradycardia: 'extreme-bradycardia',
  Tachycardia: 'extreme-tachycardia',
}
/** The monitor's alarm sounded at 5:00; what it is about lies in the seconds before. */
const window = { from: 4 * 60 + 45, to: 5 * 60 }

interface Case {
  readonly record: string
  readonly condition: string
  readonly isTrue: boolean
}

function readCases(): Case[] {
  const [, ...lines] = readFileSync(datasetPath('cinc2015', 'ALARMS.csv'), 'utf8').trim().split(/\r?\n/)
  return lines.flatMap(line => {
    const [record = '', alarm = '', truth] = line.split(',')
    const condition = conditionOf[alarm]
    return condition === undefined ? [] : [{ record, condition, isTrue: truth === '1' }]
  })
}

describe('alarms of the PhysioNet/CinC Challenge 2015 through serve and replay, default limits', () => {
  const folder = scratchFolder('alarms')
  let server: RunningServer
  let cases: Case[] = []
  const counts = new Map<string, number>()
  const alerts = new Map<string, Alert[]>()
  const origins = new Map<string, number>()
  /** Stretches of the matching condition that reach into the window. */
  const active = new Map<string, ActiveStretch[]>()

  beforeAll(async () => {
    if (!present) return
    cases = readCases()
    server = await RunningServer.start(folder.path)
    const records = cases.map(({ record }) => datasetPath('cinc2015', record))
    // What the store tells of an alert is its whole episode; when within it the condition was active is in the feed.
    const feed = await FeedListener.open(server, ['condition', 'session'])
    const result = await runCommand(['replay', ...records, '--broker', server.mqtt, '--speed', 'max', '--to', '300', '--json'], {
      timeoutMs: 240_000,
    })
    expect(result.code, result.stderr + server.stderr).toBe(0)
    await feed.until(
      'the end of every session',
      () => feed.events.filter(e => e.type === 'session' && e.body.state === 'closed').length === cases.length,
      30,
    )
    await untilStored(server)
    const patients = await patientsOf(server)
    for (const { record, condition } of cases) {
      const patient = patients.get(record) ?? ''
      alerts.set(record, await alertsOf(server, patient))
      const origin = await originOf(server, patient, 'ecg')
      origins.set(record, origin)
      active.set(
        record,
        feed.active(patient, condition).filter(({ from, to }) => (from - origin) / 1e6 < window.to && (to - origin) / 1e6 > window.from),
      )
    }
    // The store also keeps what was pending and never became an alert; the figure is of those that did.
    for (const [record, origin] of origins) {
      for (const { type, patient, body, t } of feed.events) {
        const begins = type === 'condition' && body.to === 'active' && (body.from === 'pending' || body.from === 'absent')
        if (!begins || patient !== patients.get(record) || (t - origin) / 1e6 >= window.from) continue
        const key = `${String(body.condition)} (${String(body.priority)})`
        counts.set(key, (counts.get(key) ?? 0) + 1)
      }
    }
    feed.close()
  }, 300_000)
  afterAll(async () => {
    await server?.stop()
    folder.remove()
  })

  /** Active in the window, and there to be read by its id afterwards. */
  const raised = ({ record, condition }: Case) =>
    (active.get(record) ?? []).some(({ alert }) =>
      (alerts.get(record) ?? []).some(stored => stored.id === alert && stored.condition === condition),
    )

  it.skipIf(!present)(`raises the matching condition in at least 90 % of the true alarms, within 4:45 to 5:00${suffix}`, () => {
    const trueOnes = cases.filter(({ isTrue }) => isTrue)
    const missed = trueOnes.filter(one => !raised(one)).map(({ record }) => record)
    printFigures('cinc2015, true', [`${trueOnes.length - missed.length} of ${trueOnes.length}; missed: ${missed.join(', ')}`])
    expect(trueOnes.length).toBe(24)
    expect(missed.length, missed.join(', ')).toBeLessThanOrEqual(0.1 * trueOnes.length)
  })

  it.skipIf(!present)(`raises it in at most half of the false ones${suffix}`, () => {
    const falseOnes = cases.filter(({ isTrue }) => !isTrue)
    const wrong = falseOnes.filter(raised).map(({ record }) => record)
    printFigures('cinc2015, false', [`${wrong.length} of ${falseOnes.length}: ${wrong.join(', ')}`])
    expect(falseOnes.length).toBe(20)
    expect(wrong.length, wrong.join(', ')).toBeLessThanOrEqual(0.5 * falseOnes.length)
  })

  it.skipIf(!present)(`every alert of a signal leads back to the samples that caused it${suffix}`, () => {
    const hours = (cases.length * window.from) / 3600
    for (const [record, list] of alerts) {
      for (const { condition, evidence } of list) {
        if (!condition.startsWith('news2')) expect(evidence, `${record} ${condition}`).not.toBeNull()
      }
    }
    printFigures('cinc2015, alerts per hour of signal up to 4:45', [
      `${hours.toFixed(2)} h`,
      ...[...counts].sort().map(([key, count]) => `| ${key} | ${count} | ${(count / hours).toFixed(1)} |`),
    ])
    expect(counts.size).toBeGreaterThan(0)
  })
})
