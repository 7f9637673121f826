/**
 * What happens to the workers, and when: a function of the seed.
 *
 * @since 0.1.0
 */
import type { Arguments } from "./Arguments.ts"

/**
 * What is done to one process.
 *
 * - `Start`: a worker starts in it. - `Crash`: it is killed. - `Leave`: it stops for good. - `Restart`: it stops, to come
 *   back. - `Return`: it comes back.
 *
 * @category models
 * @since 0.1.0
 */
export type Act = "Start" | "Crash" | "Leave" | "Restart" | "Return"

/** One event of the script; `atMs` counts from the beginning. */
interface Cue {
  readonly atMs: number
  readonly act: Act
  readonly process: string
}

/**
 * A script: the processes it is about, its events in order, its length, and the windows that fit it. What comes after
 * `openingMs` counts on it that the workers of before have their partitions.
 *
 * @category models
 * @since 0.1.0
 */
export interface Script {
  readonly lengthMs: number
  readonly openingMs: number
  readonly coldStartWindowMs: number
  readonly plannedWindowMs: number
  readonly processes: ReadonlyArray<string>
  readonly cues: ReadonlyArray<Cue>
}

/**
 * Writes the script: most processes start together, one joins later; then one is killed, one leaves, and one restarts and
 * is back before the window for planned changes closes. The seed decides which, and shifts each event a little.
 *
 * @category constructors
 * @since 0.1.0
 */
export const write = ({ seconds, seed, workers }: Arguments): Script => {
  const lengthMs = seconds * 1000
  const draw = generator(seed)
  const about = (part: number, spread: number) => Math.round(lengthMs * (part + spread * (draw() - 0.5)))
  const processes = Array.from({ length: workers }, (_, i) => `host-${String.fromCharCode(97 + i)}`)
  const [killed = "", leaver = "", restarted = ""] = shuffled(processes, draw)
  const plannedWindowMs = Math.min(10_000, Math.round(lengthMs * 0.06))
  const restartAt = about(0.8, 0.02)
  const cues = [
    ...processes.map((process, i) => ({
      atMs: i < workers - 1 ? about(0.01, 0.02) : about(0.22, 0.02),
      act: "Start" as const,
      process
    })),
    { atMs: about(0.37, 0.02), act: "Crash" as const, process: killed },
    { atMs: about(0.66, 0.02), act: "Leave" as const, process: leaver },
    { atMs: restartAt, act: "Restart" as const, process: restarted },
    { atMs: restartAt + Math.round(plannedWindowMs * 0.6), act: "Return" as const, process: restarted }
  ]
  return {
    lengthMs,
    openingMs: Math.round(lengthMs * 0.1),
    coldStartWindowMs: Math.min(30_000, Math.round(lengthMs * 0.125)),
    plannedWindowMs,
    processes,
    cues: cues.sort((a, b) => a.atMs - b.atMs)
  }
}

/**
 * Numbers of [0, 1), the same for the same seed (mulberry32).
 *
 * @category drawing
 * @since 0.1.0
 */
export const generator = (seed: number): (() => number) => {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

/**
 * The same in another order, by such numbers.
 *
 * @category drawing
 * @since 0.1.0
 */
export const shuffled = <A>(all: ReadonlyArray<A>, draw: () => number): ReadonlyArray<A> =>
  all
    .map((one) => ({ one, rank: draw() }))
    .sort((a, b) => a.rank - b.rank)
    .map(({ one }) => one)
