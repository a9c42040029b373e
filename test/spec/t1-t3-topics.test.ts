import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { decodeBirth, encodeBirth } from '../../src/wire/birth.js'
import { encodeDocument } from '../../src/wire/document.js'
import { buildTopic, mayPublish, mayRead, parseTopic } from '../../src/wire/topics.js'
import { birthOf, ecg } from '../wire/sample-device.js'

const id = fc.stringMatching(/^[a-z0-9-]{1,64}$/)

describe('topics', () => {
  it('T1 builds and parses every topic of the protocol', () => {
    const kind = fc.constantFrom('birth', 'state', 'w', 'n', 'e', 'hw', 'cmd')
    fc.assert(
      fc.property(id, id, id, kind, (tenant, device, stream, kind) => {
        const topic = { tenant, device, kind, stream: kind === 'w' ? stream : '' } as NonNullable<ReturnType<typeof parseTopic>>
        expect(parseTopic(buildTopic(topic))).toEqual(topic)
      }),
    )
    expect(buildTopic({ tenant: 'ward-3', device: 'm1', kind: 'w', stream: 'ecg' })).toBe('vw/1/ward-3/m1/w/ecg')
  })

  it.each([
    'vw/1/t/d',
    'vw/1/t/d/w',
    'vw/1/t/d/w/ecg/x',
    'vw/1/t/d/n/x',
    'vw/2/t/d/n',
    'xx/1/t/d/n',
    'vw/1/T/d/n',
    'vw/1/t//n',
    'vw/1/t/d/q',
    `vw/1/t/${'a'.repeat(65)}/n`,
    'vw/1/t/d/w/e_g',
    '',
  ])('T1 does not take %s for a topic', text => {
    expect(parseTopic(text)).toBeNull()
  })

  it('T1 refuses to build a topic of an id that is not accepted', () => {
    expect(() => buildTopic({ tenant: 't', device: 'Bed 4', kind: 'n', stream: '' })).toThrow(RangeError)
  })

  it('T2 has no place for a patient in a birth', () => {
    const { fs, ...rest } = ecg
    const document = { ...birthOf(), streams: [{ ...rest, fs: [fs.num, fs.den] }], patient: 'Jane Doe' }
    expect(decodeBirth(encodeDocument(document))).toMatchObject({
      reason: 'birth-shape',
      detail: expect.stringContaining('patient names a person') as string,
    })
    expect(decodeBirth(encodeBirth(birthOf()))).toHaveProperty('ok')
  })

  it('T3 lets a device publish and read its own topics only', () => {
    for (const tail of ['birth', 'state', 'w/ecg', 'n', 'e']) {
      expect(mayPublish('d1', `vw/1/t/d1/${tail}`)).toBe(true)
      expect(mayPublish('d2', `vw/1/t/d1/${tail}`)).toBe(false)
      expect(mayRead('d1', `vw/1/t/d1/${tail}`)).toBe(false)
    }
    for (const tail of ['hw', 'cmd']) {
      expect(mayRead('d1', `vw/1/t/d1/${tail}`)).toBe(true)
      expect(mayRead('d2', `vw/1/t/d1/${tail}`)).toBe(false)
      expect(mayPublish('d1', `vw/1/t/d1/${tail}`)).toBe(false)
    }
    for (const filter of ['#', 'vw/1/t/+/cmd', 'vw/1/t/d1/#', '$SYS/#']) expect(mayRead('d1', filter)).toBe(false)
  })
})
