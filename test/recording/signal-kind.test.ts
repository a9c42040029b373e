import { describe, expect, it } from 'vitest'
import { chooseKind, toUcum } from '../../src/recording/signal-kind.js'

describe('kind of a signal', () => {
  it('follows the names that the databases give', () => {
    const names = {
      ecg: [
        'I',
        'ii',
        'III',
        'aVR',
        'avl',
        'V',
        'V5',
        'v1',
        'MCL1',
        'MLII',
        'ML5',
        'mod.V1',
        'CM5',
        'CC5',
        'D3',
        'ECG',
        'ECG lead II',
        'ECG_1',
        'vx',
      ],
      ppg: ['PLETH', 'Pleth', 'PPG', 'BVP', 'ppg red'],
      respiration: ['RESP', 'Resp', 'Resp. Imp.'],
      pressure: ['ABP', 'ART', 'PAP', 'CVP', 'BP'],
      acceleration: ['ACC_X', 'Accelerometer_X'],
      eeg: ['Fp2-F4', 'C4-A1', 'EEG Fpz-Cz'],
      temperature: ['DEV_Temperature'],
      other: ['CO2', 'marker', 'foot GSR', 'R', 'G'],
    } as const
    for (const [kind, list] of Object.entries(names)) for (const name of list) expect(chooseKind(name, '1'), name).toBe(kind)
  })

  it('else the unit, where one is given', () => {
    expect(chooseKind('col 0', 'mV')).toBe('ecg')
    expect(chooseKind('col 0', 'mV', false)).toBe('other')
    expect(chooseKind('P9', 'mm[Hg]')).toBe('pressure')
  })

  it("a monitor's numbers stored as a slow signal are no waveform", () => {
    expect([chooseKind('RESP', '/min'), chooseKind('NBPSys', 'mm[Hg]'), chooseKind('SpO2', '%')]).toEqual(['other', 'other', 'other'])
  })

  it('units become UCUM, unknown ones an annotation', () => {
    expect(['mmHg', 'NU', 'uV', 'bpm', 'degC', 'Ohm', '', '°', 'l/min', 'furlong', 'a b{c}'].map(toUcum)).toEqual([
      'mm[Hg]',
      '1',
      'uV',
      '/min',
      'Cel',
      'Ohm',
      '1',
      'deg',
      'L/min',
      '{furlong}',
      '{abc}',
    ])
  })
})
