import { VitalwireError } from '../errors.js'

export interface EngineAddress {
  readonly url: string
  readonly token?: string
}

/** One request to the engine's API. Throws `network-http` with what the engine said. */
async function request(engine: EngineAddress, method: 'GET' | 'POST', path: string, body?: unknown): Promise<unknown> {
  if (!URL.canParse(engine.url)) {
    throw new VitalwireError('usage-option', `--engine ${engine.url} is not accepted; accepted: http://HOST:PORT or https://HOST:PORT`)
  }
  const url = new URL(path, engine.url)
  const headers: Record<string, string> = { accept: 'application/json' }
  if (body !== undefined) headers['content-type'] = 'application/json'
  if (engine.token !== undefined) headers.authorization = `Bearer ${engine.token}`
  const response = await fetch(url, { method, headers, ...(body === undefined ? {} : { body: JSON.stringify(body) }) }).catch(
    (cause: unknown) => {
      throw new VitalwireError('network-http', `engine ${engine.url} cannot be reached: ${(cause as Error).message}`, { cause })
    },
  )
  const text = await response.text()
  if (!response.ok)
    throw new VitalwireError('network-http', `engine ${engine.url} answered ${response.status} to ${method} ${path}: ${text.slice(0, 300)}`)
  return text === '' ? null : JSON.parse(text)
}

export async function assignDevice(engine: EngineAddress, device: string, patient: string): Promise<void> {
  await request(engine, 'POST', '/api/v1/assignments', { device, patient, from: new Date().toISOString(), reason: 'vitalwire replay' })
}

/** The patient that the newest session of a device belongs to; null when the engine knows none. */
export async function findPatient(engine: EngineAddress, device: string): Promise<string | null> {
  const answer = (await request(engine, 'GET', '/api/v1/sessions')) as { sessions?: { devices: string[]; patient: string }[] }
  return answer.sessions?.findLast(session => session.devices.includes(device))?.patient ?? null
}
