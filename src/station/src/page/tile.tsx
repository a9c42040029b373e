import { useMemo } from 'preact/hooks'
import type { DeviceView } from '../../../server/feed-protocol.js'
import type { WardPatient } from '../feed/ward-types.js'
import { foremostAlert, groupOf, isTold } from '../ward/alert-groups.js'
import { chooseWaves } from '../ward/choose-waves.js'
import { mainSlots, type VitalSlot, vitalSlots } from '../ward/vital-slots.js'
import type { FrameLoop } from '../wave/frame-loop.js'
import type { WaveDesk } from '../wave/wave-desk.js'
import { printAge } from '../words/age.js'
import { describeNews2 } from '../words/news2-words.js'
import { WaveCanvas } from './wave-canvas.js'

interface TileProps {
  readonly patient: WardPatient
  readonly engineNow: number
  /** False: what is shown is of the past. */
  readonly connected: boolean
  readonly waves: WaveDesk
  readonly frames: FrameLoop
}

/** Made anew when its patient changed and each second for the ages; the ward is drawn more often than that. */
export function Tile(props: TileProps) {
  const second = Math.floor(props.engineNow / 1e6)
  return useMemo(() => <TileBody {...props} />, [props.patient, props.connected, props.waves, second])
}

function TileBody({ patient, engineNow, connected, waves, frames }: TileProps) {
  const alert = foremostAlert(patient)
  const slots = vitalSlots(patient.vitals, engineNow)
  const choices = chooseWaves(patient.devices)
  const more = patient.alerts.filter(isTold).length - 1
  const state = alert === null ? 'calm' : alert.acknowledged === null ? groupOf(alert) : `seen-${groupOf(alert)}`
  return (
    <article class={`tile tile-${state}`} aria-labelledby={`tile-${patient.id}`} data-patient={patient.id}>
      <header class="tile-head">
        <h3 id={`tile-${patient.id}`}>{patient.devices.map(device => device.id).join(', ') || patient.id}</h3>
        <span class="tile-id">{patient.id}</span>
        <span class="tile-link">
          {!connected ? 'link not known' : patient.devices.length === 0 ? 'no device' : patient.devices.map(linkWords).join('; ')}
        </span>
      </header>
      <p class={`tile-alert tile-alert-${state}`}>
        {alert === null
          ? 'no alert'
          : `${alert.message}${alert.acknowledged === null ? '' : ' (acknowledged)'}${more > 0 ? `, and ${more} more` : ''}`}
      </p>
      {choices.length > 0 ? (
        <WaveCanvas patient={patient.id} choices={choices} waves={waves} frames={frames} />
      ) : (
        <p class="no-waves">no waveform</p>
      )}
      <dl class="numbers numbers-main">
        {slots
          .filter(slot => mainSlots.has(slot.name))
          .map(slot => (
            <VitalNumber key={slot.name} slot={slot} />
          ))}
      </dl>
      <dl class="numbers numbers-more">
        {slots
          .filter(slot => !mainSlots.has(slot.name))
          .map(slot => (
            <VitalNumber key={slot.name} slot={slot} />
          ))}
      </dl>
      <News2Line patient={patient} engineNow={engineNow} />
    </article>
  )
}

function VitalNumber({ slot }: { slot: VitalSlot }) {
  const standing = !slot.measurable || slot.stale ? 'aside' : slot.quality === 'poor' ? 'doubtful' : 'valid'
  const quality = slot.measurable && !slot.stale && slot.quality !== 'good' && slot.quality !== 'unknown' ? `signal ${slot.quality}` : ''
  return (
    <div class={`number number-${standing} vital-${slot.name}`}>
      <dt>
        <abbr title={slot.long}>{slot.short}</abbr>
      </dt>
      <dd>
        <span class="value">{slot.text}</span> <span class="unit">{slot.unit}</span>
        <span class="about">
          {printAge(slot.ageSeconds)} ago{slot.remark === '' ? '' : `, ${slot.remark}`}
          {quality === '' ? '' : `, ${quality}`}
        </span>
      </dd>
    </div>
  )
}

function News2Line({ patient, engineNow }: { patient: WardPatient; engineNow: number }) {
  const { figure, detail } = describeNews2(patient.news2)
  const age = patient.news2 === null ? '' : `, ${printAge((engineNow - patient.news2.at) / 1e6)} ago`
  return (
    <p class="news2">
      NEWS2 <strong class="value">{figure}</strong>{' '}
      <span class="about">
        {detail}
        {age}
      </span>
    </p>
  )
}

function linkWords(device: DeviceView): string {
  const words = {
    init: 'starting',
    ready: 'connected',
    sleeping: 'asleep',
    disconnected: 'signed off',
    lost: 'LINK LOST',
    unknown: 'link unknown',
  }
  const lost = device.streams.reduce((sum, stream) => sum + stream.lost, 0)
  const battery = device.battery === null ? '' : `, battery ${Math.round(device.battery)} %`
  return `${words[device.link]}${battery}${lost > 0 ? `, ${lost} samples lost` : ''}`
}
