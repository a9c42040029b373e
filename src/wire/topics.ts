/** Rule T1: tenant, device and stream. */
export const identifier = /^[a-z0-9-]{1,64}$/

export type UpTopic = 'birth' | 'state' | 'w' | 'n' | 'e'
export type DownTopic = 'hw' | 'cmd'

export interface Topic {
  readonly tenant: string
  readonly device: string
  readonly kind: UpTopic | DownTopic
  /** For `w`; else empty. */
  readonly stream: string
}

const plainKinds: readonly string[] = ['birth', 'state', 'n', 'e', 'hw', 'cmd']

/** `vw/1/{tenant}/{device}/{kind}` or `.../w/{stream}`. Throws RangeError on an id that T1 does not accept. */
export function buildTopic(topic: Topic): string {
  const { tenant, device, kind, stream } = topic
  for (const id of kind === 'w' ? [tenant, device, stream] : [tenant, device]) {
    if (!identifier.test(id)) throw new RangeError(`topic id ${JSON.stringify(id)}; accepted is ${identifier.source}`)
  }
  return `vw/1/${tenant}/${device}/${kind}${kind === 'w' ? `/${stream}` : ''}`
}

/** Null when it is no topic of this protocol. */
export function parseTopic(text: string): Topic | null {
  const [vw, version, tenant, device, kind, stream, ...rest] = text.split('/')
  if (vw !== 'vw' || version !== '1' || rest.length > 0) return null
  if (tenant === undefined || device === undefined || kind === undefined) return null
  if (!identifier.test(tenant) || !identifier.test(device)) return null
  if (kind === 'w') return stream !== undefined && identifier.test(stream) ? { tenant, device, kind, stream } : null
  if (stream !== undefined || !plainKinds.includes(kind)) return null
  return { tenant, device, kind: kind as Topic['kind'], stream: '' }
}

/** Rule T3: may the client that is `device` publish to this topic? */
export function mayPublish(device: string, text: string): boolean {
  const topic = parseTopic(text)
  return topic !== null && topic.device === device && topic.kind !== 'hw' && topic.kind !== 'cmd'
}

/** Rule T3: may the client that is `device` subscribe to this filter? Wildcards are refused: it reads its own two topics. */
export function mayRead(device: string, filter: string): boolean {
  const topic = parseTopic(filter)
  return topic !== null && topic.device === device && (topic.kind === 'hw' || topic.kind === 'cmd')
}
