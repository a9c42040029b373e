import { describe, expect, it } from 'vitest'
import { chooseKind, kindChooser, toUcum } from '../../src/recording/signal-kind.js'

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

  it('is that of the head for all places of a cap that is labelled by letter and number', () => {
    const cap = 'ABCDEFGHI'.split('').flatMap(letter => [1, 2, 9, 16].map(number => `${letter}${number}`))
    const inCap = kindChooser([...cap, 'Status'])
    expect(new Set(cap.map(name => inCap(name, 'uV')))).toEqual(new Set(['eeg']))
    expect(new Set(cap.map(name => inCap(name, '1')))).toEqual(new Set(['other']))
    expect([inCap('Status', '1'), inCap('ECG', 'uV'), inCap('V1', 'mV')]).toEqual(['other', 'ecg', 'ecg'])
    const few = kindChooser(['D1', 'D2', 'D3', 'aVR', 'aVL', 'aVF', 'V1', 'V2', 'V3', 'V4', 'V5', 'V6', 'C1', 'C2', 'F3', 'F4'])
    expect(['D1', 'D2', 'D3'].map(name => few(name, 'mV'))).toEqual(['ecg', 'ecg', 'ecg'])
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
