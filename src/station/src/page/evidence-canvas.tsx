import { useEffect, useRef, useState } from 'preact/hooks'
import type { AlertView } from '../../../server/feed-protocol.js'
import type { Api } from '../feed/api.js'
import { type EvidenceStrip, evidenceRange, evidenceStrip, newestSample } from '../ward/evidence.js'
import { chooseScale } from '../wave/wave-scale.js'

const tries = 8
const againMs = 1500

/** The waveform around the onset of an alert, from the journal. Asked for again while its end has not been stored yet. */
export function EvidenceCanvas({ alert, api }: { alert: AlertView; api: Api }) {
  const canvas = useRef<HTMLCanvasElement>(null)
  const [strip, setStrip] = useState<EvidenceStrip | null>(null)
  const [state, setState] = useState<'loading' | 'absent' | 'failed' | 'there'>('loading')
  const range = evidenceRange(alert)

  useEffect(() => {
    if (range === null) return
    let timer: ReturnType<typeof setTimeout>
    let left = tries
    const ask = async () => {
      left -= 1
      try {
        const stretches = await api.waveform(alert.patient, range.stream, range.from, range.to)
        const found = evidenceStrip(alert, stretches)
        setStrip(found)
        setState(found === null ? (left > 0 ? 'loading' : 'absent') : 'there')
        if (left > 0 && newestSample(stretches) < alert.onset + 1e6) timer = setTimeout(ask, againMs)
      } catch {
        setState('failed')
        if (left > 0) timer = setTimeout(ask, againMs)
      }
    }
    void ask()
    return () => clearTimeout(timer)
  }, [alert.id, alert.onset, range?.stream])

  useEffect(() => {
    const element = canvas.current
    if (strip === null || element === null) return
    const draw = () => drawStrip(element, strip)
    const observer = new ResizeObserver(draw)
    observer.observe(element)
    const theme = matchMedia('(prefers-color-scheme: dark)')
    theme.addEventListener('change', draw)
    return () => {
      observer.disconnect()
      theme.removeEventListener('change', draw)
    }
  }, [strip])

  if (range === null) return <p class="evidence-none">From a number, not from a waveform{alert.value === null ? '' : `: ${alert.value}`}</p>
  if (strip === null) {
    const words = {
      loading: 'Evidence is being fetched',
      absent: 'No samples are kept of this moment',
      failed: 'Evidence could not be fetched',
      there: '',
    }
    return <p class="evidence-none">{words[state]}</p>
  }
  const seconds = Math.round((strip.to - strip.from) / 1e6)
  return (
    <figure class="evidence">
      <canvas
        ref={canvas}
        class={`evidence-canvas wave-${strip.unit === 'mV' ? 'ecg' : 'other'}`}
        role="img"
        aria-label={`${strip.channel} around the onset`}
      />
      <figcaption>
        {strip.channel} ({range.stream}), {seconds} s; line: onset{strip.marked === null ? '' : '; shaded: what it rests on'}
      </figcaption>
    </figure>
  )
}

function drawStrip(canvas: HTMLCanvasElement, strip: EvidenceStrip): void {
  const { clientWidth: width, clientHeight: height } = canvas
  const ratio = devicePixelRatio
  canvas.width = Math.round(width * ratio)
  canvas.height = Math.round(height * ratio)
  const context = canvas.getContext('2d')!
  context.setTransform(ratio, 0, 0, ratio, 0, 0)
  const style = getComputedStyle(canvas)
  const xOf = (t: number) => ((t - strip.from) / (strip.to - strip.from)) * width
  if (strip.marked !== null) {
    context.fillStyle = style.getPropertyValue('--evidence-mark')
    context.fillRect(xOf(strip.marked.from), 0, xOf(strip.marked.to) - xOf(strip.marked.from), height)
  }
  const values = strip.parts.flatMap(part => part.values.filter(value => value !== null))
  const scale = chooseScale(Math.min(...values), Math.max(...values), strip.unit, height)
  context.strokeStyle = style.color
  context.lineWidth = 1.2
  context.beginPath()
  for (const part of strip.parts) {
    let joined = false
    for (const [i, value] of part.values.entries()) {
      if (value === null) {
        joined = false
        continue
      }
      const x = xOf(part.t + i * part.stepMicros)
      const y = height / 2 - (value - scale.centre) * scale.pixelsPerUnit
      if (joined) context.lineTo(x, y)
      else context.moveTo(x, y)
      joined = true
    }
  }
  context.stroke()
  context.strokeStyle = style.getPropertyValue('--text')
  context.setLineDash([3, 3])
  context.beginPath()
  context.moveTo(xOf(strip.onset), 0)
  context.lineTo(xOf(strip.onset), height)
  context.stroke()
}
