/** What an alert is called in requests and answers: `PATIENT~CONDITION~STREAM~EPISODE`; all of it may stand in a URL path. */
export interface AlertName {
  readonly patient: string
  readonly condition: string
  /** Empty for conditions of the patient. */
  readonly stream: string
  /** Counts the episodes of this condition, from 1. */
  readonly episode: number
}

export function formatAlertId(name: AlertName): string {
  return `${name.patient}~${name.condition}~${name.stream}~${name.episode}`
}

/** null when it is no such id. Conditions and streams hold no `~`. */
export function parseAlertId(id: string): AlertName | null {
  const parts = id.split('~')
  if (parts.length < 4) return null
  const [condition, stream, episode] = parts.slice(-3) as [string, string, string]
  if (!/^[1-9]\d{0,15}$/.test(episode)) return null
  return { patient: parts.slice(0, -3).join('~'), condition, stream, episode: Number(episode) }
}
