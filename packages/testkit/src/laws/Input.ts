/**
 * Laws about input that is odd, empty, doubled or wrong. Every strategy keeps them.
 *
 * @since 0.1.0
 */
import type { StrategyInput } from "@parti/core/Strategy"
import { assign, run } from "@parti/core/Strategy"
import * as Result from "effect/Result"
import * as fc from "fast-check"
import * as Arbitrary from "../StrategyArbitrary.ts"
import * as Oracle from "../StrategyOracle.ts"
import type { Law } from "./Rule.ts"
import { anyScene, columns, expect, expectEqual, namedPlanFor, planFor, sceneLaw, show } from "./Rule.ts"

const hygiene = sceneLaw(
  12,
  "partitions and workers of the past that are gone do not matter",
  anyScene,
  (strategy, scene) => {
    const past = [...(scene.previous ?? [])]
    const first = columns(scene).workers[0]?.id ?? ""
    const ghosts = past.map(([partition]) => [partition, "worker who is gone"] as const)
    const gone = ["partition that is gone", first] as const
    const plan = namedPlanFor(strategy, { ...scene, previous: [gone, ...ghosts, ...past] })
    expectEqual(plan, namedPlanFor(strategy, scene), "the plan")
    const last = columns(scene).workers.at(-1)?.id ?? ""
    const doubled = past.map(([partition]) => [partition, last] as const)
    expectEqual(
      namedPlanFor(strategy, { ...scene, previous: [...doubled, ...past] }),
      namedPlanFor(strategy, { ...scene, previous: [...past, ...doubled] }),
      "the plan when the past gives partitions to two workers, in either order"
    )
  }
)

const duplicates = sceneLaw(
  13,
  "what is listed twice counts once; with two weights it is an error",
  anyScene,
  (strategy, scene) => {
    const { workers, partitions } = scene
    const twice = { ...scene, workers: [...workers, ...workers], partitions: [...partitions, ...partitions] }
    expectEqual(namedPlanFor(strategy, twice), namedPlanFor(strategy, scene), "the plan")
    const [first] = partitions
    if (first === undefined) return
    const torn = assign(strategy, {
      ...scene,
      partitions: [...partitions, { ...first, weight: (first.weight ?? 1) + 1e299 }]
    })
    const isNamed = Result.isFailure(torn) && ["DuplicatePartition", "PartitionInvalid"].includes(torn.failure._tag)
    expect(isNamed || (first.weight ?? 1) + 1e299 === first.weight, () => `two weights gave ${show(torn)}`)
  }
)

const limited = Arbitrary.scene({ limits: true, capacities: true })

const hardCap = sceneLaw(
  21,
  "no worker owns more than its limit; limits that are too low are an error with numbers",
  limited,
  (strategy, scene) => {
    const input = columns(scene)
    const counts = Oracle.counts(input, planFor(strategy, input).owner)
    counts.forEach((count, j) => {
      const limit = input.workers[j]?.maxPartitions ?? Infinity
      expect(count <= limit, () => `worker ${j} owns ${count}, its limit is ${limit}`)
    })
    if (strategy.overflow === "exceed" || input.partitions.size === 0) return
    const tight = input.workers.map((worker) => ({ ...worker, maxPartitions: 0 }))
    const refused = run(strategy, { ...input, workers: tight })
    const isNamed = Result.isFailure(refused) && refused.failure._tag === "CapacityExceeded"
    expect(isNamed, () => `limits of 0 gave ${show(refused)}`)
    expectEqual(
      [refused.failure.partitions, refused.failure.capacity],
      [input.partitions.size, 0],
      "numbers in the error"
    )
  }
)

const nobody = sceneLaw(22, "without workers there is an error, never an empty plan", anyScene, (strategy, scene) => {
  const plan = assign(strategy, { ...scene, workers: [] })
  expect(Result.isFailure(plan) && plan.failure._tag === "NoWorkers", () => `it gave ${show(plan)}`)
})

const nothing = sceneLaw(
  23,
  "without partitions every worker has an empty list and nothing moves",
  anyScene,
  (strategy, scene) => {
    const plan = namedPlanFor(strategy, { ...scene, partitions: [] })
    expectEqual(
      [...plan.partitions.values()],
      columns(scene).workers.map(() => []),
      "the lists"
    )
    expectEqual(plan.statistics.forced + plan.statistics.voluntary, 0, "moves")
  }
)

const badNumbers = fc.tuple(anyScene, fc.constantFrom(NaN, Infinity, -Infinity, -1))

const numbers: Law = {
  number: 24,
  title: "a weight or capacity that is no number, infinite or negative is an error that names who has it",
  of: (strategy) =>
    fc.property(badNumbers, ([scene, value]) => {
      const [worker] = columns(scene).workers
      const weighed = assign(strategy, {
        ...scene,
        partitions: [...scene.partitions, { keys: ["bad"], weight: value }]
      })
      expect(
        Result.isFailure(weighed) && weighed.failure.message.includes("bad"),
        () => `weight ${value}: ${show(weighed)}`
      )
      const workers = [{ id: worker?.id ?? "", capacity: value }]
      const able = assign(strategy, { ...scene, workers })
      expect(Result.isFailure(able) && able.failure._tag === "WorkerInvalid", () => `capacity ${value}: ${show(able)}`)
    })
}

const odd = fc.record({
  workers: fc.constant(
    ["é", "e\u0301", "__proto__", "constructor", "\ud800", "", "x".repeat(5000)].map((id) => ({ id }))
  ),
  partitions: fc.constant(
    ["é", "e\u0301", "__proto__", "constructor", "\ud800", "", "hasOwnProperty"].map((key) => ({ keys: [key] }))
  )
})

const strings = sceneLaw(25, "any string is an id; those that look alike are different", odd, (strategy, scene) => {
  const plan = namedPlanFor(strategy, scene)
  expectEqual(plan.owners.size, scene.partitions.length, "partitions with an owner")
  expectEqual(plan.partitions.size, scene.workers.length, "workers with a list")
})

/** The same partitions as if one hash were all their hashes: then only ids put them in order. */
const collided = (input: StrategyInput): StrategyInput => {
  const { partitions } = input
  const order = partitions.ids
    .map((_, i) => i)
    .sort((a, b) => ((partitions.ids[a] ?? "") < (partitions.ids[b] ?? "") ? -1 : 1))
  const pick = (column: ArrayLike<number>): Array<number> => order.map((i) => column[i] ?? -1)
  const ids = order.flatMap((i) => partitions.ids[i] ?? [])
  const weights = Float64Array.from(pick(partitions.weights))
  const heaviestFirst = Uint32Array.from(
    ids.map((_, i) => i).sort((a, b) => (weights[b] ?? 0) - (weights[a] ?? 0) || a - b)
  )
  const restWeights = new Float64Array(ids.length + 1)
  for (let k = ids.length - 1; k >= 0; k--) {
    restWeights[k] = (restWeights[k + 1] ?? 0) + (weights[heaviestFirst[k] ?? 0] ?? 0)
  }
  const set = { ...partitions, ids, weights, heaviestFirst, restWeights, hashes: new Uint32Array(ids.length).fill(7) }
  const list = order.flatMap((i) => partitions.partitions[i] ?? [])
  return {
    ...input,
    partitions: { ...set, partitions: list, indexOf: (id) => ids.findIndex((one) => one === id) },
    previous: pick(input.previous),
    hints: pick(input.hints),
    previousStandby: null
  }
}

const ties = sceneLaw(
  26,
  "partitions whose hashes are all the same are assigned all the same",
  anyScene,
  (strategy, scene) => {
    const input = collided(columns(scene))
    expectEqual(planFor(strategy, collided(columns(scene))).owner, planFor(strategy, input).owner, "owners")
  }
)

/**
 * Laws 12, 13 and 21 to 26.
 *
 * @category laws
 * @since 0.1.0
 */
export const inputs: ReadonlyArray<Law> = [hygiene, duplicates, hardCap, nobody, nothing, numbers, strings, ties]
