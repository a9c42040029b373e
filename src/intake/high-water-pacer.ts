/** A device hears of its high-water mark at once at connect and at the end, else at most this often. */
const pauseMicros = 5_000_000

interface Paced<Water> {
  water: Water
  saidAt: number
  waiting: boolean
}

/** Decides when a device's high-water mark is published. */
export class HighWaterPacer<Water extends { readonly device: string; readonly boot: number; readonly final: boolean }> {
  readonly #devices = new Map<string, Paced<Water>>()
  readonly #publish: (water: Water) => void

  constructor(publish: (water: Water) => void) {
    this.#publish = publish
  }

  note(water: Water, now: number): void {
    const known = this.#devices.get(water.device)
    if (known === undefined || known.water.boot !== water.boot || (water.final && !known.water.final)) this.#say(water, now)
    else {
      known.water = water
      known.waiting = true
      if (isOver(known.saidAt, now)) this.#say(water, now)
    }
  }

  /** The device has connected and waits for its mark. */
  connected(device: string, now: number): void {
    const known = this.#devices.get(device)
    if (known !== undefined) this.#say(known.water, now)
  }

  /** To be called about once a second. */
  tick(now: number): void {
    for (const known of this.#devices.values()) {
      if (known.waiting && isOver(known.saidAt, now)) this.#say(known.water, now)
    }
  }

  /** What is known of a device, without saying it: after a restart. */
  remember(water: Water): void {
    this.#devices.set(water.device, { water, saidAt: Number.NEGATIVE_INFINITY, waiting: true })
  }

  forget(device: string): void {
    this.#devices.delete(device)
  }

  latest(device: string): Water | undefined {
    return this.#devices.get(device)?.water
  }

  #say(water: Water, now: number): void {
    this.#devices.set(water.device, { water, saidAt: now, waiting: false })
    this.#publish(water)
  }
}

/** Also when the engine's clock was set back meanwhile: no device may wait for hours. */
function isOver(saidAt: number, now: number): boolean {
  return Math.abs(now - saidAt) >= pauseMicros
}
