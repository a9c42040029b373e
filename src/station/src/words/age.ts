/** `7 s`, `12 min`, `3 h 05 min`, `2 d`. */
export function printAge(seconds: number): string {
  const whole = Math.max(0, Math.floor(seconds))
  if (whole < 60) return `${whole} s`
  if (whole < 3600) return `${Math.floor(whole / 60)} min`
  if (whole < 86_400) return `${Math.floor(whole / 3600)} h ${String(Math.floor((whole % 3600) / 60)).padStart(2, '0')} min`
  return `${Math.floor(whole / 86_400)} d`
}

/** `00:07`, `12:30`, `100:00`: minutes and seconds. */
export function printClock(milliseconds: number): string {
  const whole = Math.max(0, Math.floor(milliseconds / 1000))
  return `${String(Math.floor(whole / 60)).padStart(2, '0')}:${String(whole % 60).padStart(2, '0')}`
}
