/**
 * Laws about workers that return and workers that stand by, for strategies that claim them.
 *
 * @since 0.1.0
 */
import type { StrategyInput } from "@parti/core/Strategy"
import * as fc from "fast-check"
import * as Arbitrary from "../StrategyArbitrary.ts"
import type { Law } from "./Rule.ts"
import { after, among, columns, expect, expectEqual, planFor, show } from "./Rule.ts"

/**
 * As many partitions as divide evenly among the workers, so that balance leaves no choice of counts. Otherwise this law
 * would contradict law 7: of 7 partitions that 3, 2 and 2 own, whoever had 3 leaves 4 and 3; when it returns, 2 are
 * enough for balance, and the third would be a move without need.
 */
const even = fc.tuple(Arbitrary.workers(), fc.integer({ min: 1, max: 5 }), fc.nat()).map(([workers, each, pick]) => ({
  pick,
  scene: {
    workers,
    partitions: Array.from({ length: workers.length * each }, (_, i) => ({ keys: [`p${i}`] }))
  }
}))

const rejoin: Law = {
  number: 17,
  title: "a worker that leaves and comes back gets what it had, and nothing else has moved in the end",
  of: (strategy) =>
    fc.property(even, ({ scene, pick }) => {
      const all = columns(scene)
      if (all.workers.length < 2) return
      const gone = pick % all.workers.length
      const whole = after(all, planFor(strategy, all))
      const rest = among(
        whole,
        all.workers.filter((_, j) => j !== gone)
      )
      const without = among(after(rest, planFor(strategy, rest)), all.workers)
      const back = { ...without, hints: Array.from(whole.previous, (j) => (j === gone ? gone : -1)) }
      expectEqual(planFor(strategy, back).owner, whole.previous, "owners after the return")
    })
}

const zoned = Arbitrary.scene({ zones: true, previous: "nobody", weights: "equal" })

const withStandbys = (input: StrategyInput, plan: { owner: Int32Array; standby: Int32Array | null }) => {
  const { standby } = plan
  expect(standby !== null, () => "the strategy plans no standbys")
  return { owner: plan.owner, standby, isAlone: input.workers.length === 1 }
}

const failover: Law = {
  number: 18,
  title: "what a lost worker had goes to those who stood by, and nothing else moves",
  of: (strategy) =>
    fc.property(zoned, fc.nat(), (scene, pick) => {
      const all = columns(scene)
      if (all.workers.length < 2) return
      const plan = planFor(strategy, all)
      const { standby } = withStandbys(all, plan)
      const lost = pick % all.workers.length
      const rest = all.workers.filter((_, j) => j !== lost)
      const next = planFor(strategy, among(after(all, plan), rest)).owner
      const placeOf = (j: number): number => rest.findIndex(({ id }) => id === all.workers[j]?.id)
      const orphans = Array.from(plan.owner.keys()).filter((i) => plan.owner[i] === lost)
      const strangers = new Set(orphans.filter((i) => next[i] !== placeOf(standby[i] ?? -1)).map((i) => next[i]))
      plan.owner.forEach((j, i) => {
        if (j !== lost) return expectEqual(next[i], placeOf(j), `owner of partition ${i}, which had not to move`)
        const ready = placeOf(standby[i] ?? -1)
        const isRight = next[i] === ready || !strangers.has(ready)
        expect(isRight, () => `partition ${i} passed over its standby, who took another`)
      })
    })
}

const zonesOf = (input: StrategyInput, owner: number): ReadonlyArray<number> => {
  const others = input.workers.map((_, j) => j).filter((j) => j !== owner)
  const elsewhere = others.filter((j) => input.workers[j]?.zone !== input.workers[owner]?.zone)
  return elsewhere.length > 0 ? elsewhere : others
}

const standbys: Law = {
  number: 19,
  title: "standbys are never the owner, in another zone where there is one, evenly spread, and stay",
  of: (strategy) =>
    fc.property(zoned, (scene) => {
      const input = columns(scene)
      const plan = planFor(strategy, input)
      const { owner, standby, isAlone } = withStandbys(input, plan)
      input.workers.forEach((_, j) => {
        const able = zonesOf(input, j)
        const mine = Array.from(standby).filter((_, i) => owner[i] === j)
        if (isAlone)
          return expectEqual(
            mine,
            mine.map(() => -1),
            "standbys of a worker that is alone"
          )
        expect(
          mine.every((one) => able.includes(one)),
          () => `worker ${j} has ${show(mine)}, of ${show(able)}`
        )
        const shares = able.map((one) => mine.filter((other) => other === one).length)
        expect(Math.max(...shares) - Math.min(...shares) <= 1, () => `standbys of worker ${j}: ${show(shares)}`)
      })
      expectEqual(planFor(strategy, after(input, plan)).standby, standby, "standbys of the second plan")
    })
}

/**
 * Laws 17 to 19.
 *
 * @category laws
 * @since 0.1.0
 */
export const returns: ReadonlyArray<Law> = [rejoin, failover, standbys]
