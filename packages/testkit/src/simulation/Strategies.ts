/**
 * Strategies that simulations use: a calm one, one that moves partitions for little, the default with standbys, and each
 * broken at times.
 *
 * @since 0.1.0
 */
import { sticky, type AssignmentStrategy, type StrategyInput } from "@parti/core/Strategy"
import type { World } from "./World.ts"

/**
 * The strategy of a scenario. While the source of the world is broken, it answers rubbish or throws.
 *
 * @category constructors
 * @since 0.1.0
 */
export const make = (world: World): AssignmentStrategy => {
  const { strategy } = world.scenario
  const inner = innerOf(strategy)
  return {
    name: inner.name,
    algoVersion: 1,
    assign: (input) => (world.now < world.source.isBrokenUntil ? rubbish(input, strategy) : inner.assign(input))
  }
}

const innerOf = (strategy: number): Pick<AssignmentStrategy, "name" | "assign"> => {
  // Only the default minds limits, and only it plans standbys.
  if (strategy % 4 === 3) return sticky({ standby: true })
  const place = strategy % 2 === 0 ? keeping : dealing
  return {
    name: place === keeping ? "keeping" : "dealing",
    assign: (input) => ({ owner: place(input, usable(input)) })
  }
}

const usable = (input: StrategyInput): ReadonlyArray<number> => {
  const open = input.workers.flatMap((worker, index) => (worker.capacity > 0 ? [index] : []))
  return open.length > 0 ? open : input.workers.map((_, index) => index)
}

/** Deals the partitions out anew each time, so that nearly all move when a worker comes or goes. */
const dealing = (input: StrategyInput, open: ReadonlyArray<number>): ReadonlyArray<number> =>
  input.partitions.ids.map((_, index) => open[index % open.length] ?? -1)

/** Leaves each partition where it is unless its owner has more than its part. */
const keeping = (input: StrategyInput, open: ReadonlyArray<number>): ReadonlyArray<number> => {
  const most = Math.ceil(input.partitions.size / open.length)
  const load = new Map(open.map((worker) => [worker, 0]))
  const owner = input.partitions.ids.map((_, index) => {
    const before = input.previous[index] ?? -1
    const carried = load.get(before)
    if (carried === undefined || carried >= most) return -1
    load.set(before, carried + 1)
    return before
  })
  return owner.map((one) => {
    if (one >= 0) return one
    const least = open.reduce((a, b) => ((load.get(b) ?? 0) < (load.get(a) ?? 0) ? b : a))
    load.set(least, (load.get(least) ?? 0) + 1)
    return least
  })
}

const rubbish = (input: StrategyInput, choice: number): { readonly owner: ReadonlyArray<number> } => {
  switch (choice % 3) {
    case 0:
      throw new Error("the strategy is broken")
    case 1:
      return { owner: input.partitions.ids.map(() => input.workers.length + 1) }
    default:
      return { owner: input.partitions.ids.slice(1).map(() => 0) }
  }
}
