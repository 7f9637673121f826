/**
 * Strategies: who is to own which partition.
 *
 * **Example** (Strategies by the name that somebody writes in a configuration)
 *
 * ```ts
 * import { Strategy } from "@parti/core"
 *
 * const tolerance: Strategy.Tolerance = { up: 0.1, down: 0.2 }
 * const limits: Strategy.MoveLimits = { maxMoveFraction: 0.05 }
 * const wish = (zone: string): Strategy.ZoneAffinity => ({ kind: "prefer", zone })
 *
 * const warm: Strategy.StickyOptions = { ...limits, tolerance, affinity: ({ keys: [zone = ""] }) => wish(zone) }
 * const ring: Strategy.ConsistentHashOptions = { boundedLoad: 0.15 }
 * const weighted: Strategy.WeightedConsistentHashOptions = { overload: 0.25 }
 * const highest: Strategy.RendezvousOptions = { seed: 7 }
 *
 * const strategies: Readonly<Record<string, Strategy.AssignmentStrategy>> = {
 *   warm: Strategy.sticky(warm),
 *   ring: Strategy.consistentHash(ring),
 *   weighted: Strategy.weightedConsistentHash(weighted),
 *   highest: Strategy.limitMoves(Strategy.rendezvous(highest), limits)
 * }
 *
 * // For the log: enough to make it again elsewhere.
 * const recipeOf = (name: string): Strategy.StrategyRecipe | undefined => strategies[name]?.recipe
 * ```
 *
 * **Example** (What a deployment would move, before it is made)
 *
 * ```ts
 * import { Strategy } from "@parti/core"
 * import { Result } from "effect"
 *
 * const costOf = ({ forcedCount, maxOverFair, voluntaryCount }: Strategy.PlanStatistics) =>
 *   `${forcedCount} must move, ${voluntaryCount} do; the fullest has ${maxOverFair.toFixed(2)} of its share`
 *
 * const adviceOn = (error: Strategy.StrategyError): string => {
 *   if (error instanceof Strategy.NoWorkers) return "nothing runs: is this the right group?"
 *   if (error instanceof Strategy.CapacityExceeded) return `room is missing for ${error.partitions - error.capacity}`
 *   // A worker of the input that breaks a rule, or the strategy itself: the message names the rule.
 *   return error instanceof Strategy.WorkerInvalid ? `correct ${error.field} of ${error.id}` : error.message
 * }
 *
 * const withOneMore = (now: Strategy.AssignInput, one: Strategy.WorkerInput): Strategy.AssignInput => ({
 *   ...now,
 *   workers: [...now.workers, one]
 * })
 * const tell = ({ statistics }: Strategy.NamedPlan) => costOf(statistics)
 *
 * const preview = (now: Strategy.AssignInput) =>
 *   Result.match(Strategy.assign(Strategy.sticky(), withOneMore(now, { id: "worker-9" })), {
 *     onSuccess: tell,
 *     onFailure: (error) => (error._tag === "PartitionInvalid" || error._tag === "DuplicatePartition" ? error.message : adviceOn(error))
 *   })
 * ```
 *
 * **Example** (A strategy of one's own in both forms)
 *
 * ```ts
 * import { Strategy } from "@parti/core"
 *
 * // By names: each partition goes to the worker that bears the name of its first key.
 * const named = ({ partitions, workers }: Strategy.SimpleInput): Strategy.SimpleAnswer =>
 *   new Map(workers.map((worker) => [worker, partitions.flatMap(({ id }) => (id.startsWith(worker) ? [id] : []))]))
 * const byName = Strategy.fromFunction("by-name", named)
 *
 * // By columns: faster, and it may refuse.
 * const roomiest = (workers: ReadonlyArray<Strategy.StrategyWorker>): number =>
 *   workers.reduce((best, { capacity }, j) => (capacity > (workers[best]?.capacity ?? 0) ? j : best), 0)
 *
 * const assign = ({ partitions, workers }: Strategy.StrategyInput): Strategy.StrategyDraft | Strategy.StrategyRefused => {
 *   if (partitions.size <= 1000) return { owner: new Int32Array(partitions.size).fill(roomiest(workers)) }
 *   const detail = `there are ${partitions.size}`
 *   return new Strategy.StrategyRefused({ strategy: "roomiest", rule: "one worker takes 1,000 partitions at most", detail })
 * }
 * const byRoom: Strategy.AssignmentStrategy = { name: "roomiest", algoVersion: 1, assign }
 *
 * // What the group makes of an answer: the same plan, checked and measured.
 * const isFree = (input: Strategy.StrategyInput, { owner }: Strategy.StrategyPlan) =>
 *   Strategy.measure(input, owner).voluntaryCount === 0
 * ```
 *
 * @since 0.1.0
 */
export type { ZoneAffinity } from "./strategy/Affinity.ts"
export {
  assign,
  type AssignInput,
  type NamedPlan,
  normaliseWorkers,
  prepare,
  type WorkerInput
} from "./strategy/Assign.ts"
export { run } from "./strategy/Check.ts"
export { coLocate } from "./strategy/CoLocate.ts"
export { fromRecipe } from "./strategy/Cookbook.ts"
export { consistentHash, type ConsistentHashOptions } from "./strategy/ConsistentHash.ts"
export { fromColumns, fromFunction, type SimpleAnswer, type SimpleInput } from "./strategy/Custom.ts"
export { limitMoves } from "./strategy/LimitMoves.ts"
export type { MoveLimits } from "./strategy/MoveLimits.ts"
export { rendezvous, type RendezvousOptions } from "./strategy/Rendezvous.ts"
export { roundRobin } from "./strategy/RoundRobin.ts"
export { measure } from "./strategy/Statistics.ts"
export type { Tolerance } from "./strategy/CountPlan.ts"
export { sticky, type StickyOptions } from "./strategy/Sticky.ts"
export {
  type AssignmentStrategy,
  CapacityExceeded,
  NoWorkers,
  type PlanStatistics,
  type StrategyDraft,
  type StrategyError,
  type StrategyInput,
  type StrategyPlan,
  type StrategyRecipe,
  StrategyRefused,
  type StrategyWorker,
  WorkerInvalid
} from "./strategy/Strategy.ts"
export { weightedConsistentHash, type WeightedConsistentHashOptions } from "./strategy/WeightedConsistentHash.ts"
