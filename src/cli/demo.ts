import path from 'node:path'
import type { PlayedDevice } from '../device/played-device.js'
import { datasetFolder, manifestsFolder } from '../recording/datasets.js'
import { openRecording } from '../recording/open-recording.js'
import { bootFromTime, playRecording } from '../replay/play-recording.js'
import { replayDevices } from '../replay/replay-devices.js'
import { simulatePatients } from '../simulate/simulate-patients.js'

interface DemoPatient {
  readonly dataset: string
  /** Record below the data set's folder, or a session file beside the manifests. */
  readonly record: string
  /** Where to begin, seconds: some time before what there is to see. */
  readonly from: number
}

/** Recorded patients with something to see within a minute: an asystole, a bradycardia, a desaturation, an ICU patient. */
const recorded: readonly DemoPatient[] = [
  { dataset: 'cinc2015', record: 'a161l', from: 262 },
  { dataset: 'cinc2015', record: 'b183l', from: 250 },
  { dataset: 'uw-hypoxia', record: '100001.recording.json', from: 345 },
  { dataset: 'mimic4wdb', record: '0001.recording.json', from: 0 },
  { dataset: 'mitdb', record: '203', from: 0 },
]

/**
 * Plays patients until `signal`: recordings where they are at hand (each again from its beginning when it ends), else
 * simulated ones. A patient that cannot be played is said and left out.
 */
export async function playDemo(broker: string, signal: AbortSignal, warn: (line: string) => void): Promise<void> {
  const boot = bootFromTime(Date.now())
  const epoch = Date.now() * 1000
  const devices: PlayedDevice[] = []
  for (const patient of recorded) {
    const device = await openDemoPatient(patient, boot)
    if (device !== null) devices.push(device)
  }
  if (devices.length === 0) {
    warn('no recordings at hand (set VITALWIRE_DATASETS), so the patients are simulated')
    devices.push(...simulatePatients({ patients: 5, scenario: 'mixed', seed: 1, boot, epoch }).map(patient => patient.played))
    devices.push(
      ...simulatePatients({ patients: 1, scenario: 'desaturation', seed: 2, boot, epoch, prefix: 'sim-desaturation' }).map(
        patient => patient.played,
      ),
    )
  } else warn(`playing ${devices.map(({ record }) => record).join(', ')}`)
  await Promise.all(
    devices.map(async device => {
      await replayDevices([device], { url: broker, speed: 1, loop: true, signal }).catch((error: Error) => {
        warn(`${device.record} is not played any more: ${error.message}`)
      })
    }),
  )
}

async function openDemoPatient({ dataset, record, from }: DemoPatient, boot: number): Promise<PlayedDevice | null> {
  try {
    const folder = await datasetFolder(dataset)
    const file = record.endsWith('.recording.json') ? path.join(await manifestsFolder(), dataset, record) : path.join(folder, record)
    const source = await openRecording(file)
    return playRecording({ source, boot, from, epoch: (Date.now() - from * 1000) * 1000 })
  } catch {
    // A set that is not at hand, or only in part.
    return null
  }
}
