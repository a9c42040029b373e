import type { FeedEvent, SystemAlertView } from '../../../server/feed-protocol.js'

/** What an event of the system log has to say to the people at the screen; null: nothing. */
export function systemNotice(event: FeedEvent): SystemAlertView | null {
  if (event.log !== 'system') return null
  const told = tell(event)
  return told && { id: `${event.type}:${event.device}`, what: event.type, device: event.device, since: event.at, ...told }
}

function tell({ type, body, device }: FeedEvent): Pick<SystemAlertView, 'priority' | 'message'> | null {
  switch (type) {
    case 'mismatch':
      return { priority: 'high', message: `an event made again differs from the one logged: ${String(body.event)}` }
    case 'worker':
      return tellWorker(String(body.worker), String(body.state), typeof body.detail === 'string' ? body.detail : '')
    case 'birth-refused':
      return { priority: 'medium', message: `${device}: birth refused, ${String(body.reason)}` }
    case 'boot':
      return body.implied === true ? { priority: 'medium', message: `${device} restarted under the same boot` } : null
    case 'refused':
      return { priority: 'low', message: `${device}: message refused, ${String(body.reason)}` }
    case 'late':
      return {
        priority: 'low',
        message: `${device}: ${String(body.count)} samples of ${String(body.stream)} came late and are analysed apart`,
      }
    case 'session':
      return body.state === 'disordered' ? { priority: 'medium', message: `${device}: a recorded session ran out of order` } : null
    default:
      return null
  }
}

/** Without a word of its own a state is told as it is: unknown is not unimportant. */
function tellWorker(worker: string, state: string, detail: string): Pick<SystemAlertView, 'priority' | 'message'> {
  const of = `worker ${worker}`
  const more = detail === '' ? '' : `: ${detail}`
  switch (state) {
    case 'blocked':
      return { priority: 'high', message: `${of} cannot write${more}` }
    case 'disconnected':
      return { priority: 'high', message: `${of} has lost the broker${more}` }
    case 'restored':
    case 'unblocked':
    case 'connected':
      return { priority: 'low', message: `${of} goes on: ${state}${more}` }
    default:
      return { priority: 'medium', message: `${of}: ${state.replaceAll('-', ' ')}${more}` }
  }
}
