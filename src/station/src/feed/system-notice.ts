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
      return body.state === 'crashed'
        ? { priority: 'medium', message: `worker ${String(body.worker)} crashed: ${String(body.detail)}` }
        : { priority: 'low', message: `worker ${String(body.worker)} is restored` }
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
