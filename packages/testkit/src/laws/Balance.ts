/**
 * Laws about load and moves, for strategies that claim them.
 *
 * @since 0.1.0
 */
import type { AssignInput, AssignmentStrategy, StrategyInput, StrategyPlan } from "@parti/core/Strategy"
import * as fc from "fast-check"
import * as Arbitrary from "../StrategyArbitrary.ts"
import * as Oracle from "../StrategyOracle.ts"
import type { Claims, Law } from "./Rule.ts"
import { after, among, columns, expect, expectEqual, planFor, show } from "./Rule.ts"

const equal = Arbitrary.scene({ weights: "equal", hints: true })
const different = Arbitrary.scene({ weights: "different", hints: true })

const law = (
  number: number,
  title: string,
  scene: fc.Arbitrary<AssignInput>,
  holds: (strategy: AssignmentStrategy, input: StrategyInput, claims: Claims) => void
): Law => ({
  number,
  title,
  of: (strategy, claims) => fc.property(scene, (one) => holds(strategy, columns(one), claims))
})

/** Rounding of sums, as against loads that differ. */
const grainOf = (input: StrategyInput): number => 1e-9 * Oracle.loadOf(input).reduce((sum, one) => sum + one, 0)

const expectBalanced = (input: StrategyInput, plan: StrategyPlan, tolerance: number): void => {
  const share = input.partitions.size / input.workers.length
  const most = Math.max(Math.ceil(share), Math.floor(share * (1 + tolerance) + 1e-9))
  const least = Math.min(Math.floor(share), Math.ceil(share * (1 - tolerance) - 1e-9))
  const counts = Oracle.counts(input, plan.owner)
  expect(
    Math.max(...counts) <= most && Math.min(...counts) >= least,
    () => `counts ${show(counts)}, of ${least} to ${most}`
  )
}

const balance = law(
  6,
  "counts of alike workers differ by one at most, or keep to the tolerance",
  equal,
  (strategy, input, claims) => expectBalanced(input, planFor(strategy, input), claims.tolerance)
)

const minimal = law(7, "no plan of this balance moves fewer partitions", equal, (strategy, input) => {
  const plan = planFor(strategy, input)
  expectEqual(Oracle.moved(input, plan.owner).length, Oracle.leastMoves(input), "moved partitions")
  expectEqual(plan.statistics.lowerBound, Oracle.leastMoves(input), "the lower bound in the statistics")
})

const loadBound = law(
  8,
  "a load is at most its share and tolerance, or one partition above the share",
  different,
  (strategy, input, claims) => {
    const tolerance = claims.weightTolerance
    const plan = planFor(strategy, input)
    const { perCapacity, giants } = Oracle.fairLevel(input, tolerance)
    const load = Oracle.loadOf(input)
    const heaviest = Math.max(0, ...load.filter((_, i) => !giants.includes(i)))
    Oracle.loads(input, plan.owner).forEach((carried, j) => {
      const giant = Math.max(0, ...giants.filter((i) => plan.owner[i] === j).map((i) => load[i] ?? 0))
      const bound = Math.max((1 + tolerance) * perCapacity, perCapacity + heaviest, giant)
      expect(carried <= bound + grainOf(input), () => `worker ${j} carries ${carried}, at most ${bound}`)
    })
  }
)

const scaled = fc.tuple(different, fc.constantFrom(-3, 1, 10))

const scale: Law = {
  number: 9,
  title: "weights in another unit give the same plan",
  of: (strategy) =>
    fc.property(scaled, ([scene, exponent]) => {
      // A power of two changes no digit of a float.
      const weigh = (weight = 1): number => weight * 2 ** exponent
      const other = {
        ...scene,
        partitions: scene.partitions.map(({ keys, weight }) => ({ keys, weight: weigh(weight) }))
      }
      const plan = planFor(strategy, columns(scene))
      expectEqual(planFor(strategy, columns(other)).owner, plan.owner, "owners")
    })
}

const both = Arbitrary.scene({ hints: true })

const budget = law(
  10,
  "no more moves voluntarily than the budget admits, and nothing that must move waits",
  both,
  (strategy, input, claims) => {
    const plan = planFor(strategy, input)
    const moved = Oracle.moved(input, plan.owner).length
    expect(moved <= claims.maxMoves, () => `${moved} moved, at most ${claims.maxMoves}`)
  }
)

const twoScenes = fc.tuple(both, fc.nat())

const monotonicity: Law = {
  number: 11,
  title: "when a worker joins, partitions move to it alone; when one leaves, only its partitions move",
  of: (strategy) =>
    fc.property(twoScenes, ([scene, pick]) => {
      const full = { ...columns(scene), previous: [], hints: [] }
      if (full.workers.length < 2) return
      const gone = pick % full.workers.length
      const fewer = among(
        full,
        full.workers.filter((_, j) => j !== gone)
      )
      const before = among({ ...fewer, previous: planFor(strategy, fewer).owner }, full.workers).previous
      const now = planFor(strategy, full).owner
      now.forEach((j, i) => expect(j === gone || j === before[i], () => `partition ${i} moved between others`))
    })
}

const settled = (strategy: AssignmentStrategy, input: StrategyInput): StrategyInput =>
  after(input, planFor(strategy, { ...input, previous: input.hints.length === 0 ? [] : input.previous }))

const departure = fc.tuple(equal, fc.nat())

const forcedOnly: Law = {
  number: 14,
  title: "when a worker leaves a balanced group, only its partitions move",
  of: (strategy) =>
    fc.property(departure, ([scene, pick]) => {
      const input = settled(strategy, columns(scene))
      if (input.workers.length < 2) return
      const left = among(
        input,
        input.workers.filter((_, j) => j !== pick % input.workers.length)
      )
      expectEqual(
        Oracle.moved(left, planFor(strategy, left).owner),
        [],
        "partitions that moved though their owner stayed"
      )
    })
}

const convergence = law(
  15,
  "under a budget, plans settle in balance after as many rounds as the budget goes into the moves",
  equal,
  (strategy, first, claims) => {
    let input = first
    const rounds = Math.ceil(Oracle.leastMoves(input) / claims.maxMoves) + 1
    for (let round = 0; round < rounds; round++) input = after(input, planFor(strategy, input))
    const plan = planFor(strategy, input)
    expectEqual(plan.owner, input.previous, `the plan after ${rounds} rounds`)
    expectEqual(plan.statistics.deferred, 0, "what is deferred in the end")
    expectBalanced(input, plan, claims.tolerance)
  }
)

const noRegress = law(
  16,
  "what moves voluntarily brings loads nearer to their shares",
  different,
  (strategy, input, claims) => {
    const settledInput = settled(strategy, input)
    const light = { ...settledInput, previous: Array.from(settledInput.previous, (j, i) => (i % 3 === 0 ? 0 : j)) }
    const plan = planFor(strategy, light)
    const before = Oracle.violation(light, light.previous, claims.weightTolerance)
    const now = Oracle.violation(light, plan.owner, claims.weightTolerance)
    const isBetter = Oracle.moved(light, plan.owner).length === 0 ? now <= before + grainOf(input) : now < before
    expect(isBetter, () => `from ${before} outside the bounds to ${now}`)
  }
)

const able = Arbitrary.scene({ weights: "equal", capacities: true })

const capacity = law(
  20,
  "counts are in proportion to capacity, and a drained worker has nothing",
  able,
  (strategy, input) => {
    const { owner, statistics } = planFor(strategy, input)
    const all = input.workers.reduce((sum, worker) => sum + worker.capacity, 0)
    const drained = Oracle.moved(input, owner).filter((i) => input.workers[input.previous[i] ?? -1]?.capacity === 0)
    if (all === 0) return
    Oracle.counts(input, owner).forEach((count, j) => {
      const share = (input.partitions.size * (input.workers[j]?.capacity ?? 0)) / all
      expect(Math.abs(count - share) < 1, () => `worker ${j} owns ${count}, its share is ${share}`)
    })
    expect(statistics.forcedCount >= drained.length, () => `drained partitions count as voluntary: ${show(statistics)}`)
  }
)

const neighbour = fc.tuple(Arbitrary.history(), fc.nat())

const locality: Law = {
  number: 28,
  title: "a partition that comes or goes moves nobody else, as long as loads keep to their bounds",
  of: (strategy, claims) =>
    fc.property(neighbour, ([[scene], pick]) => {
      if (scene === undefined || scene.partitions.length === 0) return
      const all = columns(scene)
      const base = settled(strategy, { ...all, hints: [] })
      const gone = pick % all.partitions.size
      const rest = all.partitions.partitions.filter((_, i) => i !== gone)
      const fewer = { ...columns({ ...scene, partitions: rest }), hints: [] }
      const input = { ...fewer, previous: Array.from(base.previous).filter((_, i) => i !== gone) }
      const tolerance = input.partitions.equalWeights ? claims.tolerance : claims.weightTolerance
      if (!input.partitions.equalWeights && Oracle.violation(input, input.previous, tolerance) > 0) return
      const least = input.partitions.equalWeights ? Oracle.leastMoves(input) : 0
      const moved = Oracle.moved(input, planFor(strategy, input).owner).length
      expect(moved <= least, () => `${moved} partitions moved, ${least} had to`)
    })
}

/**
 * Laws 6 to 11, 14 to 16, 20 and 28.
 *
 * @category laws
 * @since 0.1.0
 */
export const balanceLaws: ReadonlyArray<Law> = [
  balance,
  minimal,
  loadBound,
  scale,
  budget,
  monotonicity,
  forcedOnly,
  convergence,
  noRegress,
  capacity,
  locality
]
