import type { LoggedEvent } from '../journal/logged-event.js'
import type { StoreLag } from '../store/store-consumer.js'
import type { EngineLagView } from './engine-port.js'
import type { SystemAlertView } from './feed-protocol.js'

/** Things that happened stay for an hour; what is so now comes from the engine's lag each time. */
const keepMicros = 3600e6
const keepNotices = 200
/** A crash tells its whole stack; a notice is a line. */
const longestMessage = 500
const order = ['low', 'medium', 'high'] as const

/** What the engine has to say of itself, for the place beside the patients. */
export class SystemNotices {
  private readonly happened = new Map<string, SystemAlertView>()

  apply(event: LoggedEvent): void {
    const told = tell(event)
    if (!told) return
    const id = event.type === 'worker' ? `worker:${String(event.body.worker)}:${String(event.body.state)}` : `${event.type}:${event.device}`
    this.happened.delete(id)
    this.happened.set(id, {
      id,
      what: event.type,
      device: event.device,
      since: event.at,
      ...told,
      message: told.message.slice(0, longestMessage),
    })
    if (this.happened.size > keepNotices) this.dropOne(event.at)
  }

  /** One that is over, else the oldest of the least priority that there is. */
  private dropOne(now: number): void {
    const all = [...this.happened.values()]
    const over = all.find(notice => now - notice.since >= keepMicros)
    const least = order.find(priority => all.some(notice => notice.priority === priority))
    this.happened.delete((over ?? all.find(notice => notice.priority === least)!).id)
  }

  view(now: number, lag: EngineLagView, stores: readonly StoreLag[]): SystemAlertView[] {
    return [...[...this.happened.values()].filter(notice => now - notice.since < keepMicros), ...currentTroubles(now, lag, stores)]
  }
}

/** What is wrong at this moment: any of it makes the self-check `degraded`. */
export function currentTroubles(now: number, lag: EngineLagView, stores: readonly StoreLag[]): SystemAlertView[] {
  const troubles: SystemAlertView[] = []
  const add = (id: string, priority: SystemAlertView['priority'], message: string): void => {
    troubles.push({ id, what: id.split(':')[0]!, priority, message, device: '', since: now })
  }
  for (const { worker, reason } of lag.blocked) add(`blocked:${worker}`, 'high', `worker ${worker} cannot write: ${reason}`)
  for (const text of lag.damaged) add(`damaged:${text.split(':')[0]}`, 'medium', `found at the start: ${text}`)
  for (const { what, reason } of lag.failing) add(`failing:${what}`, 'medium', `${what} cannot be written: ${reason}`)
  for (const { worker, state } of lag.workers) if (state !== 'running') add(`worker:${worker}`, 'high', `worker ${worker} is ${state}`)
  if (!lag.brokerConnected) add('broker', 'high', 'the broker is not connected: nothing comes in')
  for (const { store, state, error, missingUntil } of stores) {
    if (missingUntil !== null) {
      const until = new Date(missingUntil / 1000).toISOString()
      add(
        `missing:${store}`,
        'medium',
        `store ${store} lacks events up to ${until}, which were deleted before it had taken them (retention)`,
      )
    }
    if (state === 'retrying') add(`store:${store}`, 'medium', `store ${store} takes nothing, what comes is kept in the event log: ${error}`)
  }
  return troubles
}

function tell(event: LoggedEvent): { priority: SystemAlertView['priority']; message: string } | null {
  const { body, device } = event
  if (event.type === 'mismatch')
    return { priority: 'high', message: `an event made again differs from the one logged: ${String(body.event)}` }
  if (event.type === 'worker') return tellWorker(body)
  if (event.type === 'birth-refused') return { priority: 'medium', message: `${device}: birth refused, ${String(body.reason)}` }
  if (event.type === 'boot' && body.implied === true) return { priority: 'medium', message: `${device} restarted under the same boot` }
  if (event.type === 'refused') return { priority: 'low', message: `${device}: message refused, ${String(body.reason)}` }
  if (event.type === 'late')
    return {
      priority: 'low',
      message: `${device}: ${String(body.count)} samples of ${String(body.stream)} came late and are analysed apart`,
    }
  if (event.type === 'session' && body.state === 'disordered')
    return { priority: 'medium', message: `${device}: a recorded session ran out of order` }
  return null
}

/** What is over when it is over (restored, connected) is not told: the troubles of the moment say whether it lasts. */
function tellWorker({ worker, state, detail }: LoggedEvent['body']): { priority: SystemAlertView['priority']; message: string } | null {
  const of = worker === null ? 'engine' : `worker ${String(worker)}`
  const what = workerStates[String(state)]
  return what === undefined ? null : { priority: what[0], message: `${of} ${what[1]}: ${String(detail)}` }
}

const workerStates: Readonly<Record<string, readonly [SystemAlertView['priority'], string]>> = {
  crashed: ['medium', 'crashed'],
  blocked: ['high', 'could not write, and devices were held back'],
  'record-failed': ['high', 'passed over a record that made it fail'],
  'snapshot-failed': ['medium', 'could not write a snapshot'],
  damaged: ['high', 'found damage in what was acknowledged'],
  'torn-tail': ['low', 'cut off an unfinished record at the start'],
}
