/**
 * Arbitrary workers, partitions and pasts, for properties of strategies.
 *
 * **Example** (Properties of a strategy of one's own)
 *
 * ```ts
 * import { Strategy } from "@parti/core"
 * import * as StrategyArbitrary from "@parti/testkit/StrategyArbitrary"
 * import { Result } from "effect"
 * import * as fc from "fast-check"
 * import { it } from "vitest"
 *
 * // Our workers stand in zones, and there are never more than four.
 * const ours: StrategyArbitrary.SceneOptions = { maxWorkers: 4, zones: true }
 *
 * it("moves nothing when nothing has changed", () => {
 *   const scene = StrategyArbitrary.scene(ours)
 *   const isKept = fc.property(scene, (before) => {
 *     const { owners } = Result.getOrThrow(Strategy.assign(alphabetical, before))
 *     const again = Strategy.assign(alphabetical, { ...before, previous: owners })
 *     return Result.getOrThrow(again).statistics.voluntary === 0
 *   })
 *   fc.assert(isKept)
 * })
 *
 * // Through joins and departures each plan follows from the one before it.
 * const longestLists = (history: StrategyArbitrary.History) => {
 *   let previous: Iterable<readonly [partition: string, worker: string]> = []
 *   return history.map((group) => {
 *     const { owners, partitions } = Result.getOrThrow(Strategy.assign(alphabetical, { ...group, previous }))
 *     previous = owners
 *     const evenShare = Math.ceil(group.partitions.length / group.workers.length)
 *     return { evenShare, longest: Math.max(...[...partitions.values()].map((list) => list.length)) }
 *   })
 * }
 *
 * it("gives nobody more than an even share, whoever comes and goes", () => {
 *   const areEven = (history: StrategyArbitrary.History) =>
 *     longestLists(history).every(({ evenShare, longest }) => longest <= evenShare)
 *   fc.assert(fc.property(StrategyArbitrary.history({ ...ours, weights: "equal" }), areEven))
 * })
 * ```
 *
 * **Example** (Scenes like those at work)
 *
 * ```ts
 * import * as StrategyArbitrary from "@parti/testkit/StrategyArbitrary"
 * import * as fc from "fast-check"
 *
 * // Twelve rooms in three buildings. How busy they are nobody can say beforehand.
 * const rooms = StrategyArbitrary.weights(12, "different").map((weights) =>
 *   weights.map((weight, i) => ({ keys: [`building-${i % 3}`, `room-${i}`], weight }))
 * )
 *
 * // Whatever workers there are, and whoever of them, or of those who are gone, had a room before.
 * const building = fc
 *   .tuple(StrategyArbitrary.workers({ capacities: true }), rooms)
 *   .chain(([workers, partitions]) =>
 *     StrategyArbitrary.owners(partitions, workers).map((previous) => ({ workers, partitions, previous }))
 *   )
 *
 * // A large worker and a small one, and any partitions.
 * const uneven = StrategyArbitrary.partitions({ weights: "equal" }).map(
 *   (partitions) => ({ workers: [{ id: "large", capacity: 4 }, { id: "small" }], partitions })
 * )
 * ```
 *
 * @since 0.1.0
 */
import type { PartitionInput } from "@parti/core/Partition"
import { Partition } from "@parti/core/Protocol"
import type { AssignInput, WorkerInput } from "@parti/core/Strategy"
import * as fc from "fast-check"

/**
 * What kind of scenes to make. All is optional; the default is up to 6 alike workers and 24 partitions of any weights,
 * owned at random.
 *
 * @category models
 * @since 0.1.0
 */
export interface SceneOptions {
  readonly maxWorkers?: number
  readonly maxPartitions?: number
  /** `equal`: all weigh the same. `different`: at least two weigh differently. Default `any`. */
  readonly weights?: "equal" | "different" | "any"
  /** Give workers capacities from 0 to 4. Default: no. */
  readonly capacities?: boolean
  /** Give workers limits that suffice together. Default: no. */
  readonly limits?: boolean
  /** Put workers into up to three zones. Default: no. */
  readonly zones?: boolean
  /** Give partitions homes. Default: no. */
  readonly hints?: boolean
  /** Who owns what now. Default: somebody, nobody, or somebody who is gone. */
  readonly previous?: "any" | "nobody"
}

/** Names that programs have stumbled over. */
const oddStrings = [
  "",
  "__proto__",
  "constructor",
  "é",
  "e\u0301",
  "\ud800",
  "a.b",
  "a b",
  "=",
  "*",
  ">",
  "\u0000",
  "10",
  "9"
]

/** A key or id: any string, with those that cause trouble well represented. */
const name: fc.Arbitrary<string> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.string({ unit: fc.constantFrom(..."abcxyz0123456789-_".split("")), minLength: 1, maxLength: 5 })
  },
  { weight: 1, arbitrary: fc.string({ unit: "binary", maxLength: 4 }) },
  { weight: 1, arbitrary: fc.constantFrom(...oddStrings) }
)

/**
 * Weights of as many partitions: equal, small whole numbers, fractions, or a few that are huge.
 *
 * @category arbitraries
 * @since 0.1.0
 */
export const weights = (count: number, kind: "equal" | "different" | "any" = "any"): fc.Arbitrary<Array<number>> => {
  const list = (one: fc.Arbitrary<number>) => fc.array(one, { minLength: count, maxLength: count })
  const equal = fc.constantFrom(1, 0, 0.1, 3, 1e-300, 1e300).map((weight) => Array<number>(count).fill(weight))
  const huge = fc.oneof({ weight: 9, arbitrary: fc.constant(1) }, { weight: 1, arbitrary: fc.constantFrom(50, 1e6) })
  const different = fc.oneof(
    list(fc.nat({ max: 4 })),
    list(fc.double({ min: 0, max: 100, noNaN: true })),
    list(fc.integer({ min: -6, max: 6 }).map((exponent) => 2 ** exponent)),
    list(huge)
  )
  if (kind === "equal") return equal
  if (kind === "any") return fc.oneof({ weight: 1, arbitrary: equal }, { weight: 4, arbitrary: different })
  return different.map((all) =>
    all.map((weight, i) => (i === 0 && all.every((one) => one === all[0]) ? weight + 1 : weight))
  )
}

/**
 * Partitions with different ids.
 *
 * @category arbitraries
 * @since 0.1.0
 */
export const partitions = (options: SceneOptions = {}): fc.Arbitrary<Array<PartitionInput>> => {
  const { maxPartitions = 24, weights: kind = "any" } = options
  const minLength = kind === "different" ? 2 : 0
  return fc
    .uniqueArray(fc.array(name, { minLength: 1, maxLength: 2 }), {
      minLength,
      maxLength: maxPartitions,
      size: "max",
      selector: (keys) => JSON.stringify(keys)
    })
    .chain((all) => weights(all.length, kind).map((each) => all.map((keys, i) => ({ keys, weight: each[i] ?? 1 }))))
}

const ample = (workers: ReadonlyArray<WorkerInput>, count: number): Array<WorkerInput> => {
  const able = workers.filter(({ capacity = 1 }) => capacity > 0).length
  const each = Math.ceil(count / Math.max(1, able))
  return workers.map((worker) => ({ ...worker, maxPartitions: each + (worker.maxPartitions ?? 0) }))
}

/**
 * Workers with different ids.
 *
 * @category arbitraries
 * @since 0.1.0
 */
export const workers = (options: SceneOptions = {}): fc.Arbitrary<Array<WorkerInput>> => {
  const { maxWorkers = 6 } = options
  const one = fc.record({
    id: name,
    capacity: options.capacities === true ? fc.constantFrom(1, 1, 2, 4, 0.5, 0) : fc.constant(1),
    maxPartitions: options.limits === true ? fc.nat({ max: 4 }) : fc.constant(null),
    zone: options.zones === true ? fc.constantFrom("a", "b", "c", null) : fc.constant(null)
  })
  return fc.uniqueArray(one, { minLength: 1, maxLength: maxWorkers, size: "max", selector: ({ id }) => id })
}

/**
 * Who has which of these partitions: one of these workers, one who is gone, or nobody.
 *
 * @category arbitraries
 * @since 0.1.0
 */
export const owners = (
  all: ReadonlyArray<PartitionInput>,
  present: ReadonlyArray<WorkerInput>
): fc.Arbitrary<Array<readonly [string, string]>> => {
  const names = [...present.map(({ id }) => id), "someone who is gone", null]
  const owner = fc.oneof(fc.constantFrom(...names), fc.constant(present[0]?.id ?? null))
  return fc.array(owner, { minLength: all.length, maxLength: all.length }).map((each) =>
    all.flatMap((partition, i) => {
      const worker = each[i] ?? null
      return worker === null ? [] : [[Partition.id({ keys: partition.keys, weight: 1 }), worker] as const]
    })
  )
}

/**
 * Workers, partitions, and a past.
 *
 * @category arbitraries
 * @since 0.1.0
 */
export const scene = (options: SceneOptions = {}): fc.Arbitrary<AssignInput> =>
  fc.tuple(workers(options), partitions(options)).chain(([some, all]) => {
    const present = options.limits === true ? ample(some, all.length) : some
    const past = owners(all, present)
    return fc.record({
      workers: fc.constant(present),
      partitions: fc.constant(all),
      previous: options.previous === "nobody" ? fc.constant([]) : past,
      hints: options.hints === true ? past : fc.constant([])
    })
  })

/**
 * What a group looks like from one change to the next: who is there and what there is to own.
 *
 * @category models
 * @since 0.1.0
 */
export type History = ReadonlyArray<Pick<AssignInput, "workers" | "partitions">>

/**
 * A group through joins, departures, and changes of its partitions. Somebody is always there.
 *
 * @category arbitraries
 * @since 0.1.0
 */
export const history = (options: SceneOptions = {}): fc.Arbitrary<History> =>
  fc.tuple(workers(options), partitions(options)).chain(([some, all]) => {
    const first = some.slice(0, 1)
    const step = fc.record({
      workers: fc.subarray(some).map((present) => (present.length === 0 ? first : present)),
      partitions: fc.oneof({ weight: 3, arbitrary: fc.constant(all) }, { weight: 1, arbitrary: fc.subarray(all) })
    })
    return fc.array(step, { minLength: 2, maxLength: 6 })
  })
