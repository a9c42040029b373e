/** REST calls of the page. A refusal of the server is an `ApiRefusal` with what it said. */
export class ApiRefusal extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    message: string,
    readonly accepted: string,
  ) {
    super(message)
  }
}

export interface Stretch {
  readonly boot: number
  readonly channel: string
  readonly unit: string
  /** Hz as a fraction. */
  readonly fs: readonly [number, number]
  /** Index of the first sample. */
  readonly start: number
  /** Patient time of it, microseconds. */
  readonly t: number
  /** null: missing. */
  readonly values: readonly (number | null)[]
}

export class Api {
  /** `user`: who acts, where the server knows nobody by a token. */
  constructor(
    private readonly token: string | null,
    private readonly user: () => string,
  ) {}

  /** False: a token is asked for. */
  async isAuthorised(): Promise<boolean> {
    const reply = await fetch('api/v1/assignments', { headers: this.headers() })
    return reply.status !== 401
  }

  async acknowledge(alert: string, expectedRevision: number, note: string): Promise<void> {
    await this.ask(`api/v1/alerts/${encodeURIComponent(alert)}/acknowledge`, {
      method: 'POST',
      headers: { ...this.headers(), 'content-type': 'application/json' },
      body: JSON.stringify({ expectedRevision, note }),
    })
  }

  async waveform(patient: string, stream: string, from: number, to: number): Promise<readonly Stretch[]> {
    const query = new URLSearchParams({ stream, from: String(Math.round(from)), to: String(Math.round(to)) })
    const reply = await this.ask(`api/v1/patients/${encodeURIComponent(patient)}/waveform?${query}`, { headers: this.headers() })
    return (reply as { stretches: readonly Stretch[] }).stretches
  }

  private async ask(url: string, init: RequestInit): Promise<unknown> {
    const reply = await fetch(url, init)
    const body = (await reply.json().catch(() => null)) as { error?: { code?: string; message?: string; accepted?: string } } | null
    if (reply.ok) return body
    const { code = 'failed', message = `HTTP ${reply.status}`, accepted = '' } = body?.error ?? {}
    throw new ApiRefusal(reply.status, code, message, accepted)
  }

  private headers(): Record<string, string> {
    const user = this.user()
    if (this.token !== null) return { authorization: `Bearer ${this.token}` }
    return user === '' ? {} : { 'x-vitalwire-user': user }
  }
}
