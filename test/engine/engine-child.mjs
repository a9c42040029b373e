// An engine in a process of its own, which the test may kill or whose files it may keep small. Prints its MQTT address,
// then what is asked for by lines on standard input: `lag` the state of its workers, `stop` ends it.
import { createInterface } from 'node:readline'
import { startEngine } from '../../dist/engine/engine.js'

const [, , dataDir, port, workers] = process.argv
const engine = await startEngine({
  dataDir,
  workers: Number(workers),
  assign: 'auto',
  snapshotSeconds: 1,
  broker: { kind: 'embedded', host: '127.0.0.1', port: Number(port), orNextFree: false, passwords: null },
})
console.log(engine.mqttUrl)
for await (const line of createInterface({ input: process.stdin })) {
  if (line === 'lag') console.log(JSON.stringify(engine.lag()))
  if (line === 'stop') {
    await engine.stop()
    process.exit(0)
  }
}
