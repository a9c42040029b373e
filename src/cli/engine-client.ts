import { VitalwireError } from '../errors.js'

export interface EngineAddress {
  readonly url: string
  readonly token?: string
}

/** What `--engine` and `--token` say; null without an engine. */
export function readEngineAddress({ engine, token }: { readonly engine?: string; readonly token?: string }): EngineAddress | null {
  if (engine === undefined) return null
  if (!URL.canParse(engine) || !/^https?:$/.test(new URL(engine).protocol)) {
    throw new VitalwireError('usage-option', `--engine ${engine} is not accepted; accepted: http://HOST:PORT or https://HOST:PORT`)
  }
  return { url: engine, ...(token === undefined ? {} : { token }) }
}

/** One request to the engine's API. Throws `network-http` with what the engine said. */
async function request(engine: EngineAddress, method: 'GET' | 'POST', path: string, body?: unknown): Promise<unknown> {
  const url = new URL(path, engine.url)
  const headers: Record<string, string> = { accept: 'application/json' }
  if (body !== undefined) headers['content-type'] = 'application/json'
  if (engine.token !== undefined) headers.authorization = `Bearer ${engine.token}`
  const response = await fetch(url, { method, headers, ...(body === undefined ? {} : { body: JSON.stringify(body) }) }).catch(
    (cause: unknown) => {
      throw new VitalwireError('network-http', `engine ${engine.url} cannot be reached: ${reasonOf(cause)}`, { cause })
    },
  )
  const text = await response.text()
  if (!response.ok)
    throw new VitalwireError('network-http', `engine ${engine.url} answered ${response.status} to ${method} ${path}: ${text.slice(0, 300)}`)
  try {
    return text === '' ? null : JSON.parse(text)
  } catch (cause) {
    throw new VitalwireError(
      'network-http',
      `engine ${engine.url} did not answer ${method} ${path} with JSON; accepted: a Vitalwire engine`,
      {
        cause,
      },
    )
  }
}

/** `fetch` says only that it failed; the reason stands in the cause. */
function reasonOf(error: unknown): string {
  const { message, cause } = error as Error
  return cause instanceof Error && cause.message !== '' ? cause.message : message
}

/** Gives the device to the patient from now on. */
export async function assignDevice(engine: EngineAddress, device: string, patient: string): Promise<void> {
  await request(engine, 'POST', '/api/v1/assignments', { device, patient, reason: 'vitalwire replay' })
}

/** The patient that the newest session of a device belongs to; null when the engine knows none. */
export async function findPatient(engine: EngineAddress, device: string): Promise<string | null> {
  const answer = (await request(engine, 'GET', '/api/v1/sessions')) as { sessions?: { devices: string[]; patient: string }[] }
  return answer.sessions?.findLast(session => session.devices.includes(device))?.patient ?? null
}
