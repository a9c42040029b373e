/**
 * Merges what several streams say into one order of patient time. A reader waits only for the streams that it reads:
 * an item at `t` is handled once every open input has delivered past `t`, is closed, or was declared silent. Ties go by
 * plan order of the inputs, then by the order in which the stream said them. Nothing depends on how the streams were cut
 * or which arrived first.
 */
export interface MergeHandler<Item> {
  /** An item at its own time; never earlier than what was handled before, unless a silent input came back (`behind`). */
  item(item: Item, t: number, input: string, behind: boolean): void
  /** Time moves to `t` (microseconds) with nothing more said at it; deadlines up to and including `t` are due. */
  advance(t: number): void
  /** Earliest time at which the handler wants to be advanced; Infinity for none. */
  nextDeadline(): number
}

interface Input<Item> {
  readonly key: string
  readonly order: number
  /** Everything before this time has been delivered. */
  progress: number
  status: 'open' | 'silent' | 'closed'
  queue: { t: number; item: Item }[]
  head: number
}

interface SavedInput<Item> {
  key: string
  order: number
  progress: number
  status: 'open' | 'silent' | 'closed'
  queue: { t: number; item: Item }[]
}

export interface MergeState<Item> {
  position: number
  end: number
  inputs: SavedInput<Item>[]
}

export class MergeReader<Item> {
  readonly #handler: MergeHandler<Item>
  #inputs: Input<Item>[] = []
  /** Everything before this time has been handled. */
  #position = Number.NEGATIVE_INFINITY
  /** Up to where inputs that are gone had delivered. */
  #end = Number.NEGATIVE_INFINITY

  constructor(handler: MergeHandler<Item>) {
    this.#handler = handler
  }

  /** Everything before this patient time has been handled; -Infinity before the first item. */
  get position(): number {
    return this.#position
  }

  /** Whether an input is open: time goes on when it does. */
  get live(): boolean {
    return this.#inputs.some(input => input.status === 'open')
  }

  /** Adds an input that has delivered nothing before `from`; one that was closed and not handled to its end goes on. */
  open(key: string, order: number, from: number): void {
    const known = this.#inputs.find(input => input.key === key)
    if (known !== undefined) {
      if (known.status === 'closed') known.status = 'open'
      known.progress = Math.max(known.progress, from)
      return
    }
    this.#inputs.push({ key, order, progress: from, status: 'open', queue: [], head: 0 })
    this.#inputs.sort((a, b) => a.order - b.order || (a.key < b.key ? -1 : 1))
  }

  reads(key: string): boolean {
    return this.#inputs.some(input => input.key === key)
  }

  /** Order and progress of an input, for another reader that takes it up midway. */
  placeOf(key: string): { readonly order: number; readonly progress: number } {
    const { order, progress } = this.#find(key)
    return { order, progress }
  }

  put(key: string, t: number, item: Item): void {
    this.#find(key).queue.push({ t, item })
  }

  /** The input has delivered everything before `t`; it speaks again if it had been silent. */
  progress(key: string, t: number): void {
    const input = this.#find(key)
    if (input.status === 'silent') input.status = 'open'
    if (t > input.progress) input.progress = t
    this.#run()
  }

  silence(key: string): void {
    const input = this.#find(key)
    if (input.status !== 'open') return
    input.status = 'silent'
    this.#run()
  }

  /** Ends the input; what it has said is handled, and it is waited for no more. */
  close(key: string): void {
    this.#find(key).status = 'closed'
    this.#run()
  }

  /** Seconds of signal by which the furthest input is ahead of the one that is waited for. */
  spreadSeconds(): number {
    let lowest = Number.POSITIVE_INFINITY
    let highest = Number.NEGATIVE_INFINITY
    for (const input of this.#inputs) {
      if (input.status !== 'open') continue
      lowest = Math.min(lowest, input.progress)
      highest = Math.max(highest, input.progress)
    }
    return highest > lowest ? (highest - lowest) / 1e6 : 0
  }

  /** Waits no longer for inputs that are more than `seconds` of signal behind the furthest; they speak again when they go on. */
  goOn(seconds: number): void {
    let highest = Number.NEGATIVE_INFINITY
    for (const input of this.#inputs) if (input.status === 'open') highest = Math.max(highest, input.progress)
    const behind = this.#inputs.filter(input => input.status === 'open' && highest - input.progress > seconds * 1e6)
    if (behind.length === 0) return
    for (const input of behind) input.status = 'silent'
    this.#run()
  }

  save(): MergeState<Item> {
    return {
      position: this.#position,
      end: this.#end,
      inputs: this.#inputs.map(input => ({
        key: input.key,
        order: input.order,
        progress: input.progress,
        status: input.status,
        queue: input.queue.slice(input.head),
      })),
    }
  }

  load(state: MergeState<Item>): void {
    this.#position = state.position
    this.#end = state.end
    this.#inputs = state.inputs.map(input => ({ ...input, queue: input.queue.slice(), head: 0 }))
  }

  #find(key: string): Input<Item> {
    const input = this.#inputs.find(candidate => candidate.key === key)
    if (input === undefined) throw new Error(`reader has no input ${key}`)
    return input
  }

  /** Handles everything before the slowest open input; with none open, everything that was said. */
  #run(): void {
    let bound = Number.POSITIVE_INFINITY
    let furthest = this.#end
    for (const input of this.#inputs) {
      if (input.status === 'open') bound = Math.min(bound, input.progress)
      furthest = Math.max(furthest, input.progress)
    }
    this.#handleBefore(Math.min(bound, furthest), bound === Number.POSITIVE_INFINITY)
    for (const input of this.#inputs) {
      if (input.status === 'closed' && input.head >= input.queue.length) this.#end = Math.max(this.#end, input.progress)
    }
    this.#inputs = this.#inputs.filter(input => input.status !== 'closed' || input.head < input.queue.length)
  }

  /** Handles items and deadlines before `bound` (and at it, when no open input could still say something there). */
  #handleBefore(bound: number, inclusive: boolean): void {
    for (;;) {
      const next = this.#earliest()
      const deadline = this.#handler.nextDeadline()
      const itemTime = next === null ? Number.POSITIVE_INFINITY : next.queue[next.head]!.t
      // Items of the same time come first: a condition that ends with its delay was not so for longer than that.
      if (deadline < itemTime && (deadline < bound || (inclusive && deadline === bound))) {
        this.#position = Math.max(this.#position, deadline)
        this.#handler.advance(deadline)
        continue
      }
      if (next === null || !(itemTime < bound || (inclusive && itemTime <= bound))) break
      const entry = next.queue[next.head]!
      next.head += 1
      if (next.head > 256 && next.head * 2 > next.queue.length) {
        next.queue = next.queue.slice(next.head)
        next.head = 0
      }
      const behind = entry.t < this.#position
      if (!behind) this.#position = entry.t
      this.#handler.item(entry.item, entry.t, next.key, behind)
    }
    if (bound > this.#position && bound !== Number.POSITIVE_INFINITY) this.#position = bound
  }

  #earliest(): Input<Item> | null {
    let best: Input<Item> | null = null
    for (const input of this.#inputs) {
      if (input.head >= input.queue.length) continue
      if (best === null || input.queue[input.head]!.t < best.queue[best.head]!.t) best = input
    }
    return best
  }
}
