import { describe, expect, it } from 'vitest'
import { judgeLink, probeAfterMs, probeTimeoutMs, reconnectDelayMs } from '../../src/station/src/feed/link-rules.js'

const facts = { open: true, lastContact: 0, lastMessage: 0, lastSelfCheck: 0 }

describe('the rules of the link', () => {
  it('are content while messages come', () => {
    expect(judgeLink(facts, 1000)).toMatchObject({ connected: true, grey: false, notMonitored: false })
  })

  it('grey the numbers at once when the socket is closed, and within 3 s of silence', () => {
    expect(judgeLink({ ...facts, open: false }, 100).grey).toBe(true)
    expect(judgeLink(facts, 3000).grey).toBe(true)
    expect(probeAfterMs + probeTimeoutMs).toBeLessThan(2500)
  })

  it('hold on to a quiet feed while the engine answers, but not for ever', () => {
    expect(judgeLink({ ...facts, lastContact: 5000 }, 6000).connected).toBe(true)
    expect(judgeLink({ ...facts, lastContact: 13_000, lastMessage: 0 }, 13_000).connected).toBe(false)
  })

  it('strike the numbers through after 10 s', () => {
    expect(judgeLink(facts, 9999).struck).toBe(false)
    expect(judgeLink(facts, 10_000).struck).toBe(true)
  })

  it('say NOT MONITORED after 15 s without a self-check, however connected', () => {
    const talking = { open: true, lastContact: 15_000, lastMessage: 15_000, lastSelfCheck: 0 }
    expect(judgeLink(talking, 14_999).notMonitored).toBe(false)
    expect(judgeLink(talking, 15_000)).toMatchObject({ connected: true, notMonitored: true })
  })

  it('try again sooner first and at most every 6.25 s later', () => {
    expect(reconnectDelayMs(0, 0)).toBeLessThan(200)
    expect(reconnectDelayMs(40, 1)).toBe(6250)
  })
})
