/**
 * Laws that every strategy keeps, whatever it is for: the plan is whole, and depends on nothing but the input.
 *
 * @since 0.1.0
 */
import { PartitionSet } from "@parti/core/Protocol"
import type { AssignInput, StrategyInput } from "@parti/core/Strategy"
import { prepare } from "@parti/core/Strategy"
import * as Result from "effect/Result"
import * as fc from "fast-check"
import * as Oracle from "../StrategyOracle.ts"
import type { Law } from "./Rule.ts"
import { after, anyScene, columns, expect, expectEqual, namedPlanFor, planFor, sceneLaw, show } from "./Rule.ts"

const idsOf = (scene: AssignInput): ReadonlyArray<string> => [...columns(scene).partitions.ids]

const totality = sceneLaw(
  1,
  "each partition gets an owner, and each worker a list, if an empty one",
  anyScene,
  (strategy, scene) => {
    const plan = namedPlanFor(strategy, scene)
    expectEqual([...plan.owners.keys()], idsOf(scene), "partitions with an owner")
    expectEqual(
      [...plan.partitions.keys()],
      columns(scene).workers.map(({ id }) => id),
      "workers with a list"
    )
  }
)

const uniqueness = sceneLaw(2, "no partition is on two lists", anyScene, (strategy, scene) => {
  const listed = [...namedPlanFor(strategy, scene).partitions.values()].flat()
  expectEqual(listed.toSorted(), idsOf(scene).toSorted(), "partitions on the lists")
})

const freeze = <A>(value: A): A => {
  if (typeof value === "object" && value !== null && !Object.isFrozen(value)) {
    Object.freeze(value)
    Object.values(value).forEach(freeze)
  }
  return value
}

const snapshot = ({ workers, partitions, previous, hints }: StrategyInput): string =>
  show([workers, partitions.ids, partitions.weights, partitions.hashes, previous, hints])

const purity: Law = {
  number: 3,
  title: "the same input gives the same plan, whatever was asked in between, and is not changed",
  of: (strategy) =>
    fc.property(anyScene, anyScene, (one, other) => {
      const input = columns(freeze(one))
      const before = snapshot(input)
      const first = planFor(strategy, input)
      planFor(strategy, columns(other))
      expectEqual(planFor(strategy, input), first, "the second plan")
      expectEqual(snapshot(input), before, "the input afterwards")
    })
}

const shuffled = anyScene.chain((scene) =>
  fc.record({
    scene: fc.constant(scene),
    workers: fc.shuffledSubarray([...scene.workers], { minLength: scene.workers.length }),
    partitions: fc.shuffledSubarray([...scene.partitions], { minLength: scene.partitions.length }),
    previous: fc.shuffledSubarray([...(scene.previous ?? [])], { minLength: [...(scene.previous ?? [])].length })
  })
)

const invariance: Law = {
  number: 4,
  title: "the order in which workers, partitions and owners are listed does not matter",
  of: (strategy) =>
    fc.property(shuffled, ({ scene, ...lists }) => {
      expectEqual(namedPlanFor(strategy, { ...scene, ...lists }), namedPlanFor(strategy, scene), "the plan")
    })
}

const stability = sceneLaw(5, "a plan is kept when it is asked for again", anyScene, (strategy, scene) => {
  const input = columns(scene)
  const plan = planFor(strategy, input)
  const again = planFor(strategy, after(input, plan))
  expectEqual(again.owner, plan.owner, "owners of the second plan")
})

const reports = sceneLaw(27, "the statistics are true", anyScene, (strategy, scene) => {
  const input = columns(scene)
  const { owner, statistics } = planFor(strategy, input)
  const drained = input.workers.some(({ capacity }) => capacity > 0)
  const isForced = (i: number): boolean => drained && input.workers[input.previous[i] ?? -1]?.capacity === 0
  const moves = Oracle.moved(input, owner)
  const unowned = input.partitions.ids.filter((_, i) => (input.previous[i] ?? -1) < 0).length
  expectEqual(statistics.forcedCount, unowned + moves.filter(isForced).length, "partitions that had to move")
  expectEqual(statistics.voluntaryCount, moves.filter((i) => !isForced(i)).length, "partitions that moved")
  const slack = 1e-9 * Oracle.loadOf(input).reduce((sum, one) => sum + one, 0)
  expect(statistics.voluntary >= statistics.lowerBound - slack, () => `less moved than must: ${show(statistics)}`)
  expect(statistics.lowerBound >= 0, () => `less than nothing must move: ${show(statistics)}`)
})

const fingerprints: Law = {
  number: 29,
  title: "a plan's columns are for one list of partitions, which its fingerprint tells from every other",
  of: () =>
    fc.property(anyScene, anyScene, (one, other) => {
      const [a, b] = [columns(one).partitions, columns(other).partitions]
      const isSame = show([a.ids, a.weights]) === show([b.ids, b.weights])
      expectEqual(a.fingerprint === b.fingerprint, isSame, "equality of fingerprints")
      const copy = PartitionSet.of(a.partitions.map(({ keys, weight }) => ({ keys: [...keys], weight })))
      expectEqual(copy.fingerprint, a.fingerprint, "the fingerprint of a copy")
      expect(Result.isSuccess(prepare(one)), () => "a scene that was good before is not now")
    })
}

/**
 * Laws 1 to 5, 27 and 29.
 *
 * @category laws
 * @since 0.1.0
 */
export const validity: ReadonlyArray<Law> = [totality, uniqueness, purity, invariance, stability, reports, fingerprints]
