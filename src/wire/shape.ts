/** A field that is missing or not accepted: where it stands and what is accepted. Thrown and caught inside src/wire only. */
export class Mistake extends Error {}

/** Members that would tell whose data this is. */
const identifying = /^(patient|subject|person|mrn|ssn|given|family|surname|birth-?date|date-?of-?birth|dob)/i

/** One object of a message, read member by member. Members that nobody asks for are not read: a newer device may have more. */
export class Shape {
  readonly path: string
  private readonly members: Readonly<Record<string, unknown>>

  constructor(value: unknown, path: string) {
    if (typeof value !== 'object' || value === null || Array.isArray(value) || value instanceof Uint8Array) {
      throw new Mistake(`${path || 'message'} is not an object`)
    }
    this.members = value as Record<string, unknown>
    this.path = path
  }

  has(name: string): boolean {
    return this.get(name) !== undefined
  }

  get(name: string): unknown {
    return Object.hasOwn(this.members, name) ? this.members[name] : undefined
  }

  text(name: string, most = 128): string {
    const value = this.get(name)
    if (typeof value !== 'string' || value.length === 0 || value.length > most) throw this.mistake(name, `text of 1 to ${most} characters`)
    return value
  }

  match(name: string, pattern: RegExp): string {
    const value = this.get(name)
    if (typeof value !== 'string' || !pattern.test(value)) throw this.mistake(name, `text like ${pattern.source}`)
    return value
  }

  oneOf<T extends string | number>(name: string, accepted: readonly T[]): T {
    const value = this.get(name)
    if (!accepted.includes(value as T)) throw this.mistake(name, `one of ${accepted.join(', ')}`)
    return value as T
  }

  whole(name: string, least: number, most: number): number {
    return wholeNumber(this.get(name), least, most, this.where(name))
  }

  real(name: string): number {
    return realNumber(this.get(name), this.where(name))
  }

  flag(name: string): boolean {
    const value = this.get(name)
    if (typeof value !== 'boolean') throw this.mistake(name, 'true or false')
    return value
  }

  list(name: string, least: number, most: number): readonly unknown[] {
    const value = this.get(name)
    if (!Array.isArray(value) || value.length < least || value.length > most) throw this.mistake(name, `a list of ${least} to ${most}`)
    return value as unknown[]
  }

  optional<T>(name: string, read: (name: string) => T): T | undefined {
    return this.get(name) === undefined ? undefined : read.call(this, name)
  }

  mistake(name: string, accepted: string): Mistake {
    return new Mistake(`${this.where(name)} is ${this.has(name) ? 'not accepted' : 'missing'}; accepted is ${accepted}`)
  }

  /** Rule T2: the engine holds who wears a device; a message that names a person is refused, not passed on. */
  refuseIdentity(): void {
    const identity = Object.keys(this.members).find(name => identifying.test(name))
    if (identity !== undefined) throw new Mistake(`${this.where(identity)} names a person; accepted are no members that do`)
  }

  private where(name: string): string {
    return this.path === '' ? name : `${this.path}.${name}`
  }
}

export function wholeNumber(value: unknown, least: number, most: number, where: string): number {
  if (typeof value !== 'number' || !Number.isInteger(value) || value < least || value > most) {
    throw new Mistake(
      `${where} is ${value === undefined ? 'missing' : 'not accepted'}; accepted is a whole number from ${least} to ${most}`,
    )
  }
  return value === 0 ? 0 : value
}

export function realNumber(value: unknown, where: string): number {
  if (typeof value !== 'number' || !Number.isFinite(value)) {
    throw new Mistake(`${where} is ${value === undefined ? 'missing' : 'not accepted'}; accepted is a finite number`)
  }
  return value === 0 ? 0 : value
}

/** Runs `read`; a mistake becomes its text. */
export function attempt<T>(read: () => T): { readonly ok: T } | { readonly mistake: string } {
  try {
    return { ok: read() }
  } catch (error) {
    if (error instanceof Mistake) return { mistake: error.message }
    throw error
  }
}
