/**
 * Why partitions moved: the log of decisions, what it says of a partition, and the same decision computed again.
 *
 * **Example** (A table of what rebalances cost)
 *
 * ```ts
 * import { Decision } from "@parti/core"
 * import { Effect } from "effect"
 *
 * const listOf = ({ count, ids }: Decision.Named) => `${ids.join(" ")}${count > ids.length ? " …" : ""}`
 * const lost = ({ crashed }: Decision.Changes) => listOf(crashed)
 *
 * // 1 where nothing moved that need not have.
 * const excess = ({ minimum, moved }: Decision.Cost) => (minimum === 0 ? 1 : moved / minimum)
 * const tookMs = ({ decidedAt, stableAt }: Decision.Steps) => (stableAt === null ? null : stableAt - decidedAt)
 *
 * // An upgrade that brings another version of the algorithm may move a lot, once.
 * const decider = ({ algoVersion, name }: Decision.StrategyName) => `${name}, version ${algoVersion}`
 * const isWorthALook = ({ cost, moves }: Decision.Verdict) => moves.orphaned > 0 || excess(cost) > 2
 *
 * const rowOf = (decision: Decision.Decision) => [
 *   Decision.moment(decision.steps.decidedAt),
 *   Decision.cause(decision),
 *   lost(decision.changes),
 *   decider(decision.strategy),
 *   tookMs(decision.steps)
 * ]
 * const tableOf = ({ decisions }: Decision.Logbook) =>
 *   decisions.filter(({ decision }) => isWorthALook(decision)).map(({ decision }) => rowOf(decision))
 * const table = Effect.map(Decision.read, tableOf)
 * ```
 *
 * **Example** (What a customer is told of the work on his orders)
 *
 * ```ts
 * import { Decision } from "@parti/core"
 * import { Effect } from "effect"
 *
 * const unplanned: ReadonlyArray<Decision.MoveReason> = ["orphaned", "returned"]
 *
 * const interruption = ({ decision, reason }: Decision.Moved) =>
 *   unplanned.includes(reason) ? [`interrupted at ${Decision.moment(decision.steps.decidedAt)}`] : []
 * const now = ({ isHandingOver, owner }: Decision.Holder) => (isHandingOver || owner === null ? "paused" : "under way")
 *
 * // The story may have holes; better to say so.
 * const hole = ({ number }: Decision.Gap) => `not known: decision ${number}`
 *
 * const tell = ({ gaps, holder, moves }: Decision.Explanation) => [
 *   ...(holder === null ? [] : [now(holder)]),
 *   ...moves.flatMap(interruption),
 *   ...gaps.map(hole)
 * ]
 * const page = Effect.map(Decision.read, ({ decisions, plan }) => tell(Decision.explain("eu", decisions, plan)))
 * ```
 *
 * **Example** (A nightly proof that a strategy still decides as it did)
 *
 * ```ts
 * import { type CoordinationStore, Decision } from "@parti/core"
 * import { Effect } from "effect"
 *
 * const lineOf = ({ logged, partition, recomputed }: Decision.Difference) => `${partition}: ${logged} → ${recomputed}`
 * const faultsIn = (replayed: Decision.Replayed) =>
 *   replayed._tag === "Differs" ? [`${replayed.count} go elsewhere`, ...replayed.differences.map(lineOf)] : []
 *
 * // Without the list nobody can tell.
 * const isEnough = (evidence: Decision.Evidence | null) => evidence !== null && evidence.partitions !== null
 * const check = (logged: Decision.Logged) => (isEnough(logged.evidence) ? faultsIn(Decision.replay(logged)) : [])
 *
 * const faults: Effect.Effect<ReadonlyArray<string>, Decision.ReadError, CoordinationStore.CoordinationStore> =
 *   Effect.map(Decision.read, ({ decisions }) => decisions.flatMap(check))
 * ```
 *
 * **Example** (Two records that were copied out of a bucket)
 *
 * ```ts
 * import { Decision } from "@parti/core"
 * import { Result } from "effect"
 * import { deflateSync, inflateSync } from "node:zlib"
 *
 * const inflate = (bytes: Uint8Array, maxOutputLength: number) => {
 *   try {
 *     return inflateSync(bytes, { maxOutputLength })
 *   } catch {
 *     return null
 *   }
 * }
 *
 * // `decision.7` and `evidence.7`: enough to decide the same again, without a store.
 * const replay = (record: Uint8Array, evidence: Uint8Array) =>
 *   Result.map(
 *     Result.all({
 *       decision: Decision.decode(record),
 *       evidence: Decision.decodeEvidence(evidence, { deflate: deflateSync, inflate })
 *     }),
 *     (logged) => Decision.replay(logged)
 *   )
 *
 * // For a test of what is told of a log that somebody has changed.
 * const forge = (decision: Decision.Decision) =>
 *   Decision.encode({ ...decision, cost: { ...decision.cost, moved: decision.cost.moved + 1 } })
 * ```
 *
 * @since 0.1.0
 */
export type {
  Changes,
  Cost,
  Decision,
  Evidence,
  Logged,
  MoveReason,
  Named,
  Steps,
  StrategyName,
  Verdict
} from "./protocol/Decision.ts"
export { decode, encode } from "./protocol/DecisionCodec.ts"
export { decode as decodeEvidence } from "./protocol/EvidenceCodec.ts"
export { type Explanation, type Gap, type Holder, type Moved, of as explain } from "./protocol/Explanation.ts"
export { type Difference, type Replayed, run as replay } from "./protocol/Replay.ts"
export { cause, describe, moment, summary } from "./runtime/ExplanationText.ts"
export { follow, type Logbook, read, type ReadError } from "./runtime/Logbook.ts"
