/**
 * Partitions too heavy to share a worker.
 *
 * An index in range always has a value; `?? 0` only says so to the compiler.
 *
 * @since 0.1.0
 */
import type { Frame } from "./Bounds.ts"

/** What a choice of hosts looks at. */
interface Situation {
  readonly owner: Int32Array
  readonly home: Int32Array | null
  readonly loads: Float64Array
}

/** The largest worker that is free; among equals the one with the least to give away. */
const largestFree = ({ capacity, limits }: Frame, loads: Float64Array, taken: Uint8Array): number => {
  let best = -1
  for (let j = 0; j < capacity.length; j++) {
    if (taken[j] === 1 || (limits[j] ?? 0) < 1) continue
    const isLarger = (capacity[j] ?? 0) - (capacity[best] ?? -1)
    if (isLarger > 0 || (isLarger === 0 && (loads[j] ?? 0) < (loads[best] ?? 0))) best = j
  }
  return best
}

/**
 * Chooses a worker of its own for each giant, the heaviest first. It stays where it is, or goes home, unless a larger
 * worker is free, larger by more than the tolerance.
 *
 * @category constructors
 * @since 0.1.0
 */
export const hosts = (frame: Frame, { owner, home, loads }: Situation): Int32Array => {
  const { set, capacity, tolerance, level } = frame
  const taken = new Uint8Array(capacity.length)
  const chosen = new Int32Array(level.giants)
  for (let k = 0; k < chosen.length; k++) {
    const partition = set.heaviestFirst[k] ?? 0
    const largest = largestFree(frame, loads, taken)
    const enough = (capacity[largest] ?? 0) / (1 + tolerance.up)
    const wanted = [owner[partition] ?? -1, home?.[partition] ?? -1]
    const host = wanted.find((j) => j >= 0 && taken[j] === 0 && (capacity[j] ?? 0) >= enough) ?? largest
    chosen[k] = host
    if (host >= 0) taken[host] = 1
  }
  return chosen
}
