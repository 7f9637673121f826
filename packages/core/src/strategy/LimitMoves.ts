/**
 * A move budget for any strategy.
 *
 * An index in range always has a value; `?? 0` only says so to the compiler.
 *
 * @since 0.1.0
 */
import * as Result from "effect/Result"
import * as Check from "./Check.ts"
import * as FairShare from "./FairShare.ts"
import * as MoveLimits from "./MoveLimits.ts"
import * as Recipe from "./Recipe.ts"
import type { AssignmentStrategy, StrategyDraft, StrategyInput } from "./Strategy.ts"

interface Ledger {
  readonly owner: Int32Array
  readonly counts: Int32Array
  readonly limits: Float64Array
}

const carry = ({ owner, counts }: Ledger, partition: number, to: number): void => {
  const from = owner[partition] ?? -1
  if (from >= 0) counts[from] = (counts[from] ?? 0) - 1
  counts[to] = (counts[to] ?? 0) + 1
  owner[partition] = to
}

const isOver = ({ counts, limits }: Ledger, worker: number): boolean => (counts[worker] ?? 0) > (limits[worker] ?? 0)

const hasRoom = ({ counts, limits }: Ledger, worker: number): boolean => (counts[worker] ?? 0) < (limits[worker] ?? 0)

/** Everybody keeps what they have; what has no owner goes where the strategy wants it. */
const open = (input: StrategyInput, wanted: ArrayLike<number>): Ledger => {
  const { workers, partitions, previous } = input
  const owner = new Int32Array(partitions.size).fill(-1)
  const ledger = { owner, counts: new Int32Array(workers.length), limits: FairShare.limits(workers, partitions.size) }
  for (let i = 0; i < owner.length; i++) {
    const before = previous[i] ?? -1
    carry(ledger, i, before >= 0 ? before : (wanted[i] ?? 0))
  }
  return ledger
}

/** Whoever is above its limit, or drained, gives what the strategy takes from it anyway. That is not voluntary. */
const relieve = (ledger: Ledger, wanted: ArrayLike<number>): void => {
  for (let moved = true; moved;) {
    moved = false
    for (let i = 0; i < ledger.owner.length; i++) {
      const from = ledger.owner[i] ?? -1
      if (from === wanted[i] || !isOver(ledger, from)) continue
      carry(ledger, i, wanted[i] ?? 0)
      moved = true
    }
  }
}

/** Takes what the budget admits, in canonical order. */
const spend = (ledger: Ledger, wanted: ArrayLike<number>, budget: number): void => {
  let left = budget
  for (let i = 0; i < ledger.owner.length && left > 0; i++) {
    const to = wanted[i] ?? 0
    if (ledger.owner[i] === to || !hasRoom(ledger, to)) continue
    carry(ledger, i, to)
    left -= 1
  }
}

const putOff = ({ partitions }: StrategyInput, { owner }: Ledger, wanted: ArrayLike<number>) => {
  let load = 0
  let count = 0
  for (let i = 0; i < owner.length; i++) {
    if (owner[i] === wanted[i]) continue
    load += partitions.equalWeights ? 1 : (partitions.weights[i] ?? 0)
    count += 1
  }
  return { load, count }
}

// Who keeps a partition for another round cannot stand by for it; the one who is to get it can.
const standbys = ({ owner, standby = null }: StrategyDraft, kept: Int32Array): ArrayLike<number> | null =>
  standby === null ? null : kept.map((j, i) => (standby[i] === j ? (owner[i] ?? -1) : (standby[i] ?? -1)))

const limit = (input: StrategyInput, draft: StrategyDraft, budget: number): StrategyDraft => {
  const ledger = open(input, draft.owner)
  relieve(ledger, draft.owner)
  spend(ledger, draft.owner, budget)
  const { load, count } = putOff(input, ledger, draft.owner)
  return {
    owner: ledger.owner,
    standby: standbys(draft, ledger.owner),
    deferred: load,
    roundsLeft: MoveLimits.roundsFor(count, budget)
  }
}

/**
 * Spreads the moves of any strategy over several plans. The fraction is of the number of partitions.
 *
 * **Gotchas** Between workers that have all reached their limits on counts nothing can move one at a time, and such moves
 * wait for ever.
 *
 * **Example**
 *
 * ```ts
 * import { Strategy } from "@parti/core"
 *
 * const gentle = Strategy.limitMoves(Strategy.consistentHash(), { maxMoveFraction: 0.05 })
 * ```
 *
 * @category combinators
 * @since 0.1.0
 */
export const limitMoves = (strategy: AssignmentStrategy, limits: MoveLimits.MoveLimits): AssignmentStrategy => {
  MoveLimits.check("limitMoves", limits)
  const { recipe, ...bare } = strategy
  return {
    ...bare,
    ...(recipe === undefined ? {} : Recipe.of("limitMoves", limits, recipe)),
    name: `limitMoves(${strategy.name})`,
    assign: (input) => {
      const plan = Check.run(strategy, input)
      return Result.isFailure(plan)
        ? Check.refusal(strategy, plan.failure)
        : limit(input, plan.success, MoveLimits.countOf(limits, input.partitions.size))
    }
  }
}
