import type { StationView } from '../feed/station.js'
import { printAge, printClock } from '../words/age.js'

/** What the page has to say of itself, before anything else. */
export function Banners({ view, onSeen }: { view: StationView; onSeen: () => void }) {
  const { link, outage, ward } = view
  const starting = ward.cursor === null && link.lostMs < 2000
  return (
    <>
      {!link.connected && !starting && (
        <p class="banner banner-lost" role="alert">
          NOT CONNECTED <span aria-hidden="true">{printClock(link.lostMs)}</span>
        </p>
      )}
      {link.notMonitored && (
        <p class="banner banner-lost" role="alert">
          NOT MONITORED: no self-check of the engine has arrived for more than 15 s; do not wait for alerts here
        </p>
      )}
      {link.connected && outage !== null && (
        <section class="banner banner-outage" aria-label="While not connected">
          <p>
            Was not connected for {printClock(outage.lengthMs)}.{' '}
            {outage.resumed
              ? 'Everything since has been read.'
              : 'What happened meanwhile is no longer to be had in order; what is so now, and alerts that are still open, are shown.'}
          </p>
          {ward.missed.length > 0 && (
            <ol>
              {ward.missed.map(({ alert, patient }) => (
                <li key={alert.id}>
                  {patient}: {alert.message}, began {printAge((view.engineNow - alert.onsetAt) / 1e6)} ago
                </li>
              ))}
            </ol>
          )}
          <button type="button" onClick={onSeen}>
            {ward.missed.length > 0 ? `Seen (${ward.missed.length} missed)` : 'Seen'}
          </button>
        </section>
      )}
    </>
  )
}
