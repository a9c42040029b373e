import { useEffect, useRef, useState } from 'preact/hooks'
import type { WaveChoice } from '../ward/choose-waves.js'
import type { FrameLoop } from '../wave/frame-loop.js'
import { type StripStatus, SweepPainter } from '../wave/sweep-painter.js'
import type { WaveDesk } from '../wave/wave-desk.js'
import { printClock } from '../words/age.js'

interface WaveCanvasProps {
  readonly patient: string
  readonly choices: readonly WaveChoice[]
  readonly waves: WaveDesk
  readonly frames: FrameLoop
}

/** Sweeping waves of one patient with their labels. The canvas is for the eye; the labels say the same in words. */
export function WaveCanvas({ patient, choices, waves, frames }: WaveCanvasProps) {
  const canvas = useRef<HTMLCanvasElement>(null)
  const [status, setStatus] = useState<readonly StripStatus[]>([])
  const [theme, setTheme] = useState(0)
  const key = choices.map(({ device, stream, channel }) => `${device}/${stream}/${channel}`).join(' ')

  useEffect(() => {
    const media = matchMedia('(prefers-color-scheme: dark)')
    const change = () => setTheme(count => count + 1)
    media.addEventListener('change', change)
    return () => media.removeEventListener('change', change)
  }, [])

  useEffect(() => {
    const element = canvas.current
    if (element === null) return
    const style = getComputedStyle(element)
    const traces = choices.map(({ device, stream, channel, kind, unit }) => ({
      buffer: waves.trace(patient, device, stream, channel),
      unit,
      colour: style.getPropertyValue(`--wave-${kind}`) || style.color,
    }))
    const painter = new SweepPainter(element, waves.clock(patient), traces, setStatus)
    const observer = new ResizeObserver(() => painter.resize(element.clientWidth, element.clientHeight, devicePixelRatio))
    observer.observe(element)
    const remove = frames.add(now => painter.frame(now))
    return () => {
      remove()
      observer.disconnect()
    }
  }, [patient, key, theme])

  return (
    <div class="waves">
      <canvas
        ref={canvas}
        class={`wave-canvas strips-${choices.length}`}
        role="img"
        aria-label={`waves ${choices.map(choice => choice.channel).join(' and ')}`}
      />
      {choices.map((choice, k) => {
        const own = status[k]
        return (
          <p key={k} class={`wave-label strip-${k} of-${choices.length} label-${choice.kind}`}>
            <span class="wave-channel">{choice.channel}</span> {own ? own.scale : 'waiting for signal'}
            {own && own.silentSeconds !== null && <strong> no signal for {printClock(own.silentSeconds * 1000)}</strong>}
          </p>
        )
      })}
    </div>
  )
}
