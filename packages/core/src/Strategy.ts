/**
 * Strategies: who is to own which partition.
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
