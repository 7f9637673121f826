/**
 * The keys of the two buckets.
 *
 * @since 0.1.0
 */
import * as Result from "effect/Result"
import * as Codec from "./Codec.ts"
import type { Version } from "./Epoch.ts"
import type { ControlRecord } from "./Record.ts"
import * as WorkerId from "./WorkerId.ts"

/**
 * What a key of the `live` bucket stands for.
 *
 * @category models
 * @since 0.1.0
 */
export type LiveKey = { readonly _tag: "Worker"; readonly workerId: WorkerId.WorkerId } | { readonly _tag: "Leader" }

/**
 * What a control's key stands for.
 *
 * @category models
 * @since 0.1.0
 */
export type ControlKey =
  | { readonly _tag: "Pause" }
  | { readonly _tag: "Drain"; readonly workerId: WorkerId.WorkerId }
  | { readonly _tag: "Rebalance" }
  | { readonly _tag: "Refresh" }

/**
 * What a key of the `plan` bucket stands for. Parts exist only of a plan that is too large for one value.
 *
 * @category models
 * @since 0.1.0
 */
export type PlanKey =
  | { readonly _tag: "Plan" }
  | { readonly _tag: "PlanPart"; readonly version: Version; readonly part: number }
  | { readonly _tag: "ListChunk"; readonly version: Version; readonly chunk: number }
  | { readonly _tag: "Control"; readonly control: ControlKey }

/**
 * The key of the leader's office.
 *
 * @category constants
 * @since 0.1.0
 */
export const leader = "leader"

/**
 * The key of the plan.
 *
 * @category constants
 * @since 0.1.0
 */
export const plan = "plan"

/**
 * The key of a worker.
 *
 * @category constructors
 * @since 0.1.0
 */
export const worker = (workerId: WorkerId.WorkerId): string => `worker.${workerId}`

/**
 * The key of one part of a large plan.
 *
 * @category constructors
 * @since 0.1.0
 */
export const planPart = (version: Version, part: number): string => `plan.${version}.${part}`

/**
 * The key of one chunk of a list of partitions.
 *
 * @category constructors
 * @since 0.1.0
 */
export const listChunk = (version: Version, chunk: number): string => `partitions.${version}.${chunk}`

/**
 * The keys under which a decision and its evidence stand; `slot` is its number's place in the ring. No worker watches them.
 *
 * @category constructors
 * @since 0.1.0
 */
export const decision = (slot: number): { readonly decision: string; readonly evidence: string } => ({
  decision: `decision.${slot}`,
  evidence: `evidence.${slot}`
})

/**
 * The patterns of all decisions, and of all evidence.
 *
 * @category constants
 * @since 0.1.0
 */
export const decisions = { decisions: "decision.>", evidence: "evidence.>" }

/**
 * The key that a control is put under.
 *
 * @category constructors
 * @since 0.1.0
 */
export const control = (record: ControlRecord | ControlKey): string => {
  switch (record._tag) {
    case "Pause":
      return "control.pause"
    case "Drain":
      return `control.drain.${record.workerId}`
    case "Rebalance":
      return "control.rebalance"
    case "Refresh":
      return "control.refresh"
  }
}

const unknownKey = (key: string) =>
  Codec.undecodable(`${JSON.stringify(key.slice(0, 80))} is not a key that this release writes here`)

const withWorker = <A>(key: string, name: string, make: (workerId: WorkerId.WorkerId) => A): Codec.Decoded<A> =>
  Result.match(WorkerId.parse(name), {
    onFailure: () => unknownKey(key),
    onSuccess: (workerId) => Result.succeed(make(workerId))
  })

/**
 * Reads a key of the `live` bucket.
 *
 * @category decoding
 * @since 0.1.0
 */
export const parseLive = (key: string): Codec.Decoded<LiveKey> => {
  if (key === leader) return Result.succeed({ _tag: "Leader" })
  return key.startsWith("worker.")
    ? withWorker(key, key.slice("worker.".length), (workerId) => ({ _tag: "Worker", workerId }))
    : unknownKey(key)
}

const piece = /^(plan|partitions)\.(0|[1-9]\d{0,15})\.(0|[1-9]\d{0,5})$/

const parsePiece = (key: string): Codec.Decoded<PlanKey> => {
  const [, kind, ...digits] = piece.exec(key) ?? []
  const [version = 0, number = 0] = digits.map(Number)
  if (kind === undefined || !Number.isSafeInteger(version)) return unknownKey(key)
  return Result.succeed(
    kind === "plan" ? { _tag: "PlanPart", version, part: number } : { _tag: "ListChunk", version, chunk: number }
  )
}

const parseControl = (key: string): Codec.Decoded<ControlKey> => {
  if (key === "control.pause") return Result.succeed({ _tag: "Pause" })
  if (key === "control.rebalance") return Result.succeed({ _tag: "Rebalance" })
  if (key === "control.refresh") return Result.succeed({ _tag: "Refresh" })
  return key.startsWith("control.drain.")
    ? withWorker(key, key.slice("control.drain.".length), (workerId) => ({ _tag: "Drain", workerId }))
    : unknownKey(key)
}

/**
 * Reads a key of the `plan` bucket.
 *
 * @category decoding
 * @since 0.1.0
 */
export const parsePlan = (key: string): Codec.Decoded<PlanKey> => {
  if (key === plan) return Result.succeed({ _tag: "Plan" })
  if (!key.startsWith("control.")) return parsePiece(key)
  return Result.map(parseControl(key), (parsed): PlanKey => ({ _tag: "Control", control: parsed }))
}
