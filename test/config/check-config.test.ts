import { describe, expect, it } from 'vitest'
import { checkConfig, defaultConfig, isLoopback, parseConfig, printConfig } from '../../src/config/check-config.js'
import type { Problem } from '../../src/config/problem.js'
import { VitalwireError } from '../../src/errors.js'

function problemsOf(value: unknown): readonly Problem[] {
  const checked = checkConfig(typeof value === 'string' ? value : JSON.stringify(value))
  return checked.ok ? [] : checked.problems
}

const pathsOf = (value: unknown) => problemsOf(value).map(problem => problem.path)

describe('the server configuration', () => {
  it('has a default for every option, frozen to the last', () => {
    const config = defaultConfig()
    expect(config).toMatchObject({ assign: 'manual', snapshotIntervalSeconds: 60, broker: { url: null, host: '127.0.0.1', port: null } })
    expect(config).toMatchObject({ http: { host: '127.0.0.1', port: null, tls: { certFile: null } }, store: { kind: 'embedded' } })
    expect([config, config.broker, config.broker.tls, config.http, config.http.tls, config.store].every(Object.isFrozen)).toBe(true)
  })

  it('prints what it reads', () => {
    const config = parseConfig('{"workers": 3, "http": {"port": 9000}}', 'vw.json')
    expect(parseConfig(printConfig(config), 'printed')).toEqual(config)
    expect(config.workers).toBe(3)
  })

  it('finds every mistake at once, each with its place, its value and what is accepted', () => {
    const problems = problemsOf({
      workers: 0,
      assing: 'auto',
      http: { port: 70000, host: 5 },
      broker: { tls: { certfile: 'x' } },
      store: { kind: 'influx-v3' },
    })
    expect(problems.map(problem => problem.path).sort()).toEqual([
      'assing',
      'broker.tls.certfile',
      'http.host',
      'http.port',
      'store.kind',
      'workers',
    ])
    const of = (path: string) => problems.find(problem => problem.path === path)
    expect(of('http.port')).toMatchObject({ value: '70000' })
    expect(of('http.port')?.accepted).toContain('a whole number from 1 to 65535 or null')
    expect(of('store.kind')?.accepted).toContain('"embedded" or "influx-v1" or "influx-v2"')
    expect(of('assing')?.accepted).toContain('did you mean assign?')
    expect(of('broker.tls.certfile')?.accepted).toContain('did you mean certFile?')
  })

  it.each([
    ['http on all addresses, bare', { http: { host: '0.0.0.0' } }, ['http.tls.certFile', 'http.tokenEnv']],
    ['embedded broker on all addresses, bare', { broker: { host: '0.0.0.0' } }, ['broker.tls.certFile', 'broker.passwordEnv']],
    ['a certificate without its key', { http: { tls: { certFile: 'a.pem' } } }, ['http.tls.keyFile']],
    ['a key without its certificate', { broker: { tls: { keyFile: 'a.key' } } }, ['broker.tls.certFile']],
    ['influx-v1 without address and database', { store: { kind: 'influx-v1' } }, ['store.url', 'store.database']],
    ['influx-v2 with only an address', { store: { kind: 'influx-v2', url: 'http://h' } }, ['store.org', 'store.bucket', 'store.tokenEnv']],
    ['an address for the embedded store', { store: { url: 'http://h' } }, ['store.url']],
    ['a broker address of the wrong kind', { broker: { url: 'http://h' } }, ['broker.url']],
    ['a password in an address', { broker: { url: 'mqtt://u:secret@h' } }, ['broker.url']],
    ['a port beside a broker address', { broker: { url: 'mqtt://h', port: 1883 } }, ['broker.port']],
    ['a whole number with a fraction', { workers: 1.5 }, ['workers']],
    ['a section that is no object', { http: [] }, ['http']],
  ])('refuses %s', (_name, value, paths) => {
    expect(pathsOf(value)).toEqual(paths)
  })

  it('does not repeat a password that it refuses', () => {
    expect(JSON.stringify(problemsOf({ broker: { url: 'mqtt://u:secret@h' } }))).not.toContain('secret')
  })

  it.each([
    [
      'an outside broker',
      { broker: { url: 'mqtts://broker.example:8883', user: 'u', passwordEnv: 'VW_PASSWORD', tls: { caFile: 'ca.pem' } } },
    ],
    ['HTTP with TLS and token', { http: { host: '10.0.0.5', tokenEnv: 'VW_TOKEN', tls: { certFile: 'a.pem', keyFile: 'a.key' } } }],
    ['influx-v1', { store: { kind: 'influx-v1', url: 'http://localhost:8086', database: 'vw' } }],
    ['influx-v2', { store: { kind: 'influx-v2', url: 'https://h', org: 'o', bucket: 'b', tokenEnv: 'T' } }],
  ])('accepts %s', (_name, value) => expect(pathsOf(value)).toEqual([]))

  it.each(['', '{', '[]', '3', 'null', '{"a": }'])('refuses the text %j as a whole', text => {
    expect(problemsOf(text)).toMatchObject([{ path: '', accepted: 'one JSON object' }])
  })

  it('throws one error with a line for each mistake, with the file in front', () => {
    const wrong = () => parseConfig('{"workers": 0, "x": 1}', 'vw.json')
    expect(wrong).toThrow(VitalwireError)
    try {
      wrong()
    } catch (error) {
      expect(error).toMatchObject({ code: 'usage-config', exitCode: 2 })
      expect(String((error as Error).message).split('\n')).toHaveLength(2)
      expect((error as Error).message).toContain('vw.json: workers: 0 is not accepted; accepted: a whole number from 1 to 64 or null')
    }
  })

  it('tells loopback from other addresses', () => {
    expect(['127.0.0.1', '127.8.9.1', '::1', 'localhost'].every(isLoopback)).toBe(true)
    expect(['0.0.0.0', '::', '10.0.0.1', '127.0.0.1.example', 'localhost.example'].some(isLoopback)).toBe(false)
  })
})
