import { VitalwireError } from '../errors.js'
import { readJsonFile, writeJsonFile } from '../journal/atomic-file.js'
import { type Birth, decodeBirth, encodeBirth } from '../wire/birth.js'
import { partitionOf } from './placement.js'

const version = 1
/** Births kept of each device, newest last: waveforms of older boots are read with them. */
const keptBirths = 8

export interface RegisteredAssignment {
  readonly device: string
  readonly patient: string | null
  readonly from: number
  readonly to: number | null
  readonly author: string
  readonly reason: string
}

export interface RegisteredDevice {
  readonly device: string
  tenant: string
  /** Whom it is assigned to now. */
  patient: string | null
  births: Birth[]
}

interface SavedRegistry {
  version: number
  assignments: RegisteredAssignment[]
  devices: { device: string; tenant: string; patient: string | null; births: string[] }[]
}

/** Which devices there are, what they said of themselves, and whose they are from when to when. Kept in one file. */
export class Registry {
  readonly #path: string
  readonly #devices = new Map<string, RegisteredDevice>()
  #assignments: RegisteredAssignment[] = []
  /** Devices that any of the assignments is about. */
  readonly #everAssigned = new Set<string>()
  /** Partition as last asked for: a hash for every message and device would be most of what intake costs. */
  readonly #partitions = new Map<string, { readonly patient: string | null; readonly partition: number }>()

  constructor(path: string) {
    this.#path = path
    const saved = readJsonFile(path) as SavedRegistry | null
    if (saved === null) return
    if (saved.version !== version) {
      throw new VitalwireError('disk-format', `${path}: has format version ${saved.version}; this vitalwire reads version ${version}`)
    }
    this.#assignments = saved.assignments
    for (const { device } of saved.assignments) this.#everAssigned.add(device)
    for (const { device, tenant, patient, births } of saved.devices) {
      const read = births.map(text => decodeBirth(Buffer.from(text))).flatMap(birth => ('ok' in birth ? [birth.ok] : []))
      this.#devices.set(device, { device, tenant, patient, births: read })
    }
  }

  devices(): RegisteredDevice[] {
    return [...this.#devices.values()]
  }

  device(id: string): RegisteredDevice | undefined {
    return this.#devices.get(id)
  }

  assignments(): readonly RegisteredAssignment[] {
    return this.#assignments
  }

  /** The device, entered when it is new. */
  enter(device: string, tenant: string): RegisteredDevice {
    let entry = this.#devices.get(device)
    if (entry === undefined) this.#devices.set(device, (entry = { device, tenant, patient: null, births: [] }))
    entry.tenant = tenant
    return entry
  }

  /** True when the birth is a new one. */
  noteBirth(device: string, birth: Birth): boolean {
    const entry = this.#devices.get(device)
    if (entry === undefined) return false
    const known = entry.births.findIndex(other => other.boot === birth.boot)
    if (known >= 0) entry.births.splice(known, 1)
    entry.births.push(birth)
    entry.births.sort((a, b) => a.boot - b.boot)
    entry.births.splice(0, entry.births.length - keptBirths)
    return known < 0
  }

  birthOf(device: string, boot: number): Birth | undefined {
    return this.#devices.get(device)?.births.find(birth => birth.boot === boot)
  }

  partitionOf(device: string): number {
    const patient = this.#devices.get(device)?.patient ?? null
    const known = this.#partitions.get(device)
    if (known !== undefined && known.patient === patient) return known.partition
    const partition = partitionOf(device, patient)
    this.#partitions.set(device, { patient, partition })
    return partition
  }

  /** Whether anybody, or the engine by itself, ever assigned it. */
  wasAssigned(device: string): boolean {
    return this.#everAssigned.has(device)
  }

  /**
   * Throws `usage-option` when the patient has devices of the other kind: recorded and live time cannot be put on one
   * axis. A device whose birth has not come is of no kind yet.
   */
  checkMix(device: string, patient: string): void {
    const kind = kindOf(this.#devices.get(device))
    if (kind === null) return
    for (const other of this.#devices.values()) {
      if (other.device === device || other.patient !== patient) continue
      const otherKind = kindOf(other)
      if (otherKind !== null && otherKind !== kind) {
        throw new VitalwireError(
          'usage-option',
          `device ${device} is ${kind} and patient ${patient} has the ${otherKind} device ${other.device}; accepted are devices of one kind`,
        )
      }
    }
  }

  /**
   * Enters the assignment and closes the one before. `active`: it holds from now on. `kept`: it is on disk before this
   * returns; throws `disk-write`, and then nothing has changed.
   */
  assign(assignment: RegisteredAssignment, active: boolean, kept: boolean): void {
    const before = this.#assignments
    const entry = this.#devices.get(assignment.device)!
    const patient = entry.patient
    // Of a new device there is nothing to end; ten thousand of them come at once after an outage.
    if (!kept && !this.#everAssigned.has(assignment.device)) before.push(assignment)
    else {
      const others = before.filter(other => other !== assignment)
      this.#assignments = others.map(other => (other.device === assignment.device ? endBy(other, assignment.from) : other))
      this.#assignments.push(assignment)
    }
    if (active) entry.patient = assignment.patient
    try {
      if (kept) this.save()
    } catch (error) {
      this.#assignments = before
      entry.patient = patient
      throw error
    }
    this.#everAssigned.add(assignment.device)
  }

  /** Throws `disk-write`. */
  save(): void {
    const saved: SavedRegistry = {
      version,
      assignments: this.#assignments,
      devices: this.devices().map(({ device, tenant, patient, births }) => ({
        device,
        tenant,
        patient,
        births: births.map(birth => Buffer.from(encodeBirth(birth)).toString('utf8')),
      })),
    }
    writeJsonFile(this.#path, saved)
  }
}

function kindOf(device: RegisteredDevice | undefined): 'recorded' | 'live' | null {
  const birth = device?.births.at(-1)
  if (birth === undefined) return null
  return birth.clock === 'recorded' ? 'recorded' : 'live'
}

/** An assignment that was open, or ends later, ends where the next begins. */
function endBy(assignment: RegisteredAssignment, end: number): RegisteredAssignment {
  return assignment.to === null || assignment.to > end ? { ...assignment, to: Math.max(assignment.from, end) } : assignment
}
