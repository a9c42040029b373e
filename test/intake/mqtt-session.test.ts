import { type AddressInfo, createServer, type Socket } from 'node:net'
import { generate, type Packet, parser } from 'mqtt-packet'
import { describe, expect, it, onTestFinished } from 'vitest'
import { MqttSession, type MqttSessionOptions } from '../../src/intake/mqtt-session.js'
import { until } from '../engine/engine-run.js'

/** A broker that does what the test says: answers CONNECT and SUBSCRIBE, and notes everything that it is told. */
class ScriptedBroker {
  readonly got: Packet[] = []
  url = ''
  returnCode = 0
  connections = 0
  #socket: Socket | null = null
  readonly #server = createServer(socket => this.#meet(socket))

  static async start(): Promise<ScriptedBroker> {
    const broker = new ScriptedBroker()
    await new Promise<void>(resolve => broker.#server.listen(0, '127.0.0.1', resolve))
    broker.url = `mqtt://127.0.0.1:${(broker.#server.address() as AddressInfo).port}`
    onTestFinished(() => {
      broker.drop()
      broker.#server.close()
    })
    return broker
  }

  publish(messageId: number, bytes = 1, qos: 0 | 1 = 1): boolean {
    const payload = Buffer.alloc(bytes, messageId % 256)
    return this.#socket!.write(generate({ cmd: 'publish', topic: 't', payload, qos, dup: false, retain: false, messageId }))
  }

  answer(packet: Packet): void {
    this.#socket?.write(generate(packet))
  }

  drop(): void {
    this.#socket?.destroy()
  }

  acknowledged(): number[] {
    return this.got.filter(({ cmd }) => cmd === 'puback').map(({ messageId }) => messageId!)
  }

  of(cmd: Packet['cmd']): Packet[] {
    return this.got.filter(packet => packet.cmd === cmd)
  }

  #meet(socket: Socket): void {
    this.#socket = socket
    this.connections += 1
    socket.on('error', () => {})
    const reader = parser({ protocolVersion: 4 })
    reader.on('packet', packet => {
      this.got.push(packet)
      if (packet.cmd === 'connect') this.answer({ cmd: 'connack', returnCode: this.returnCode, sessionPresent: this.connections > 1 })
      if (packet.cmd === 'subscribe') this.answer({ cmd: 'suback', messageId: packet.messageId!, granted: [1] })
    })
    socket.on('data', bytes => reader.parse(bytes))
  }
}

async function join(broker: ScriptedBroker, more: Partial<MqttSessionOptions> = {}) {
  const held: { payload: Uint8Array; kept: () => void }[] = []
  const said: string[] = []
  const session = new MqttSession({
    url: broker.url,
    clientId: 'engine',
    clean: false,
    onMessage: (_topic, payload, kept) => held.push({ payload, kept }),
    onConnect: present => said.push(`connected ${present}`),
    onClose: () => said.push('closed'),
    onRefused: reason => said.push(reason),
    ...more,
  })
  onTestFinished(() => session.end())
  if (broker.returnCode === 0) await until('the connection', () => session.connected)
  return { session, held, said }
}

describe('mqtt session', () => {
  it('acknowledges in the order in which messages came, whatever is kept first, and never twice', async () => {
    const broker = await ScriptedBroker.start()
    const { held } = await join(broker)
    for (const id of [11, 12, 13, 14]) broker.publish(id)
    broker.publish(0, 1, 0)
    await until('the messages', () => held.length === 5)
    for (const k of [2, 1, 2, 4]) held[k]!.kept()
    await new Promise(resolve => setTimeout(resolve, 50))
    expect(broker.acknowledged()).toEqual([])
    held[0]!.kept()
    await until('three acknowledgements', () => broker.acknowledged().length === 3)
    held[3]!.kept()
    await until('the last one', () => broker.acknowledged().length === 4)
    expect(broker.acknowledged()).toEqual([11, 12, 13, 14])
  })

  it('reads no more from the socket while too much is not kept, and goes on once it is', async () => {
    const broker = await ScriptedBroker.start()
    const { held } = await join(broker)
    for (let id = 1; id <= 400; id++) broker.publish(id, 60_000)
    await until('the limit', () => held.length * 60_000 > 8 * 1024 * 1024)
    await new Promise(resolve => setTimeout(resolve, 200))
    // The limit, and what one read of the socket brought besides.
    expect(held.length).toBeLessThan(160)
    for (let k = 0; k < 400; k++) {
      await until('the next message', () => held.length > k)
      held[k]!.kept()
    }
    await until('all acknowledgements', () => broker.acknowledged().length === 400)
    expect(broker.acknowledged()).toEqual(Array.from({ length: 400 }, (_, k) => k + 1))
  })

  it('comes back by itself and acknowledges nothing of the connection before', async () => {
    const broker = await ScriptedBroker.start()
    const { held, said } = await join(broker)
    broker.publish(7)
    await until('the message', () => held.length === 1)
    broker.drop()
    await until('the next connection', () => broker.connections === 2 && said.at(-1) === 'connected true')
    held[0]!.kept()
    broker.publish(7)
    await until('the message again', () => held.length === 2)
    await new Promise(resolve => setTimeout(resolve, 50))
    expect(broker.acknowledged()).toEqual([])
    held[1]!.kept()
    await until('its acknowledgement', () => broker.acknowledged().length === 1)
    expect(said).toEqual(['connected false', 'closed', 'connected true'])
  })

  it('publishes again what was not acknowledged, and of a retained topic only the newest after a time without a broker', async () => {
    const broker = await ScriptedBroker.start()
    const { session } = await join(broker)
    session.publish('hw', Buffer.of(1), true)
    await until('the publish', () => broker.of('publish').length === 1)
    broker.drop()
    await until('the loss', () => !session.connected)
    for (const k of [2, 3, 4]) session.publish('hw', Buffer.of(k), true)
    session.publish('cmd', Buffer.of(9), false)
    await until('all', () => broker.of('publish').length === 4)
    const told = broker.of('publish').map(packet => packet.cmd === 'publish' && [packet.topic, packet.payload[0], packet.dup])
    expect(told).toEqual([
      ['hw', 1, false],
      ['hw', 1, true],
      ['hw', 4, false],
      ['cmd', 9, false],
    ])
  })

  it('fails a subscription that the connection does not live to see answered', async () => {
    const broker = await ScriptedBroker.start()
    const { session } = await join(broker)
    await session.subscribe(['a', 'b'])
    expect(broker.of('subscribe')).toMatchObject([
      {
        subscriptions: [
          { topic: 'a', qos: 1 },
          { topic: 'b', qos: 1 },
        ],
      },
    ])
    const asked = session.unsubscribe(['a'])
    await until('the question', () => broker.of('unsubscribe').length === 1)
    broker.drop()
    await expect(asked).rejects.toThrow()
    await expect(session.subscribe(['c'])).rejects.toThrow('not connected')
  })

  it('says in words why it is refused, and tries again', async () => {
    const broker = await ScriptedBroker.start()
    broker.returnCode = 5
    const { session, said } = await join(broker, { user: 'engine', password: 'secret' })
    await until('the refusal', () => said.includes('not authorized'))
    expect(broker.got[0]).toMatchObject({ cmd: 'connect', clientId: 'engine', clean: false, keepalive: 30, username: 'engine' })
    broker.returnCode = 0
    await until('the connection', () => session.connected)
  })
})
