/**
 * What happens to a simulated group, and when: drawn from the seed.
 *
 * @since 0.1.0
 */
import type { Bucket } from "@parti/core/CoordinationStore"
import type { Direction } from "../FaultyStore.ts"
import * as Random from "../simulation/Random.ts"

/**
 * How often what happens.
 *
 * - `crashes`: a process is gone as if by SIGKILL; another takes its place some seconds later.
 * - `pauses`: a process stands still, shorter or longer than its lease, and wakes.
 * - `restarts`: a process stops with the intent to come back, and does.
 * - `drains`: an operator drains a worker, and takes the order back.
 * - `outages`: one process, or all, cannot reach the store, or can write and hears nothing, or hears and cannot write.
 * - `joins`: up to three processes come at once, and leave later.
 * - `wipes`: the store loses one of its buckets, as if somebody had deleted it.
 *
 * @category models
 * @since 0.1.0
 */
export interface Storm {
  readonly crashes: number
  readonly pauses: number
  readonly restarts: number
  readonly drains: number
  readonly outages: number
  readonly joins: number
  readonly wipes: number
}

/**
 * Something that happens to a group. `target` says whom it strikes, as a share of those who are there.
 *
 * @category models
 * @since 0.1.0
 */
export interface Blow {
  readonly kind: keyof Storm
  readonly at: number
  readonly target: number
  readonly forMs: number
  /** How many come; whether the outage is everybody's if it is odd; which bucket is lost. */
  readonly count: number
  /** What an outage strikes. */
  readonly way: true | Direction
}

/**
 * Nothing happens.
 *
 * @category constants
 * @since 0.1.0
 */
export const none: Storm = { crashes: 0, pauses: 0, restarts: 0, drains: 0, outages: 0, joins: 0, wipes: 0 }

// In the order in which they are drawn.
const kinds = ["crashes", "pauses", "restarts", "drains", "outages", "joins", "wipes"] as const

/**
 * How often what happens under a seed that was not told: up to twice each, and some kinds not at all.
 *
 * @category constructors
 * @since 0.1.0
 */
export const drawn = (seed: number): Storm => {
  const random = Random.make(seed, "storm")
  const [crashes, pauses, restarts, drains, outages, joins, wipes] = kinds.map(() => random.between(0, 2))
  return {
    crashes: crashes ?? 0,
    pauses: pauses ?? 0,
    restarts: restarts ?? 0,
    drains: drains ?? 0,
    outages: outages ?? 0,
    joins: joins ?? 0,
    wipes: wipes ?? 0
  }
}

/**
 * When what happens, in order: all of it begins between `fromMs` and `toMs`.
 *
 * @category constructors
 * @since 0.1.0
 */
export const blows = (
  seed: number,
  storm: Storm,
  { fromMs, leaseMs, toMs }: { readonly fromMs: number; readonly toMs: number; readonly leaseMs: number }
): ReadonlyArray<Blow> =>
  kinds
    .flatMap((kind) => {
      const random = Random.make(seed, kind)
      return Array.from({ length: storm[kind] }, (): Blow => ({
        kind,
        at: random.between(fromMs, Math.max(fromMs, toMs)),
        target: random.next(),
        forMs: random.between(Math.ceil(leaseMs / 4), 3 * leaseMs),
        count: random.between(1, 3),
        way: random.pick<Blow["way"]>([true, "requests", "watches"])
      }))
    })
    .toSorted((a, b) => a.at - b.at)

const cutOff = {
  true: "cannot reach the store",
  requests: "cannot write to the store",
  watches: "hear nothing from the store"
} as const

/**
 * One line about what happens.
 *
 * @category conversions
 * @since 0.1.0
 */
export const show = ({ at, count, forMs, kind, way }: Blow): string => {
  switch (kind) {
    case "crashes":
      return `${at} ms: a process crashes; another comes ${forMs} ms later`
    case "pauses":
      return `${at} ms: a process stands still for ${forMs} ms`
    case "restarts":
      return `${at} ms: a process restarts`
    case "drains":
      return `${at} ms: a worker is drained for ${forMs} ms`
    case "outages":
      return `${at} ms: ${isForAll(count) ? "all processes" : "one process"} ${cutOff[`${way}`]} for ${forMs} ms`
    case "joins":
      return `${at} ms: ${count} processes come, and leave ${forMs} ms later`
    case "wipes":
      return `${at} ms: the store loses what is in ${lost(count)}`
  }
}

/**
 * Whether an outage is everybody's.
 *
 * @category getters
 * @since 0.1.0
 */
export const isForAll = (count: number): boolean => count % 2 === 1

/**
 * The bucket that is lost. Not both at once: workers that know of higher numbers do not follow a newcomer that leads after
 * that, and here clocks differ by more than the moment that it takes.
 *
 * @category getters
 * @since 0.1.0
 */
export const lost = (count: number): Bucket => (count % 2 === 1 ? "live" : "plan")
