import { once } from 'node:events'
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:net'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { RunningCommand } from '../support/running-command.js'
import { type CommandResult, freePort, RunningServer, runCommand, scratchFolder } from '../support/running-server.js'
import { writeSmallRecording } from '../support/small-recording.js'

/** Bad input to every command: one clear line on standard error, the right exit code, nothing lost, never a stack. */
const scratch = scratchFolder('commands')
const at = (...parts: string[]) => path.join(scratch.path, ...parts)
let record = ''

beforeAll(async () => {
  record = await writeSmallRecording(scratch.path)
  const header = readFileSync(`${record}.hea`, 'utf8')
  const named = (name: string) => header.replaceAll('small', name)
  writeFileSync(at('short.hea'), named('short'))
  cpSync(`${record}.dat`, at('short.dat'))
  truncateSync(at('short.dat'), 1000)
  writeFileSync(at('lone.hea'), named('lone'))
  writeFileSync(at('text.hea'), 'dear diary\n')
  writeFileSync(at('text.csv'), 'dear,diary\n')
  writeFileSync(at('text.recording.json'), 'dear diary')
  writeFileSync(at('letter.txt'), 'dear diary\n')
  writeFileSync(at('config.json'), '{"http": {"port": 70000}, "brokr": {}, "workers": "two"}')
  writeFileSync(at('broken.json'), '{"http": ')
  writeFileSync(at('lean.json'), JSON.stringify({ limitsFile: at('limits.json'), attributesFile: at('nowhere.json') }))
  writeFileSync(at('limits.json'), '{"heart-rate-hihg": 100, "spo2-low": "low"}')
  writeFileSync(at('attributes.json'), '{"ageYears": 400}')
  writeFileSync(at('curves.json'), '{"curves": {"clip": {}}}')
  writeFileSync(at('outside.json'), '{"http": {"host": "0.0.0.0"}}')
  mkdirSync(at('empty'))
})
afterAll(scratch.remove)

/** What every refusal has in common. */
function expectRefusal(result: CommandResult, exit: number, pattern: RegExp, lines = 1): void {
  expect(result.stderr).toMatch(pattern)
  expect([result.code, result.stdout]).toEqual([exit, ''])
  const said = result.stderr.trimEnd().split('\n')
  expect(said).toHaveLength(lines)
  for (const line of said) expect(line).toMatch(/^vitalwire: .* \[[a-z-]+\]$/)
  expect(result.stderr).not.toMatch(/\n\s+at |node:internal/)
}

type Row = readonly [what: string, args: () => string[], exit: 2 | 3, pattern: RegExp, lines?: number]

const dead = 'mqtt://127.0.0.1:9'
const rows: readonly Row[] = [
  ['an unknown command', () => ['frobnicate'], 2, /unknown command 'frobnicate'.*vitalwire --help.*\[usage-option\]/],
  ...['serve', 'replay', 'simulate', 'analyze', 'datasets', 'config', 'audit'].map(
    command => [`an unknown option of ${command}`, () => [command, '--frob'], 2, /unknown (option '--frob'|command)/] as Row,
  ),
  ['analyze without a recording', () => ['analyze'], 2, /missing required argument 'record'/],
  ['replay without a recording', () => ['replay'], 2, /missing required argument 'record'/],
  ...['analyze', 'replay'].flatMap(command => {
    const broker = command === 'replay' ? ['--broker', dead] : []
    const row = (what: string, args: () => string[], exit: 2 | 3, pattern: RegExp): Row => [
      `${command}: ${what}`,
      () => [command, ...broker, ...args()],
      exit,
      pattern,
    ]
    return [
      row('a missing WFDB record', () => [at('nobody')], 3, /nobody\.hea is not there.*\[recording-missing\]/),
      row('a missing CSV file', () => [at('nobody.csv')], 3, /nobody\.csv is not there.*\[recording-missing\]/),
      row('a missing session', () => [at('nobody.recording.json')], 3, /nobody\.recording\.json is not there.*\[recording-missing\]/),
      row('a text as WFDB header', () => [at('text')], 3, /text\.hea has the record line "dear diary"; accepted.*\[recording-format\]/),
      row('a text as CSV', () => [at('text.csv')], 3, /text\.csv.*accepted.*\[recording-format\]/),
      row('a text as session', () => [at('text.recording.json')], 3, /text\.recording\.json.*\[recording-format\]/),
      row('another format', () => [at('letter.txt')], 3, /letter\.txt is not a recording.*accepted.*\[recording-format\]/),
      row(
        'a truncated signal file',
        () => [at('short')],
        3,
        /short\.dat is shorter.*expected 60000 bytes, found 1000 bytes.*\[recording-short\]/,
      ),
      row('no signal file', () => [at('lone')], 3, /lone\.dat is not there.*60000 bytes.*0 bytes.*\[recording-missing\]/),
      row('an unknown channel', () => [record, '--channels', 'V7'], 2, /channel V7 is not in small; accepted are 0 \(RESP\), 1 \(II\)/),
      row('a start after the end', () => [record, '--from', '90'], 2, /from 90 s.*accepted.*\[usage-option\]/),
      row('a start that is no number', () => [record, '--from', 'noon'], 2, /--from \(seconds\): "noon" is not accepted/),
      row('an end before the start', () => [record, '--from', '5', '--to', '2'], 2, /from 5 s to 2 s.*accepted/),
      row('a chunk too long', () => [record, '--chunk', '9'], 2, /--chunk \(seconds\): "9".*0\.25 to 2/),
    ]
  }),
  [
    'analyze: missing limits',
    () => ['analyze', record, '--limits', at('nowhere.json')],
    2,
    /limits file .*nowhere\.json is not there.*\[usage-config\]/,
  ],
  [
    'analyze: every mistake in two files',
    () => ['analyze', record, '--limits', at('limits.json'), '--attributes', at('attributes.json')],
    2,
    /heart-rate-hihg[\s\S]*spo2-low[\s\S]*ageYears: 400/,
    3,
  ],
  [
    'analyze: a curve of an oximeter that is none',
    () => ['analyze', record, '--calibrations', at('curves.json')],
    2,
    /curves\.json: curves\.clip\.knots: nothing is not accepted; accepted: a list.*\[usage-config\]/,
  ],
  [
    'analyze: an averaging that there is not',
    () => ['analyze', record, '--averaging', '5'],
    2,
    /--averaging \(seconds\): "5" is not accepted; accepted: 4, 8, 16 \[usage-option\]/,
  ],
  [
    'analyze: a folder that is a file',
    () => ['analyze', record, '--annotate', at('letter.txt')],
    3,
    /letter\.txt cannot be written to.*\[disk-write\]/,
  ],
  [
    'analyze: no folder for the report',
    () => ['analyze', record, '--report', at('no', 'r.html')],
    3,
    /folder .*no cannot be written to.*\[disk-write\]/,
  ],
  ['analyze: one report of two', () => ['analyze', record, record, '--report', at('r.html')], 2, /--report takes one recording/],
  [
    'replay: broker down',
    () => ['replay', record, '--broker', dead, '--patience', '0.3'],
    3,
    /no connection for device small to mqtt:\/\/127\.0\.0\.1:9: .*ECONNREFUSED.*\[network-broker\]/,
  ],
  ['replay: not an MQTT address', () => ['replay', record, '--broker', 'http://127.0.0.1:9'], 2, /broker address http.*accepted is mqtt:/],
  ['replay: a bad speed', () => ['replay', record, '--speed', 'fast'], 2, /--speed.*"fast" is not accepted.*0\.01 to 1000000/],
  ['replay: a bad device', () => ['replay', record, '--device', 'Bed 3'], 2, /device id "Bed 3"; accepted/],
  ['replay: one device for two', () => ['replay', record, record, '--device', 'bed-3'], 2, /--device names one device/],
  ['replay: the same device twice', () => ['replay', record, record, '--broker', dead], 2, /device id small is there twice/],
  ['replay: a patient without an engine', () => ['replay', record, '--patient', 'p'], 2, /--patient needs --engine/],
  ['replay: not an engine', () => ['replay', record, '--engine', 'bed 3', '--patient', 'p'], 2, /--engine bed 3 is not accepted/],
  [
    'replay: engine down',
    () => ['replay', record, '--engine', 'http://127.0.0.1:9', '--patient', 'p'],
    3,
    /engine http:\/\/127\.0\.0\.1:9 cannot be reached.*\[network-http\]/,
  ],
  [
    'replay: no such password',
    () => ['replay', record, '--password-env', 'NO_SUCH_THING'],
    2,
    /NO_SUCH_THING: no such environment variable/,
  ],
  ['replay: no such certificates', () => ['replay', record, '--ca', at('no.pem')], 2, /--ca .*no\.pem cannot be read/],
  [
    'simulate: broker down',
    () => ['simulate', '--broker', dead, '--patience', '0.3'],
    3,
    /no connection for device sim-001.*\[network-broker\]/,
  ],
  ['simulate: an unknown scenario', () => ['simulate', '--scenario', 'party'], 2, /scenario party; accepted are mixed, stable/],
  ['simulate: no patients', () => ['simulate', '--patients', '0'], 2, /--patients: "0".*1 to 10000/],
  ['simulate: half a seed', () => ['simulate', '--seed', '0.5'], 2, /--seed: "0\.5".*whole number/],
  [
    'serve: missing configuration',
    () => ['serve', '--config', at('nowhere.json')],
    2,
    /configuration file .*nowhere\.json is not there.*\[usage-config\]/,
  ],
  [
    'serve: every mistake of a configuration',
    () => ['serve', '--config', at('config.json')],
    2,
    /brokr[\s\S]*workers[\s\S]*http\.port: 70000/,
    3,
  ],
  ['serve: a configuration that is no JSON', () => ['serve', '--config', at('broken.json')], 2, /broken\.json.*\[usage-config\]/],
  [
    'serve: an open address without TLS and token',
    () => ['serve', '--config', at('outside.json')],
    2,
    /http\.tls\.certFile[\s\S]*http\.tokenEnv/,
    2,
  ],
  ['serve: no workers', () => ['serve', '--workers', '0'], 2, /--workers: "0".*1 to 64/],
  ['serve: an unknown way to assign', () => ['serve', '--assign', 'maybe'], 2, /--assign maybe is not accepted; accepted: auto, manual/],
  [
    'serve: a data folder that is a file',
    () => ['serve', '--data', at('letter.txt')],
    3,
    /data folder .*letter\.txt cannot be made.*\[disk-write\]/,
  ],
  [
    'serve: a data folder that cannot be made',
    () => ['serve', '--data', '/dev/null/vitalwire'],
    3,
    /data folder \/dev\/null\/vitalwire cannot be made.*\[disk-write\]/,
  ],
  ['config check: missing file', () => ['config', 'check', at('nowhere.json')], 2, /nowhere\.json is not there/],
  ['config check: every mistake', () => ['config', 'check', at('config.json')], 2, /brokr[\s\S]*workers[\s\S]*http\.port/, 3],
  [
    'config check: mistakes in the files it names',
    () => ['config', 'check', at('lean.json')],
    2,
    /heart-rate-hihg[\s\S]*spo2-low[\s\S]*nowhere\.json/,
    3,
  ],
  ['config print: every mistake', () => ['config', 'print', at('config.json')], 2, /brokr[\s\S]*workers[\s\S]*http\.port/, 3],
  ['audit verify: no folder', () => ['audit', 'verify', at('nowhere')], 3, /no audit trail in .*nowhere.*\[disk-format\]/],
  ['audit verify: a folder of something else', () => ['audit', 'verify', at('empty')], 3, /no audit trail in .*empty.*\[disk-format\]/],
  ['audit export: no folder', () => ['audit', 'export', at('nowhere')], 3, /no audit trail/],
  ['datasets get: an unknown set', () => ['datasets', 'get', 'mitbd'], 2, /no data set "mitbd"; accepted: .*mitdb/],
  ['datasets check: an unknown set', () => ['datasets', 'check', 'mitbd'], 2, /no data set "mitbd"; accepted: .*mitdb/],
  ['datasets get: not a web address', () => ['datasets', 'get', 'cudb', '--from', 'ftp://x'], 2, /--from ftp:\/\/x is not accepted/],
]

describe.concurrent('bad input', () => {
  it.each(rows.map(row => ({ what: row[0], row })))('$what', async ({ row: [, args, exit, pattern, lines] }) => {
    expectRefusal(await runCommand(args()), exit, pattern, lines)
  })

  it.each(['analyze', 'serve'])('%s: a kernel that is not there', async command => {
    const args = command === 'analyze' ? [command, record] : [command, '--data', at('kernel')]
    const result = await runCommand(args, { env: { VITALWIRE_KERNEL: 'magic' } })
    expectRefusal(result, 2, /"magic" is not available here; accepted: reference.*\[usage-option\]/)
  })

  it('datasets get: a set that is not to be had is exit 3 and leaves no folder', async () => {
    const root = at('sets')
    const result = await runCommand(['datasets', 'get', 'cudb', '--from', 'http://127.0.0.1:9'], { env: { VITALWIRE_DATASETS: root } })
    expectRefusal(result, 3, /could not be fetched.*\[network-http\]/)
  })

  it('datasets check: a set that is not at hand is exit 3', async () => {
    const result = await runCommand(['datasets', 'check', 'cudb'], { env: { VITALWIRE_DATASETS: at('empty') } })
    expectRefusal(result, 3, /dataset cudb is not at hand.*\[dataset-missing\]/)
  })

  it('a stack comes with --debug only', async () => {
    const result = await runCommand(['analyze', at('nobody'), '--debug'])
    expect(result.stderr).toMatch(/^vitalwire: .*\[recording-missing\]\nVitalwireError: .*\n\s+at /)
  })
})

describe('ports', () => {
  const servers: Server[] = []
  afterAll(() => {
    for (const server of servers) server.close()
  })

  async function occupy(port: number): Promise<number> {
    const server = createServer()
    server.listen(port, '127.0.0.1')
    await once(server, 'listening')
    servers.push(server)
    return (server.address() as { port: number }).port
  }

  it.each(['broker', 'http'])('a configured port of %s that is taken is exit 3', async part => {
    const taken = await occupy(0)
    const config = at(`taken-${part}.json`)
    const ports = { broker: { port: await freePort() }, http: { port: await freePort() } }
    writeFileSync(config, JSON.stringify({ ...ports, [part]: { port: taken } }))
    const result = await runCommand(['serve', '--config', config, '--data', at(`taken-${part}`)])
    expectRefusal(result, 3, new RegExp(`${taken}.*(is taken|already in use).*\\[network-port\\]`))
  })

  it('serve takes the next free ports when the default ones are taken, prints them and nothing else, and ends with 0', async () => {
    // Taken by this test, or by somebody else already.
    for (const port of [1883, 8080]) await occupy(port).catch(() => port)
    const serve = new RunningCommand(['serve'], { XDG_DATA_HOME: at('home') })
    while (!/^http/m.test(serve.stdout)) await new Promise(resolve => setTimeout(resolve, 20))
    expect(existsSync(at('home', 'vitalwire', 'format.json'))).toBe(true)
    // Twice at once, as Ctrl-C does under `npm start`: from the terminal and from the parent
    // (two kinds, as equal signals may arrive as one).
    serve.signal('SIGINT')
    serve.signal('SIGTERM')
    const { code, stdout, stderr } = await serve.ended()
    const [, mqtt, http] = /^mqtt:\/\/127\.0\.0\.1:(\d+)\nhttp:\/\/127\.0\.0\.1:(\d+)\n$/.exec(stdout) ?? []
    expect([Number(mqtt) > 1883, Number(http) > 8080, code]).toEqual([true, true, 0])
    expect(stderr).toMatch(/version \S+, kernel (native \((sse2|avx2|avx512)\)|wasm \(wasm-simd128\)|reference \(typescript\))/)
    expect(stderr).toContain('Not a medical device')
    expect(stderr).not.toMatch(/(mqtt|http):\/\/|\n\s+at /)
  })

  it('serve --json prints the addresses as one document', async () => {
    const serve = new RunningCommand(['serve', '--json', '--data', at('json')])
    while (!serve.stdout.includes('\n')) await new Promise(resolve => setTimeout(resolve, 20))
    serve.signal('SIGTERM')
    const { code, stdout } = await serve.ended()
    expect(code).toBe(0)
    expect(JSON.parse(stdout)).toEqual({ mqtt: expect.stringMatching(/^mqtt:/), http: expect.stringMatching(/^http:/) })
  })

  it('serve with an outside broker that is down is exit 3', async () => {
    const config = at('outside-broker.json')
    writeFileSync(config, JSON.stringify({ broker: { url: dead }, http: { port: await freePort() } }))
    const result = await runCommand(['serve', '--config', config, '--data', at('outside-broker')])
    expectRefusal(result, 3, /127\.0\.0\.1:9.*\[network-broker\]/)
  })
})

describe('Ctrl-C', () => {
  let server: RunningServer
  beforeAll(async () => {
    mkdirSync(at('interrupt'))
    server = await RunningServer.start(at('interrupt'))
  })
  afterAll(async () => {
    expect(await server.stop()).toBe(0)
    expect(server.stderr).not.toMatch(/\n\s+at /)
  })

  it('ends a replay before its end with 130 and a line that says so', async () => {
    const replay = new RunningCommand(['replay', record, '--broker', server.mqtt, '--json'])
    while ((await devices(server)) === 0) await new Promise(resolve => setTimeout(resolve, 50))
    replay.signal('SIGINT')
    const { code, stdout, stderr } = await replay.ended()
    expect([code, stderr]).toEqual([130, 'vitalwire: stopped before it was done\n'])
    expect(JSON.parse(stdout)).toMatchObject({ record: 'small', device: 'small', eventHash: null, outcome: 'stopped' })
  })

  it('ends a simulation without an end with 0', async () => {
    const before = await devices(server)
    const simulate = new RunningCommand(['simulate', '--broker', server.mqtt])
    while ((await devices(server)) === before) await new Promise(resolve => setTimeout(resolve, 50))
    simulate.signal('SIGINT')
    const { code, stderr } = await simulate.ended()
    expect([code, stderr]).toEqual([0, ''])
  })

  it('loses nothing that was acknowledged: the next replay closes with the hash of the recording', async () => {
    const { stdout } = await runCommand(['analyze', record, '--json'])
    const { eventHash, eventCount } = JSON.parse(stdout) as { eventHash: string; eventCount: number }
    const args = ['replay', record, '--broker', server.mqtt, '--engine', server.http, '--speed', 'max', '--json']
    const replay = await runCommand(args)
    expect([replay.code, replay.stderr]).toEqual([0, ''])
    const line = JSON.parse(replay.stdout) as { patient: string }
    expect(line).toMatchObject({ record: 'small', device: 'small', eventHash, eventCount })
    expect(line.patient).toMatch(/.+/)
  })
})

async function devices(server: RunningServer): Promise<number> {
  return ((await server.get('/api/v1/health')) as { devices: number }).devices
}

describe('data folder', () => {
  let server: RunningServer
  let eventHash = ''

  /** A data folder with a session in it. */
  beforeAll(async () => {
    mkdirSync(at('kept'))
    server = await RunningServer.start(at('kept'), { config: { workers: 1 } })
    const replay = await runCommand(['replay', record, '--broker', server.mqtt, '--speed', 'max', '--json'])
    eventHash = (JSON.parse(replay.stdout) as { eventHash: string }).eventHash
  })
  afterAll(() => server.stop())

  const config = async (name: string) => {
    const file = at(`${name}.config.json`)
    writeFileSync(file, JSON.stringify({ broker: { port: await freePort() }, http: { port: await freePort() }, workers: 1 }))
    return file
  }

  it('in use by another engine is exit 3, and that one goes on', async () => {
    const result = await runCommand(['serve', '--config', await config('second'), '--data', at('kept', 'data')])
    expectRefusal(result, 3, new RegExp(`in use by the engine with process id ${server.pid};.*\\[disk-write\\]`))
    expect(await server.get('/api/v1/health')).toMatchObject({ status: 'ok' })
  })

  const patch = (change: (bytes: Buffer) => void) => (bytes: Buffer) => {
    const copy = Buffer.from(bytes)
    change(copy)
    return copy
  }
  const formats: readonly [string, RegExp, (bytes: Buffer) => Buffer][] = [
    ['.', /^format\.json$/, bytes => Buffer.from(bytes.toString().replace(/"version": ?1/, '"version":99'))],
    ['journal', /\.vwj$/, patch(bytes => bytes.writeUInt16LE(99, 4))],
    ['events', /\.vwe$/, patch(bytes => bytes.writeUInt16LE(99, 4))],
    ['snapshots', /./, patch(bytes => bytes.writeUInt16LE(99, 4))],
    // `user_version` in the header of an SQLite file.
    ['store', /\.sqlite$/, patch(bytes => bytes.writeUInt32BE(99, 60))],
  ]

  it.each(formats)('of another format version in %s is exit 3, and nothing is changed', async (folder, name, change) => {
    await server.stop()
    const copy = at(`format-${folder === '.' ? 'whole' : folder}`)
    cpSync(at('kept', 'data'), copy, { recursive: true })
    // As after a crash: the index that a clean stop leaves speaks for the whole segment.
    for (const kind of ['journal', 'events']) {
      for (const entry of readdirSync(path.join(copy, kind))) if (entry.endsWith('.idx')) rmSync(path.join(copy, kind, entry))
    }
    const file = path.join(copy, folder, readdirSync(path.join(copy, folder)).find(entry => name.test(entry))!)
    const good = readFileSync(file)
    const bad = change(good)
    expect(bad.equals(good)).toBe(false)
    writeFileSync(file, bad)
    const result = await runCommand(['serve', '--config', await config(folder === '.' ? 'whole' : folder), '--data', copy])
    expectRefusal(result, 3, /99.*\[disk-format\]/)
    expect(readFileSync(file).equals(bad)).toBe(true)
  })

  it('still has its session afterwards', async () => {
    await server.stop()
    await server.launch()
    const { sessions } = (await server.get('/api/v1/sessions')) as { sessions: { eventHash: string }[] }
    expect(sessions.map(session => session.eventHash)).toEqual([eventHash])
  })
})

describe('full disk', () => {
  it('serve says it in one line, acknowledges nothing more, and has everything once there is room', async () => {
    const { stdout } = await runCommand(['analyze', record, '--json'])
    const { eventHash } = JSON.parse(stdout) as { eventHash: string }
    mkdirSync(at('full'))
    const server = await RunningServer.start(at('full'), { config: { workers: 1 }, fileBlocks: 96 })
    const replay = new RunningCommand(['replay', record, '--broker', server.mqtt, '--speed', 'max', '--chunk', '0.25', '--json'])
    try {
      await server.said(/cannot write/)
      expect(server.stderr.match(/cannot write/g)).toHaveLength(1)
      expect(server.stderr).toMatch(
        /^vitalwire: worker 0 cannot write: .*EFBIG.* is not acknowledged until it can be kept \[disk-write\]$/m,
      )
      expect(await server.get('/api/v1/health')).toMatchObject({ status: 'degraded' })
      expect(replay.stdout).toBe('')
      server.makeRoom()
      await server.killAndRestart()
      const { code, stdout: line } = await replay.ended()
      expect(code).toBe(0)
      expect(JSON.parse(line)).toMatchObject({ outcome: 'closed', eventHash })
      expect(server.stderr).not.toMatch(/\n\s+at /)
    } finally {
      replay.signal('SIGKILL')
      await server.stop()
    }
  })
})
