import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { partitionOf, pseudonym } from '../../src/intake/placement.js'
import { Registry } from '../../src/intake/registry.js'
import type { Birth } from '../../src/wire/birth.js'
import { temporaryFolder } from '../journal/temporary-folder.js'

const said = { author: 'nurse', reason: 'admission' }

function birth(boot: number, clock: Birth['clock']): Birth {
  return { boot, model: 'm', firmware: 'f', clock, streams: [], numerics: { t0: 0, every: 1 } }
}

describe('registry', () => {
  it('remembers devices, births and assignments over a restart, and ends an assignment where the next begins', () => {
    const path = join(temporaryFolder(), 'registry.json')
    const registry = new Registry(path)
    registry.enter('d-1', 't')
    for (let boot = 1; boot <= 10; boot++) registry.noteBirth('d-1', birth(boot, 'recorded'))
    registry.assign({ device: 'd-1', patient: 'a', from: 10, to: null, ...said }, true, true)
    registry.assign({ device: 'd-1', patient: 'b', from: 20, to: 90, ...said }, true, true)
    registry.assign({ device: 'd-1', patient: 'c', from: 50, to: null, ...said }, false, true)
    const again = new Registry(path)
    expect(again.assignments().map(({ patient, from, to }) => [patient, from, to])).toEqual([
      ['a', 10, 20],
      ['b', 20, 50],
      ['c', 50, null],
    ])
    expect(again.device('d-1')).toMatchObject({ tenant: 't', patient: 'b' })
    expect(again.birthOf('d-1', 10)).toEqual(birth(10, 'recorded'))
    expect(again.birthOf('d-1', 1)).toBeUndefined()
    expect(again.partitionOf('d-1')).toBe(partitionOf('d-1', 'b'))
  })

  it('refuses recorded and live devices of one patient, whichever comes second', () => {
    const registry = new Registry(join(temporaryFolder(), 'registry.json'))
    for (const [device, clock] of [
      ['tape', 'recorded'],
      ['watch', 'monotonic'],
      ['clip', 'utc'],
    ] as const) {
      registry.enter(device, 't')
      registry.noteBirth(device, birth(1, clock))
    }
    registry.assign({ device: 'watch', patient: 'a', from: 0, to: null, ...said }, true, true)
    expect(() => registry.checkMix('clip', 'a')).not.toThrow()
    expect(() => registry.checkMix('tape', 'b')).not.toThrow()
    expect(() => registry.checkMix('tape', 'a')).toThrow(expect.objectContaining({ code: 'usage-option' }))
  })

  it('takes in tens of thousands of new devices at once', () => {
    const registry = new Registry(join(temporaryFolder(), 'registry.json'))
    const begun = performance.now()
    for (let k = 0; k < 50_000; k++) {
      registry.enter(`d-${k}`, 't')
      registry.assign({ device: `d-${k}`, patient: pseudonym(`d-${k}`), from: 0, to: null, ...said }, true, false)
    }
    // A look through all that are there for each one takes half a minute on an idle machine.
    expect(performance.now() - begun).toBeLessThan(20_000)
    expect(registry.wasAssigned('d-7')).toBe(true)
    expect(registry.wasAssigned('d-x')).toBe(false)
    expect(registry.partitionOf('d-7')).toBe(partitionOf('d-7', pseudonym('d-7')))
    registry.assign({ device: 'd-7', patient: null, from: 30, to: null, ...said }, true, false)
    expect(registry.partitionOf('d-7')).toBe(partitionOf('d-7', null))
    expect(registry.assignments().filter(({ device }) => device === 'd-7')).toMatchObject([{ to: 30 }, { patient: null, to: null }])
  })

  it('changes nothing when the disk refuses', () => {
    const folder = temporaryFolder()
    const path = join(folder, 'registry.json')
    const registry = new Registry(path)
    registry.enter('d-1', 't')
    registry.assign({ device: 'd-1', patient: 'a', from: 10, to: null, ...said }, true, true)
    // The temporary name is taken by a folder, so nothing can be written there.
    mkdirSync(`${path}.tmp`)
    expect(() => registry.assign({ device: 'd-1', patient: 'b', from: 20, to: null, ...said }, true, true)).toThrow(
      expect.objectContaining({ code: 'disk-write' }),
    )
    expect(registry.device('d-1')!.patient).toBe('a')
    expect(registry.assignments()).toHaveLength(1)
  })

  it('refuses a file of another version', () => {
    const path = join(temporaryFolder(), 'registry.json')
    writeFileSync(path, '{"version": 2}')
    expect(() => new Registry(path)).toThrow(expect.objectContaining({ code: 'disk-format' }))
  })
})

describe('placement', () => {
  it('is the same in every release: the data folder depends on it', () => {
    expect([partitionOf('d-1', null), partitionOf('d-1', 'bed-1'), partitionOf('d-2', 'bed-1')]).toEqual([55, 24, 24])
    expect(pseudonym('d-1')).toBe('p-69812a73b23a')
    const used = new Set(Array.from({ length: 1000 }, (_, k) => partitionOf('', `patient ${k}`)))
    expect(used.size).toBe(64)
  })
})
