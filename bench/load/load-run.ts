import { percentilesOf } from '../statistics.js'
import { monotonicMicros } from './clock.js'
import type { LoadPlan, LoadResult } from './generator-messages.js'
import { LoadConnection } from './load-connection.js'
import { PublishTemplate } from './packets.js'
import type { DeviceTemplate } from './template.js'

interface Step {
  /** Monotonic microseconds from the start at which it is due; 0 when the run is not paced. */
  readonly due: number
  readonly device: number
  /** Places [from, to) in the template's messages. */
  readonly from: number
  readonly to: number
}

/** Every device sends its template once: births, then all messages of second after second. */
export class LoadRun {
  readonly #plan: LoadPlan
  readonly #templates: readonly DeviceTemplate[]
  readonly #packets: readonly (readonly PublishTemplate[])[]
  readonly #connections: LoadConnection[] = []
  readonly #latencies: Float64Array
  #acked = 0
  #lastAcked = 0
  #wake: () => void = () => {}

  constructor(plan: LoadPlan, templates: readonly DeviceTemplate[]) {
    this.#plan = plan
    this.#templates = templates
    this.#packets = templates.map(({ messages }) =>
      messages.map(({ topic, stream, payload }) => new PublishTemplate(topic, stream, payload)),
    )
    this.#latencies = new Float64Array(plan.devices + this.messages)
  }

  /** PUBLISH packets besides the births. */
  get messages(): number {
    let count = 0
    for (let device = 0; device < this.#plan.devices; device++) count += this.#packets[device % this.#packets.length]!.length
    return count
  }

  async births(): Promise<void> {
    const { connections, port, devices } = this.#plan
    for (let k = 0; k < connections; k++) {
      this.#connections.push(await LoadConnection.open(port, `bench-load-${k}`, latency => this.#onAck(latency)))
    }
    const births = this.#templates.map(({ birth }) => new PublishTemplate('birth', '', birth, true))
    for (let device = 0; device < devices; device++) {
      const connection = this.#connections[device % connections]!
      while (connection.inFlight >= this.#plan.window) await this.#nextAck()
      connection.send(births[device % births.length]!, device)
      connection.flush()
    }
    await this.#allAcked(devices)
  }

  /** `watched`: by template, places of messages whose send times are to be kept. */
  async go(watched: readonly (readonly number[])[]): Promise<LoadResult> {
    const { devices, speed, window } = this.#plan
    const kept: number[][] = Array.from({ length: devices }, () => [])
    const places = watched.map(list => new Set(list))
    const delays: number[] = []
    const cpu = process.cpuUsage()
    const born = this.#acked
    let bytes = 0
    const start = monotonicMicros()
    const queues = this.#schedule().map(steps => ({ steps, at: 0 }))
    for (;;) {
      let waiting = false
      let open = false
      for (const [k, queue] of queues.entries()) {
        const connection = this.#connections[k]!
        for (; queue.at < queue.steps.length; queue.at++) {
          const { due, device, from, to } = queue.steps[queue.at]!
          const late = speed === null ? 0 : monotonicMicros() - start - due
          if (late < 0) break
          if (connection.inFlight >= window) {
            waiting = true
            break
          }
          if (speed !== null) delays.push(late / 1e3)
          const packets = this.#packets[device % this.#packets.length]!
          for (let place = from; place < to; place++) {
            const packet = packets[place]!
            const sent = connection.send(packet, device)
            bytes += packet.length
            if (places[device % places.length]!.has(place)) kept[device]!.push(sent)
          }
        }
        connection.flush()
        if (queue.at < queue.steps.length) open = true
      }
      if (!open) break
      if (waiting && speed === null) await this.#nextAck()
      else await new Promise(resolve => setTimeout(resolve, 2))
    }
    await this.#allAcked(born + this.messages)
    const used = process.cpuUsage(cpu)
    for (const connection of this.#connections) connection.end()
    return {
      messages: this.messages,
      bytes,
      firstSent: start,
      lastAcked: this.#lastAcked,
      puback: percentilesOf(this.#latencies.subarray(born, this.#acked)),
      sendDelay: speed === null ? null : percentilesOf(Float64Array.from(delays)),
      cpuSeconds: (used.user + used.system) / 1e6,
      watched: kept,
    }
  }

  /** By connection: what is to be sent, in order of time. Devices begin evenly spread over the first second. */
  #schedule(): Step[][] {
    const { devices, connections, speed } = this.#plan
    const queues: Step[][] = Array.from({ length: connections }, () => [])
    for (let device = 0; device < devices; device++) {
      const { messages } = this.#templates[device % this.#templates.length]!
      const queue = queues[device % connections]!
      for (let from = 0; from < messages.length; ) {
        const time = Math.ceil(messages[from]!.time - 1e-9)
        let to = from + 1
        while (to < messages.length && Math.ceil(messages[to]!.time - 1e-9) <= time) to++
        queue.push({ due: speed === null ? time : ((time + device / devices) * 1e6) / speed, device, from, to })
        from = to
      }
    }
    for (const queue of queues) queue.sort((a, b) => a.due - b.due || a.device - b.device)
    return queues
  }

  #onAck(latencyMicros: number): void {
    this.#latencies[this.#acked++] = latencyMicros / 1e3
    this.#lastAcked = monotonicMicros()
    this.#wake()
  }

  #nextAck(): Promise<void> {
    return new Promise(resolve => {
      this.#wake = resolve
    })
  }

  async #allAcked(count: number): Promise<void> {
    while (this.#acked < count) await this.#nextAck()
  }
}
