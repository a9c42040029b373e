// Makes the credentials of docker-compose.yml, once, into volumes that only their services mount; nothing of it is ever in
// the repository or an image. A second run changes nothing. `add-device ID` gives a device a password and prints it.
import { execFileSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { appendFileSync, chownSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { passwordLine } from './mosquitto-password.mjs'

/** Folders below it: engine, mosquitto, influxdb, grafana. */
const root = process.env.VITALWIRE_SECRETS ?? '/secrets'
/** User ids that the images run as; 0: leave the files to whoever runs this (tests). */
const owners = process.env.VITALWIRE_SECRETS_OWN === '0' ? {} : { engine: 1000, mosquitto: 1883, influxdb: 1000, grafana: 472 }

function secret() {
  return randomBytes(24).toString('base64url')
}

function place(service, name, content) {
  const file = path.join(root, service, name)
  mkdirSync(path.dirname(file), { recursive: true })
  writeFileSync(file, content, { mode: 0o600 })
  own(service, file)
}

function own(service, file) {
  if (owners[service] !== undefined) chownSync(file, owners[service], owners[service])
}

/** An authority of our own that signs one certificate for the engine and the broker; browsers must be told to trust it. */
function makeCertificates() {
  const work = path.join(root, 'engine', '.work')
  mkdirSync(work, { recursive: true })
  const at = name => path.join(work, name)
  const names = ['localhost', 'engine', 'mosquitto', ...(process.env.VITALWIRE_HOST_NAMES ?? '').split(',').filter(name => name !== '')]
  const alternatives = [...names.map(name => `${/^[\d.]+$/.test(name) ? 'IP' : 'DNS'}:${name}`), 'IP:127.0.0.1'].join(',')
  const openssl = (...args) => execFileSync('openssl', args, { stdio: ['ignore', 'ignore', 'pipe'] })
  const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes']
  openssl('req', '-x509', ...key, '-days', '3650', '-subj', '/CN=Vitalwire local authority', '-keyout', at('ca.key'), '-out', at('ca.crt'))
  openssl('req', ...key, '-subj', '/CN=vitalwire', '-keyout', at('server.key'), '-out', at('server.csr'))
  writeFileSync(at('extensions'), `subjectAltName=${alternatives}\nextendedKeyUsage=serverAuth\nbasicConstraints=CA:FALSE\n`)
  const signing = ['-CA', at('ca.crt'), '-CAkey', at('ca.key'), '-CAcreateserial', '-days', '825', '-extfile', at('extensions')]
  openssl('x509', '-req', '-in', at('server.csr'), ...signing, '-out', at('server.crt'))
  const files = Object.fromEntries(['ca.crt', 'server.crt', 'server.key'].map(name => [name, readFileSync(at(name))]))
  // The authority's key is not kept: it signs nothing else.
  execFileSync('rm', ['-r', work])
  return files
}

function firstRun() {
  if (existsSync(path.join(root, 'engine', 'engine.env'))) {
    process.stdout.write('credentials are there already\n')
    return
  }
  const [mqtt, token, influx] = [secret(), secret(), secret()]
  const certificates = makeCertificates()
  for (const service of ['engine', 'mosquitto']) for (const [name, content] of Object.entries(certificates)) place(service, name, content)
  place('mosquitto', 'passwd', passwordLine('vitalwire', mqtt))
  place('influxdb', 'username', 'vitalwire')
  place('influxdb', 'password', secret())
  place('influxdb', 'token', influx)
  const grafana = secret()
  place('grafana', 'password', grafana)
  place('grafana', 'influx-token', influx)
  // Last: when it is there, all is.
  place('engine', 'engine.env', `VW_MQTT_PASSWORD=${mqtt}\nVW_HTTP_TOKEN=${token}\nVW_INFLUX_TOKEN=${influx}\n`)
  process.stdout.write(`credentials are made; shown this once:\n  access token of the station  ${token}\n  Grafana, user admin          ${grafana}\n`)
}

function addDevice(id) {
  if (!/^[a-z0-9-]{1,64}$/.test(id ?? '') || id === 'vitalwire') {
    process.stderr.write(`add-device ${id ?? ''}: not a device id; accepted: 1 to 64 of a-z, 0-9 and -, but not vitalwire\n`)
    process.exit(2)
  }
  const file = path.join(root, 'mosquitto', 'passwd')
  if (readFileSync(file, 'utf8').split('\n').some(line => line.startsWith(`${id}:`))) {
    process.stderr.write(`add-device ${id}: has a password already; accepted: an id that is new\n`)
    process.exit(2)
  }
  const password = secret()
  appendFileSync(file, passwordLine(id, password))
  process.stdout.write(`${password}\n`)
}

const [command = 'make', argument] = process.argv.slice(2)
if (command === 'make') firstRun()
else if (command === 'add-device') addDevice(argument)
else {
  process.stderr.write(`${command}: unknown; accepted: make, add-device ID\n`)
  process.exit(2)
}
