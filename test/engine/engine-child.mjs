// An engine in a process of its own, which the test may kill or whose files it may keep small. Prints its MQTT address,
// then what is asked for by lines on standard input: `lag` the state of its workers, `ledger` its ledger, `assign DEVICE
// PATIENT` assigns, `stop` ends it. VITALWIRE_TEST_BROKER: address of an outside broker; VITALWIRE_TEST_MODULE: module of
// the partitions; VITALWIRE_TEST_SEGMENT: bytes at which a
// segment file is closed; VITALWIRE_TEST_LEVEL: level of the journal.
import { createInterface } from 'node:readline'
import { startEngine } from '../../dist/engine/engine.js'

const [, , dataDir, port, workers] = process.argv
const {
  VITALWIRE_TEST_BROKER: url,
  VITALWIRE_TEST_MODULE: partitionModule,
  VITALWIRE_TEST_SEGMENT: segmentBytes,
  VITALWIRE_TEST_LEVEL: journalLevel = 'process',
} = process.env
const engine = await startEngine({
  dataDir,
  workers: Number(workers),
  assign: 'auto',
  snapshotSeconds: 1,
  journalLevel,
  ...(segmentBytes === undefined ? {} : { segmentBytes: Number(segmentBytes) }),
  ...(partitionModule === undefined ? {} : { partitionModule }),
  broker:
    url === undefined
      ? { kind: 'embedded', host: '127.0.0.1', port: Number(port), orNextFree: false, passwords: null }
      : { kind: 'outside', url },
})
console.log(engine.mqttUrl)
for await (const line of createInterface({ input: process.stdin })) {
  const [what, device, patient] = line.split(' ')
  if (what === 'lag') console.log(JSON.stringify(engine.lag()))
  if (what === 'ledger') console.log(JSON.stringify(await engine.ledger()))
  if (what === 'assign') console.log(JSON.stringify(await engine.assign({ device, patient, author: 'test', reason: 'moved' })))
  if (what === 'stop') {
    await engine.stop()
    process.exit(0)
  }
}
