import { existsSync } from 'node:fs'
import path from 'node:path'
import { createVirtualDevice, type VirtualDeviceOptions } from '../../src/device/create-virtual-device.js'
import type { SignalSource } from '../../src/device/signal-source.js'
import type { VirtualDevice } from '../../src/device/virtual-device.js'
import { datasetsRoot } from '../../src/recording/datasets.js'
import { openRecording } from '../../src/recording/open-recording.js'
import { makeSyntheticSource } from '../../src/simulate/synthetic-source.js'

/** A patient's session that the pipeline runs over; each call opens it anew, so that nothing is left of the run before. */
export interface PipelineSource {
  readonly description: string
  open(chunkSeconds?: number): Promise<VirtualDevice>
}

export type SourceName = 'ecg' | 'all'

const mitdbRecord = 'mitdb/100'

/** `ecg`: record 100 of the MIT-BIH database where it is at hand, both leads; else a simulated lead. `all`: every kind. */
export function findSource(name: SourceName, seconds: number): PipelineSource {
  const record = path.join(datasetsRoot(), mitdbRecord)
  if (name === 'ecg' && existsSync(`${record}.hea`)) {
    return {
      description: `${mitdbRecord}, 2 leads at 360 Hz, first ${seconds} s`,
      open: async chunkSeconds => open(await openRecording(record), chunkSeconds, { to: seconds }),
    }
  }
  const simulated = () => makeSyntheticSource({ name: 'bench', scenario: 'desaturation', seed: 5, durationSeconds: seconds })
  if (name === 'ecg') {
    return {
      description: `simulated ECG, 2 leads at 250 Hz, ${seconds} s`,
      open: async chunkSeconds => open({ ...simulated(), numerics: null }, chunkSeconds, { channels: ['II', 'V5'] }),
    }
  }
  return {
    description: `simulated: ECG 2 x 250 Hz, PPG red and infrared 100 Hz, impedance 25 Hz, numerics 1 Hz, ${seconds} s`,
    open: async chunkSeconds => open(simulated(), chunkSeconds, {}),
  }
}

function open(source: SignalSource, chunkSeconds: number | undefined, more: Partial<VirtualDeviceOptions>): VirtualDevice {
  return createVirtualDevice({ source, boot: 1, ...(chunkSeconds === undefined ? {} : { chunkSeconds }), ...more })
}
