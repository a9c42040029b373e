import type { StationView } from '../feed/station.js'
import { printAge } from '../words/age.js'

/** Alerts of the engine about itself: beside the patients, never among them. */
export function EnginePanel({ view }: { view: StationView }) {
  const { ward, engineNow } = view
  const check = ward.selfCheck
  return (
    <section class="engine" aria-labelledby="engine-head">
      <h2 id="engine-head">Engine</h2>
      <p class="engine-check">
        {check === null
          ? 'waiting for the first self-check'
          : check.state === 'ok'
            ? `self-check ${check.sequence} passed`
            : `degraded: ${check.detail}`}
        {ward.wavesDropped > 0 && `; ${ward.wavesDropped} waveform frames left out for this screen`}
      </p>
      {ward.system.length > 0 && (
        <ul>
          {ward.system.map(notice => (
            <li key={notice.id} class={`notice notice-${notice.priority}`}>
              <span class="alert-priority">{notice.priority}</span> {notice.message}, {printAge((engineNow - notice.since) / 1e6)} ago
            </li>
          ))}
        </ul>
      )}
    </section>
  )
}
