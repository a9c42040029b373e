import { useEffect, useMemo, useState } from 'preact/hooks'
import { notMedicalDevice } from '../../../server/feed-protocol.js'
import { Api } from '../feed/api.js'
import { Station } from '../feed/station.js'
import type { WardPatient } from '../feed/ward-types.js'
import { type AlertGroup, alertGroups, groupAlerts, sortPatients } from '../ward/alert-groups.js'
import { FrameLoop } from '../wave/frame-loop.js'
import { AlertCard } from './alert-card.js'
import { Banners } from './banners.js'
import { EnginePanel } from './engine-panel.js'
import { Tile } from './tile.js'
import { UserField, userName } from './user-field.js'

const groupNames: Record<AlertGroup, string> = { high: 'High', medium: 'Medium', low: 'Low', technical: 'Technical' }

export function App({ token, onUnauthorised }: { token: string | null; onUnauthorised: () => void }) {
  const [, redraw] = useState(0)
  const station = useMemo(() => new Station(token, onUnauthorised), [token])
  const api = useMemo(() => new Api(token, userName), [token])
  const frames = useMemo(() => new FrameLoop(), [])
  useEffect(() => {
    station.onChange(() => redraw(count => count + 1))
    return () => station.close()
  }, [station])

  const view = station.view()
  const { ward, link, engineNow } = view
  const patients = sortPatients(ward.patients.values())
  const groups = groupAlerts(ward.patients.values())
  const open = alertGroups.reduce((sum, group) => sum + groups[group].filter(alert => alert.acknowledged === null).length, 0)
  const nameOf = (id: string) => headOf(ward.patients.get(id)) ?? id

  useEffect(() => {
    document.title = `${link.connected ? '' : 'NOT CONNECTED '}${open > 0 ? `(${open}) ` : ''}Vitalwire station`
  }, [open, link.connected])

  return (
    <div class={`station ${link.grey ? 'is-grey' : ''} ${link.struck ? 'is-struck' : ''}`} data-connected={String(link.connected)}>
      <header class="top">
        <h1>Vitalwire</h1>
        <p class="not-medical">{notMedicalDevice}</p>
        <p class="top-link">{link.connected ? 'connected' : 'not connected'}</p>
        {token === null && <UserField />}
      </header>
      <Banners view={view} onSeen={() => station.forgetOutage()} />
      <main class="desk">
        <section class="ward" aria-labelledby="ward-head">
          <h2 id="ward-head">Ward: {patients.length === 1 ? '1 patient' : `${patients.length} patients`}</h2>
          {patients.length === 0 && <p class="empty">No patient yet. Devices that sign in and are assigned appear here.</p>}
          <div class="tiles">
            {patients.map(patient => (
              <Tile
                key={patient.id}
                patient={patient}
                engineNow={engineNow}
                connected={link.connected}
                waves={station.waves}
                frames={frames}
              />
            ))}
          </div>
        </section>
        <aside class="alerts" aria-label="Alerts">
          {alertGroups.map(group => (
            <section key={group} aria-labelledby={`alerts-${group}`}>
              <h2 id={`alerts-${group}`}>
                {groupNames[group]} <span class="count">{groups[group].length}</span>
              </h2>
              <ul>
                {groups[group].map(alert => (
                  <AlertCard key={alert.id} alert={alert} patientName={nameOf(alert.patient)} engineNow={engineNow} api={api} />
                ))}
              </ul>
            </section>
          ))}
          <EnginePanel view={view} />
        </aside>
      </main>
    </div>
  )
}

function headOf(patient: WardPatient | undefined): string | null {
  return patient?.devices.map(device => device.id).join(', ') || null
}
