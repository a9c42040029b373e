import { connectAsync, type MqttClient } from 'mqtt'
import type { DeviceMessage, VirtualDevice } from '../../src/device/virtual-device.js'
import { type Command, decodeCommand } from '../../src/wire/commands.js'
import { encodeDeviceEvent } from '../../src/wire/device-event.js'
import { buildTopic, type UpTopic } from '../../src/wire/topics.js'

/** A device on an MQTT client of its own, without the player's good manners: it sends what the test says, and no more. */
export class RawDevice {
  readonly commands: Command[] = []
  readonly #client: MqttClient
  readonly #virtual: VirtualDevice
  #failures = 0

  private constructor(client: MqttClient, virtual: VirtualDevice) {
    this.#client = client
    this.#virtual = virtual
  }

  /**
   * Connects and says its birth (B1). With `refuseResend` every resend command is answered with `resend-failed`, by an
   * event of sequence numbers that the device itself does not use.
   */
  static async connect(url: string, virtual: VirtualDevice, options: { refuseResend?: boolean } = {}): Promise<RawDevice> {
    const client = await connectAsync(url, { clientId: virtual.device, clean: true, reconnectPeriod: 0 })
    const device = new RawDevice(client, virtual)
    client.on('message', (_, payload) => {
      const command = decodeCommand(payload)
      if (command === null) return
      device.commands.push(command)
      if (options.refuseResend === true && command.cmd === 'resend') void device.#fail(command)
    })
    await client.subscribeAsync(`vw/1/default/${virtual.device}/cmd`, { qos: 1 })
    await device.publish('birth', '', virtual.birth())
    return device
  }

  async publish(kind: UpTopic, stream: string, payload: Uint8Array): Promise<void> {
    const topic = buildTopic({ tenant: 'default', device: this.#virtual.device, kind, stream })
    await this.#client.publishAsync(topic, Buffer.from(payload), { qos: 1, retain: kind === 'birth' || kind === 'state' })
  }

  async send(message: DeviceMessage): Promise<void> {
    await this.publish(message.topic, message.topic === 'w' ? message.stream : '', message.payload)
  }

  /** The link breaks: no farewell. */
  async cut(): Promise<void> {
    await new Promise<void>(resolve => {
      this.#client.once('close', () => resolve())
      this.#client.stream.destroy()
    })
    await this.#client.endAsync(true)
  }

  async end(): Promise<void> {
    await this.#client.endAsync()
  }

  async #fail(command: Extract<Command, { cmd: 'resend' }>): Promise<void> {
    const { id, stream, from, to } = command
    const event = { t: this.#virtual.clockAt(0), event: 'resend-failed', on: true, stream } as const
    await this.publish('e', '', encodeDeviceEvent({ boot: this.#virtual.boot, seq: this.#failures++, id, from, to, event }))
  }
}
