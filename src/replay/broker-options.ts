/** How devices reach the broker. */
export interface BrokerOptions {
  /** `mqtt://HOST:PORT` or `mqtts://HOST:PORT`; a user and password in it are taken, too. */
  readonly url: string
  /** Default: the device id, where a password is given (rule T3). */
  readonly username?: string
  readonly password?: string
  /** PEM texts for TLS. */
  readonly ca?: string
  readonly cert?: string
  readonly key?: string
  readonly tenant?: string
}

/** The address without a password, for messages. */
export function showAddress(url: string): string {
  try {
    const parsed = new URL(url)
    return `${parsed.protocol}//${parsed.host}`
  } catch {
    return url
  }
}
