import { fillSchema } from './fill-schema.js'
import { type Checked, configError, makeProblem, type Problem } from './problem.js'
import { readJsonObject } from './read-json.js'
import { type ServerConfig, serverConfigSchema } from './server-config.js'

/** The configuration of `serve` from a JSON text, frozen, or every mistake in it at once. Touches no file and no network. */
export function checkConfig(text: string): Checked<'config', ServerConfig> {
  const read = readJsonObject(text)
  if ('problem' in read) return { ok: false, problems: [read.problem] }
  const problems: Problem[] = []
  const config = fillSchema(serverConfigSchema, read.value, problems) as ServerConfig
  problems.push(...checkBroker(config), ...checkHttp(config), ...checkStore(config))
  const seen = new Set<string>()
  const distinct = problems.filter(({ path }) => !seen.has(path) && seen.add(path))
  return distinct.length === 0 ? { ok: true, config: freezeDeep(config) } : { ok: false, problems: distinct }
}

/** As `checkConfig`, for a caller that goes on only without mistakes. `file` is named in the error. */
export function parseConfig(text: string, file: string): ServerConfig {
  const checked = checkConfig(text)
  if (!checked.ok) throw configError(file, checked.problems)
  return checked.config
}

/** What `serve` runs with when no file is given. */
export function defaultConfig(): ServerConfig {
  return parseConfig('{}', 'the default configuration')
}

/** The whole configuration with every default, as `config print` shows it. It holds no secret. */
export function printConfig(config: ServerConfig): string {
  return `${JSON.stringify(config, null, 2)}\n`
}

function checkBroker({ broker }: ServerConfig): readonly Problem[] {
  const problems: Problem[] = []
  if (broker.url === null) {
    if (broker.user !== null && broker.passwordEnv === null) {
      problems.push(makeProblem('broker.passwordEnv', null, 'the name of an environment variable, as broker.user is given'))
    }
    if (broker.tls.caFile !== null) {
      problems.push(makeProblem('broker.tls.caFile', broker.tls.caFile, 'null for the embedded broker; caFile is for an outside one'))
    }
    if (!isLoopback(broker.host)) problems.push(...exposed('broker', broker.tls.certFile, broker.passwordEnv, 'passwordEnv'))
  } else {
    problems.push(...checkUrl('broker.url', broker.url, ['mqtt:', 'mqtts:']))
    if (broker.port !== null) problems.push(makeProblem('broker.port', broker.port, 'null with broker.url, which has its own port'))
  }
  return [...problems, ...checkPair('broker.tls', broker.tls)]
}

function checkHttp({ http }: ServerConfig): readonly Problem[] {
  const problems = [...checkPair('http.tls', http.tls)]
  if (!isLoopback(http.host)) problems.push(...exposed('http', http.tls.certFile, http.tokenEnv, 'tokenEnv'))
  return problems
}

function checkStore({ store }: ServerConfig): readonly Problem[] {
  const of = {
    embedded: [],
    'influx-v1': ['url', 'database'],
    'influx-v2': ['url', 'org', 'bucket', 'tokenEnv'],
  } as const
  const optional = { embedded: [], 'influx-v1': ['user', 'passwordEnv'], 'influx-v2': [] } as const
  const problems: Problem[] = []
  const needed: readonly string[] = of[store.kind]
  const allowed: readonly string[] = [...needed, ...optional[store.kind]]
  for (const [key, value] of Object.entries(store)) {
    if (key === 'kind') continue
    if (needed.includes(key) && value === null) problems.push(makeProblem(`store.${key}`, null, `a value, as store.kind is ${store.kind}`))
    if (!allowed.includes(key) && value !== null) {
      problems.push(makeProblem(`store.${key}`, value, `null, as store.kind is ${store.kind}`))
    }
  }
  if (store.url !== null) problems.push(...checkUrl('store.url', store.url, ['http:', 'https:']))
  return problems
}

function checkUrl(path: string, value: string, protocols: readonly string[]): readonly Problem[] {
  const accepted = `an address that begins with ${protocols.map(protocol => `${protocol}//`).join(' or ')}, without user and password`
  if (!URL.canParse(value)) return [makeProblem(path, value, accepted)]
  const url = new URL(value)
  const whole = protocols.includes(url.protocol) && url.hostname !== ''
  if (url.username !== '' || url.password !== '') {
    return [makeProblem(path, `${url.protocol}//...@${url.host}`, `${accepted}; they have options of their own`)]
  }
  return whole ? [] : [makeProblem(path, value, accepted)]
}

function checkPair(path: string, tls: { readonly certFile: string | null; readonly keyFile: string | null }): readonly Problem[] {
  if ((tls.certFile === null) === (tls.keyFile === null)) return []
  const lacking = tls.certFile === null ? 'certFile' : 'keyFile'
  return [makeProblem(`${path}.${lacking}`, null, 'a file; certFile and keyFile are given together')]
}

/** What an address other than loopback needs. */
function exposed(path: string, certFile: string | null, secret: string | null, secretName: string): readonly Problem[] {
  const why = `as ${path}.host is not loopback`
  const problems: Problem[] = []
  if (certFile === null) problems.push(makeProblem(`${path}.tls.certFile`, null, `a PEM certificate, ${why}`))
  if (secret === null) problems.push(makeProblem(`${path}.${secretName}`, null, `the name of an environment variable, ${why}`))
  return problems
}

export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || host === '[::1]' || /^127\.\d{1,3}\.\d{1,3}\.\d{1,3}$/.test(host)
}

function freezeDeep<T>(value: T): T {
  if (typeof value === 'object' && value !== null && !Object.isFrozen(value)) {
    Object.freeze(value)
    for (const member of Object.values(value)) freezeDeep(member)
  }
  return value
}
