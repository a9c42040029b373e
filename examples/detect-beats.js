// The ECG chain alone, fed with blocks of any length: R peaks, RR intervals, heart rate, signal quality.
import { createEcgChain } from 'vitalwire'

const fs = 250
const chain = createEcgChain({ id: 'ecg', kind: 'ecg', channels: ['II'], unit: 'mV', fs: { num: fs, den: 1 } })

/** Ten seconds at 75 beats a minute: a narrow spike of 1 mV every 0.8 s on a flat line with a little noise. */
const samples = Float64Array.from({ length: 10 * fs }, (_, i) => {
  const t = (i % (0.8 * fs)) / fs - 0.4
  return Math.exp(-((t / 0.012) ** 2)) + 0.005 * Math.sin(i * 1.7)
})

let beats = 0
for (let start = 0; start < samples.length; start += 100) {
  const block = samples.subarray(start, start + 100)
  chain.push({ start, length: block.length, flags: 0, channels: [block] }, observation => {
    if (observation.kind === 'beat') beats += 1
  })
}
chain.flush(() => undefined)
console.log(`${beats} beats`)
