import { createHash, timingSafeEqual } from 'node:crypto'
import type { FastifyRequest } from 'fastify'
import { VitalwireError } from '../errors.js'
import { HttpError } from './http-error.js'

export interface AccessOptions {
  readonly host: string
  /** Who may ask: a name for the audit trail and a secret of at least 16 characters each. */
  readonly tokens: readonly { readonly name: string; readonly token: string }[]
  readonly tls: boolean
}

/** Who asks, for the journal and the audit trail. `verified`: known by a token, not just by what the client says. */
export interface Actor {
  readonly name: string
  readonly verified: boolean
}

const subprotocolPrefix = 'bearer.'

/** Refuses to listen beyond loopback without TLS and a token. */
export function checkExposure(options: AccessOptions): void {
  for (const { name, token } of options.tokens) {
    if (token.length < 16)
      throw new VitalwireError('usage-config', `the token of ${name} has ${token.length} characters; accepted: at least 16`)
  }
  if (isLoopback(options.host)) return
  const missing = [
    ...(options.tls ? [] : ['TLS (http.tls.certFile and keyFile)']),
    ...(options.tokens.length > 0 ? [] : ['a token (http.tokenEnv)']),
  ]
  if (missing.length === 0) return
  throw new VitalwireError(
    'usage-insecure',
    `http.host ${options.host} is not loopback and ${missing.join(' and ')} is missing; accepted: 127.0.0.1, ::1, localhost, or both`,
  )
}

function isLoopback(host: string): boolean {
  const name = host.replace(/^\[|\]$/g, '').toLowerCase()
  return name === 'localhost' || name === '::1' || /^127(\.\d{1,3}){3}$/.test(name)
}

export class Access {
  private readonly tokens: readonly { name: string; hash: Buffer }[]

  constructor(private readonly options: AccessOptions) {
    this.tokens = options.tokens.map(({ name, token }) => ({ name, hash: digest(token) }))
  }

  /**
   * A page of elsewhere may have its own name point here: on loopback only loopback names are answered. A request that
   * a browser makes for another site's page is refused, for the WebSocket too, where no other rule would stop it.
   */
  checkOrigin(request: FastifyRequest): void {
    const host = request.headers.host ?? ''
    if (isLoopback(this.options.host) && !isLoopback(host.replace(/:\d+$/, ''))) {
      throw new HttpError(403, 'host-refused', `${JSON.stringify(host)} is not this server's name`, 'localhost, 127.0.0.1 or [::1]')
    }
    const origin = request.headers.origin
    if (origin === undefined) return
    let from = ''
    try {
      from = new URL(origin).host
    } catch {
      // `null` and the like
    }
    if (from !== host)
      throw new HttpError(403, 'origin-refused', `a page of ${JSON.stringify(origin)} may not ask here`, 'pages of this server')
  }

  /**
   * The token's name. Without configured tokens (loopback only) whoever asks is on this machine: the header
   * `x-vitalwire-user` is taken for a name, unverified, else `local`.
   */
  identify(request: FastifyRequest): Actor {
    if (this.tokens.length > 0) {
      const offered = offeredToken(request)
      const hash = digest(offered ?? '')
      let name: string | null = null
      for (const token of this.tokens) if (timingSafeEqual(token.hash, hash)) name = token.name
      if (name === null) {
        const what = offered === null ? 'no token was given' : 'the token is not known'
        throw new HttpError(401, 'unauthorised', what, 'Authorization: Bearer TOKEN')
      }
      return { name, verified: true }
    }
    const said = request.headers['x-vitalwire-user']
    if (said === undefined) return { name: 'local', verified: false }
    if (typeof said !== 'string' || !/^[\p{L}\p{N} .@_-]{1,64}$/u.test(said)) {
      throw new HttpError(400, 'bad-user', 'x-vitalwire-user is no name', '1 to 64 letters, digits, spaces and . @ _ -')
    }
    return { name: said, verified: false }
  }
}

/** From the header, or, as browsers cannot set one for a WebSocket, from a subprotocol `bearer.TOKEN`. */
function offeredToken(request: FastifyRequest): string | null {
  const header = request.headers.authorization
  if (header !== undefined) return /^Bearer +(\S+)$/i.exec(header)?.[1] ?? null
  const protocols = request.headers['sec-websocket-protocol']
  const offered = protocols
    ?.split(',')
    .map(protocol => protocol.trim())
    .find(protocol => protocol.startsWith(subprotocolPrefix))
  return offered?.slice(subprotocolPrefix.length) ?? null
}

/** Hashes have one length, so that comparing them takes one time. */
function digest(token: string): Buffer {
  return createHash('sha256').update(token).digest()
}
