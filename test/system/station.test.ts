import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import path from 'node:path'
import { type BrowserContext, chromium, type Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { program, RunningServer, scratchFolder } from '../support/running-server.js'

const browser = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'].find(file => existsSync(file))
const flags = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
]

/** Each test goes on from where the one before left the page: one nurse, one evening. */
describe.skipIf(browser === undefined)('the station in a browser (chromium)', () => {
  const scratch = scratchFolder('station')
  let server: RunningServer
  let devices: ChildProcess
  let context: BrowserContext
  let page: Page
  const problems: string[] = []

  beforeAll(async () => {
    server = await RunningServer.start(scratch.path)
    const simulate = [program, 'simulate', '--broker', server.mqtt, '--scenario', 'asystole', '--seed', '3']
    devices = spawn(process.execPath, simulate, { stdio: 'ignore' })
    context = await chromium.launchPersistentContext(path.join(scratch.path, 'profile'), {
      executablePath: browser!,
      headless: true,
      viewport: { width: 1400, height: 900 },
      args: flags,
    })
    page = context.pages()[0] ?? (await context.newPage())
    page.on('pageerror', error => problems.push(error.message))
    page.on('console', message => {
      if (message.text().includes('Content Security Policy')) problems.push(message.text())
    })
    await page.goto(server.http)
  })

  afterAll(async () => {
    await context?.close()
    if (devices?.exitCode === null) {
      devices.kill('SIGKILL')
      await once(devices, 'exit')
    }
    await server?.kill()
    scratch.remove()
  })

  it('says what it is not, and shows waves that move within 20 s', async () => {
    await page.getByText('Not a medical device; research and engineering use').waitFor()
    const canvas = page.locator('.wave-canvas').first()
    await canvas.waitFor({ timeout: 20_000 })
    await page.locator('.wave-label', { hasText: 'mm/mV' }).first().waitFor({ timeout: 20_000 })
    const first = await inkOf(page)
    await expect.poll(() => inkOf(page)).not.toBe(first)
    expect(await page.locator('.wave-label').count()).toBe(2)
    expect(await page.locator('.banner').count()).toBe(0)
  })

  it('shows numbers with unit and age, and a partial NEWS2 as "at least" with what is missing', async () => {
    const rate = page.locator('.vital-heart-rate')
    await rate.waitFor({ timeout: 30_000 })
    await expect.poll(() => rate.textContent(), { timeout: 30_000 }).toMatch(/^HR\d+ \/min\d+ s ago/)
    await expect.poll(() => page.locator('.news2').textContent(), { timeout: 30_000 }).toMatch(/NEWS2 (\d+|at least \d+.*missing: )/)
  })

  it('raises the asystole as a high alert, named on its tile, with the evidence drawn', async () => {
    const card = page.locator('.alert-high.alert-open[data-condition="asystole"]')
    await card.waitFor({ timeout: 90_000 })
    expect(await card.getByRole('alert').textContent()).toContain('No heartbeat found in the ECG for 4 s')
    expect(await page.locator('.tile-high .tile-alert').textContent()).toContain('No heartbeat')
    const strip = card.locator('canvas')
    await strip.waitFor({ timeout: 30_000 })
    const inked = await page.evaluate<number>(inkedPixels)
    expect(inked).toBeGreaterThan(200)
  })

  it('acknowledges by keyboard alone, with a note, and shows who did', async () => {
    await page.getByLabel('You are').fill('Nurse Joy')
    const card = page.locator('[data-condition="asystole"]')
    await card.getByLabel('Note for').focus()
    await page.keyboard.type('looking at the patient')
    await page.keyboard.press('Tab')
    const focused = await page.evaluate(focusedElement)
    expect(focused).toEqual({ text: 'Acknowledge', outline: 'solid' })
    await page.keyboard.press('Enter')
    await card.getByText(/acknowledged by Nurse Joy.*looking at the patient/).waitFor()
  })

  it('notices within 3 s an engine that stands still with its connection open, and goes on when it does', async () => {
    process.kill(server.pid, 'SIGSTOP')
    try {
      await page
        .getByRole('alert')
        .filter({ hasText: /NOT CONNECTED 00:0[0-3]/ })
        // Half a second is for the processes of the test itself.
        .waitFor({ timeout: 3500 })
    } finally {
      process.kill(server.pid, 'SIGCONT')
    }
    await page.locator('.station[data-connected="true"]').waitFor({ timeout: 15_000 })
  })

  it('says within 3 s that the feed is lost, greys the numbers, and NOT MONITORED after 15 s', async () => {
    await server.kill()
    await page
      .getByRole('alert')
      .filter({ hasText: /NOT CONNECTED 00:0[0-3]/ })
      .waitFor({ timeout: 3000 })
    expect(await page.locator('.station').getAttribute('class')).toContain('is-grey')
    await page.getByText('NOT MONITORED').waitFor({ timeout: 17_000 })
    expect(await page.locator('.station').getAttribute('class')).toContain('is-struck')
    // Ages go on growing: what is shown is of the past.
    expect(await page.locator('.vital-heart-rate').textContent()).toMatch(/1\d s ago/)
    expect(await page.locator('.tile-link').textContent()).toBe('link not known')
  })

  it('comes back by itself, says how long it was away, and shows the acknowledgement as it was', async () => {
    await server.launch()
    await page.locator('.station[data-connected="true"]').waitFor({ timeout: 30_000 })
    await page.getByText(/Was not connected for 00:\d\d/).waitFor()
    await expect.poll(() => page.getByText('NOT MONITORED').count(), { timeout: 15_000 }).toBe(0)
    await page.getByRole('button', { name: /Seen/ }).click()
    expect(await page.getByText(/Was not connected/).count()).toBe(0)
    expect(problems).toEqual([])
  })
})

/** Run in the page, where there is a DOM; here there is none to check them against, so they are texts. */
const inkedPixels = `(() => {
  const canvas = document.querySelector('.alert-high canvas')
  const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height)
  return data.filter((value, i) => i % 4 === 3 && value > 200).length
})()`
const focusedElement = `({ text: document.activeElement.textContent, outline: getComputedStyle(document.activeElement).outlineStyle })`

async function inkOf(page: Page): Promise<string> {
  return page.evaluate<string>(`document.querySelector('canvas').toDataURL()`)
}
