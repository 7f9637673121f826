/**
 * Spans of time in words.
 *
 * @since 0.1.0
 */

const secondMs = 1000
const minuteMs = 60 * secondMs
const hourMs = 60 * minuteMs
const dayMs = 24 * hourMs

const units: ReadonlyArray<readonly [unit: string, ms: number, smaller: string, smallerMs: number]> = [
  ["d", dayMs, "h", hourMs],
  ["h", hourMs, "min", minuteMs],
  ["min", minuteMs, "s", secondMs]
]

/**
 * A span in its two largest units: `0.4 s`, `12 s`, `3 min 20 s`, `2 d 5 h`.
 *
 * @category rendering
 * @since 0.1.0
 */
export const render = (ms: number): string => {
  const span = Math.max(0, ms)
  const found = units.find(([, size]) => span >= size)
  if (found === undefined) {
    const seconds = span / secondMs
    return seconds < 10 ? `${Math.floor(seconds * 10) / 10} s` : `${Math.floor(seconds)} s`
  }
  const [unit, size, smaller, smallerMs] = found
  const rest = Math.floor((span % size) / smallerMs)
  const whole = `${Math.floor(span / size)} ${unit}`
  return rest === 0 ? whole : `${whole} ${rest} ${smaller}`
}
