import { rmSync, writeFileSync } from 'node:fs'
import { mkdtemp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { beatsSuite } from '../../src/evaluate/suites/beats.js'
import { quietContext, smallRequest, writeSmallDatabase } from './small-database.js'

let folder = ''
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'vitalwire-program-'))
  await writeSmallDatabase(folder)
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

/** Runs a program that does `body` with each frame: `say(frame)` answers, `state` is kept. */
function evaluate(name: string, body: string, timeoutSeconds = 20) {
  const file = path.join(folder, `${name}.mjs`)
  writeFileSync(
    file,
    `import { createInterface } from 'node:readline'
const say = frame => process.stdout.write(JSON.stringify(frame) + '\\n')
const state = {}
for await (const line of createInterface({ input: process.stdin })) {
  const frame = JSON.parse(line)
  ${body}
}`,
  )
  const test = { kind: 'program', command: `exec '${process.execPath}' '${file}'`, timeoutSeconds } as const
  return beatsSuite.run(smallRequest(folder, { test }), quietContext)
}

/** A beat where the signal is higher than 0.6 mV and falls. */
const detector = `
  if (frame.type === 'start') Object.assign(state, { before: 0, up: false, seen: frame })
  if (frame.type === 'samples') frame.values[0].forEach((value, k) => {
    if (state.up && value < state.before) { say({ type: 'beat', sample: frame.start + k - 1, class: 'N', decided: frame.start + k }); state.up = false }
    else if (value > 0.6 && value > state.before) state.up = true
    state.before = value
  })
  if (frame.type === 'end') say({ type: 'done', cpuSeconds: 0.5 })`

describe('a program over standard input and output', () => {
  it('is scored as a stage is, with latency by its own word and CPU time', async () => {
    const { document } = await evaluate('good', detector)
    const gross = document.gross as { fn: number; se: number }
    expect(gross.fn).toBe(0)
    expect(document.records).toHaveLength(2)
    const latency = document.latencyMs as { p50: number; p99: number }
    expect(latency.p50).toBeGreaterThan(0)
    expect(latency.p99).toBeLessThanOrEqual(48)
    expect(document.cpuSecondsPerSignalHour).toBeCloseTo((2 * 0.5 * 3600) / 240, 3)
  })

  it('may end after each record and is started anew', async () => {
    const { document } = await evaluate('once', `${detector}\nif (frame.type === 'end') process.exit(0)`)
    expect(document.records).toHaveLength(2)
  })

  it('may end a while after each record, when the next one is begun already', async () => {
    const leave = `if (frame.type === 'end') { await new Promise(resolve => setTimeout(resolve, 300)); process.exit(0) }`
    const { document } = await evaluate('late', `${detector}\n${leave}`)
    expect(document.records).toHaveLength(2)
    expect((document.gross as { fn: number }).fn).toBe(0)
  })

  it('that ends with an error after a record is told', async () => {
    await expect(evaluate('wrong-end', `${detector}\nif (frame.type === 'end') process.exit(4)`)).rejects.toMatchObject({
      code: 'detector-failed',
      message: expect.stringMatching(/ended with exit code 4/) as string,
    })
  })

  it('gets rate, channels, unit, and every sample once', async () => {
    const check = `
  if (frame.type === 'start') { if (frame.fs !== 250 || frame.unit !== 'mV' || frame.channels[0] !== 'II' || frame.protocol !== 1) process.exit(7); state.next = 0 }
  if (frame.type === 'samples') { if (frame.start !== state.next) process.exit(8); state.next += frame.values[0].length }
  if (frame.type === 'end') { if (state.next !== 30000) process.exit(9); say({ type: 'done' }) }`
    const { document } = await evaluate('check', check)
    expect(document.gross).toMatchObject({ tp: 0, fp: 0 })
    expect(document.latencyMs).toBeNull()
  })

  it.each([
    [
      'ends',
      `if (frame.type === 'samples') { console.error('out of coffee'); process.exit(5) }`,
      /record r1: ended with exit code 5; its standard error ends with: out of coffee/,
    ],
    [
      'says what is no JSON',
      `if (frame.type === 'start') process.stdout.write('hello\\n')`,
      /line 1 of its output: hello is no JSON object/,
    ],
    ['says a frame of another type', `if (frame.type === 'start') say({ type: 'pulse' })`, /type "pulse"; accepted: beat, done/],
    [
      'says a beat outside the record',
      `if (frame.type === 'start') say({ type: 'beat', sample: 1e9 })`,
      /sample is accepted from 0 to below 30000/,
    ],
    [
      'says a class that there is none of',
      `if (frame.type === 'start') say({ type: 'beat', sample: 5, class: 'Z' })`,
      /class is accepted as one of N S V F Q/,
    ],
    [
      'says a decision before the record',
      `if (frame.type === 'start') say({ type: 'beat', sample: 5, decided: -1 })`,
      /decided is accepted/,
    ],
  ])('that %s is told with program, record and line', async (name, body, message) => {
    await expect(evaluate(name.replaceAll(' ', '-'), body)).rejects.toMatchObject({
      code: 'detector-failed',
      exitCode: 3,
      message: expect.stringMatching(message) as string,
    })
  })

  it('that writes without end is ended', async () => {
    const test = { kind: 'program', command: `exec yes '{"type":"beat","sample":5}'`, timeoutSeconds: 20 } as const
    await expect(beatsSuite.run(smallRequest(folder, { test }), quietContext)).rejects.toMatchObject({
      code: 'detector-failed',
      message: expect.stringMatching(/wrote more than 1000000 lines for one record/) as string,
    })
  })

  it('that never is done is ended after its time', async () => {
    await expect(evaluate('silent', 'void frame', 0.5)).rejects.toMatchObject({
      code: 'detector-failed',
      message: expect.stringMatching(/said nothing for 0.5 s/) as string,
    })
  })

  it('that reads nothing is ended after its time', async () => {
    const test = { kind: 'program', command: 'exec sleep 30', timeoutSeconds: 0.5 } as const
    await expect(beatsSuite.run(smallRequest(folder, { test }), quietContext)).rejects.toMatchObject({
      code: 'detector-failed',
      message: expect.stringMatching(/nothing for 0.5 s/) as string,
    })
  })

  it('that is not there is told', async () => {
    const test = { kind: 'program', command: '/nowhere/no-program', timeoutSeconds: 5 } as const
    await expect(beatsSuite.run(smallRequest(folder, { test }), quietContext)).rejects.toMatchObject({
      code: 'detector-failed',
      message: expect.stringMatching(/ended with exit code 127/) as string,
    })
  })
})
