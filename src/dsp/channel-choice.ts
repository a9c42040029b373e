/**
 * Which channel is measured from: the one whose quality over the last seconds is best, with hysteresis so that equal
 * channels do not take turns. Another channel wins when it is better by 0.2, or usable (0.5) while the chosen one is not,
 * for 3 s running.
 */
export interface ChannelChoiceState {
  chosen: number
  rival: number
  seconds: number
}

export function newChannelChoice(): ChannelChoiceState {
  return { chosen: 0, rival: -1, seconds: 0 }
}

/** Once a second. `worth`: running quality of each channel, 0 to 1. True when the choice changed. */
export function chooseChannel(s: ChannelChoiceState, worth: readonly number[]): boolean {
  let best = s.chosen
  for (let i = 0; i < worth.length; i += 1) if (worth[i]! > worth[best]!) best = i
  const mine = worth[s.chosen]!
  const theirs = worth[best]!
  const better = best !== s.chosen && (theirs > mine + 0.2 || (mine < 0.5 && theirs >= 0.5))
  if (!better) {
    s.rival = -1
    s.seconds = 0
    return false
  }
  s.seconds = s.rival === best ? s.seconds + 1 : 1
  s.rival = best
  if (s.seconds < 3) return false
  s.chosen = best
  s.rival = -1
  s.seconds = 0
  return true
}
