import { useMemo, useState } from 'preact/hooks'
import type { AlertView } from '../../../server/feed-protocol.js'
import { type Api, ApiRefusal } from '../feed/api.js'
import { groupOf, stateWords } from '../ward/alert-groups.js'
import { printAge } from '../words/age.js'
import { EvidenceCanvas } from './evidence-canvas.js'

interface AlertCardProps {
  readonly alert: AlertView
  /** How the patient's tile is headed. */
  readonly patientName: string
  readonly engineNow: number
  readonly api: Api
}

export function AlertCard(props: AlertCardProps) {
  const second = Math.floor(props.engineNow / 1e6)
  return useMemo(() => <AlertCardBody {...props} />, [props.alert, props.patientName, props.api, second])
}

function AlertCardBody({ alert, patientName, engineNow, api }: AlertCardProps) {
  const group = groupOf(alert)
  const acknowledged = alert.acknowledged
  return (
    <li
      class={`alert alert-${group} ${acknowledged === null ? 'alert-open' : 'alert-seen'}`}
      data-alert={alert.id}
      data-condition={alert.condition}
    >
      <p class="alert-what">
        <span class="alert-priority">{group === 'technical' ? `technical, ${alert.priority}` : group}</span>
        {/* Only what is high and not acknowledged interrupts a screen reader. */}
        <strong class="alert-message" {...(group === 'high' && acknowledged === null ? { role: 'alert' } : {})}>
          {patientName}: {alert.message}
        </strong>
      </p>
      <p class="alert-about">
        {alert.delayed && <strong class="alert-delayed">DELAYED</strong>} {stateWords(alert)}, began{' '}
        {printAge((engineNow - alert.onsetAt) / 1e6)} ago
        {alert.stream === '' ? '' : `, stream ${alert.stream}`}
      </p>
      <EvidenceCanvas alert={alert} api={api} />
      {acknowledged === null ? (
        <AcknowledgeForm alert={alert} api={api} />
      ) : (
        <p class="alert-acknowledged">
          acknowledged by {acknowledged.by}, {printAge((engineNow - acknowledged.at) / 1e6)} ago
          {acknowledged.note === '' ? '' : `: ${acknowledged.note}`}
        </p>
      )}
    </li>
  )
}

/** Compare-and-set: says which revision was looked at; a refusal is shown and the note kept. */
function AcknowledgeForm({ alert, api }: { alert: AlertView; api: Api }) {
  const [note, setNote] = useState('')
  const [sending, setSending] = useState(false)
  const [problem, setProblem] = useState('')
  const submit = async (event: Event) => {
    event.preventDefault()
    setSending(true)
    setProblem('')
    try {
      await api.acknowledge(alert.id, alert.revision, note)
    } catch (error) {
      setProblem(refusalWords(error))
    } finally {
      setSending(false)
    }
  }
  return (
    <form class="acknowledge" onSubmit={event => void submit(event)}>
      <label>
        <span class="visually-hidden">Note for {alert.message}</span>
        <input type="text" maxLength={1000} placeholder="note" value={note} onInput={event => setNote(event.currentTarget.value)} />
      </label>
      <button type="submit" disabled={sending}>
        Acknowledge
      </button>
      {problem !== '' && (
        <p class="acknowledge-problem" role="status">
          {problem}
        </p>
      )}
    </form>
  )
}

function refusalWords(error: unknown): string {
  if (!(error instanceof ApiRefusal)) return 'Not acknowledged: the engine did not answer.'
  if (error.status !== 409) return `Not acknowledged: ${error.message}.`
  if (error.code === 'already-acknowledged') return 'Not acknowledged: someone else has acknowledged it already.'
  if (error.code === 'nothing-to-acknowledge') return 'Not acknowledged: the alert is over.'
  return 'Not acknowledged: the alert has changed since you saw it. Look at it again, then acknowledge.'
}
