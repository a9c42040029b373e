import { join } from 'node:path'
import mqtt from 'mqtt'
import { describe, expect, it, onTestFinished } from 'vitest'
import { OutsideConnection } from '../../src/intake/outside-connection.js'
import { until } from '../engine/engine-run.js'
import { Mosquitto, mosquittoPath } from '../engine/mosquitto.js'
import { temporaryFolder } from '../journal/temporary-folder.js'

describe.skipIf(mosquittoPath === null)('connection to an outside broker (Debian package mosquitto)', () => {
  it('subscribes once the broker is back to what was asked for while it was away, though the broker kept the session', async () => {
    const broker = await Mosquitto.make(join(temporaryFolder(), 'broker'))
    await broker.start()
    onTestFinished(() => broker.stop())
    const heard: string[] = []
    const connection = new OutsideConnection({
      address: { url: broker.url },
      clientId: 'worker',
      now: () => 0,
      take: (message, settled) => {
        heard.push(message.device)
        settled()
      },
      onState: () => {},
    })
    onTestFinished(() => connection.stop())
    await connection.ready(20_000)
    await connection.subscribe([{ tenant: 't', device: 'before' }])
    await broker.stop()
    await until('the loss to be seen', () => !connection.connected, 40)
    await connection.subscribe([{ tenant: 't', device: 'meanwhile' }])
    await broker.start()
    await until('the connection', () => connection.connected, 40)
    const client = await mqtt.connectAsync(broker.url)
    onTestFinished(() => void client.end(true))
    for (const device of ['before', 'meanwhile']) {
      await client.publishAsync(`vw/1/t/${device}/birth`, 'x', { qos: 1, retain: true })
    }
    await until('both', () => heard.includes('before') && heard.includes('meanwhile'), 40)
    // Neither was subscribed to twice: a retained message would have come for each time.
    expect([...heard].sort()).toEqual(['before', 'meanwhile'])
  })
})
