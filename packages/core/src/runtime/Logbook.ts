/**
 * Reads the log of decisions from the store.
 *
 * @since 0.1.0
 */
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import * as Stream from "effect/Stream"
import * as Key from "../model/Key.ts"
import { type PartitionList, type Plan } from "../model/Plan.ts"
import * as PlanAssembler from "../model/PlanAssembler.ts"
import * as PartitionSet from "../model/PartitionSet.ts"
import { type Decision, type Evidence, kept, type Logged } from "../protocol/Decision.ts"
import * as DecisionCodec from "../protocol/DecisionCodec.ts"
import * as EvidenceCodec from "../protocol/EvidenceCodec.ts"
import { zlib } from "./Compression.ts"
import { CoordinationStore, type StoreMisconfigured, StoreUnavailable, type WatchEvent } from "./CoordinationStore.ts"

/**
 * The log of a group, the newest decision first, and the plan in force. What cannot be read is told, and skipped.
 *
 * @category models
 * @since 0.1.0
 */
export interface Logbook {
  readonly plan: Plan | null
  readonly decisions: ReadonlyArray<Logged>
  readonly unreadable: ReadonlyArray<{ readonly key: string; readonly reason: string }>
}

/**
 * Why the log could not be read.
 *
 * @category errors
 * @since 0.1.0
 */
export type ReadError = StoreUnavailable | StoreMisconfigured

type Store = (typeof CoordinationStore)["Service"]

/** How long the store may take to show what is there. */
const timeoutMs = 10_000

/**
 * Reads the log of the group whose store this is. It writes nothing, and needs no worker.
 *
 * **Example**
 *
 * ```ts
 * import { Effect } from "effect"
 * import { Decision } from "@parti/core"
 *
 * const program = Effect.gen(function* () {
 *   const { decisions, plan } = yield* Decision.read
 *   return Decision.describe(Decision.explain("eu", decisions, plan))
 * })
 * ```
 *
 * @category running
 * @since 0.1.0
 */
export const read: Effect.Effect<Logbook, ReadError, CoordinationStore> = Effect.flatMap(CoordinationStore, (store) =>
  Effect.map(
    list(store, [Key.plan, "plan.>", "partitions.>", Key.decisions.decisions, Key.decisions.evidence]),
    assemble
  )
)

/**
 * Reads the decisions alone, without what they were decided upon, in no order. What cannot be read is left out.
 *
 * @category running
 * @since 0.1.0
 */
export const decisionsIn = (store: Store): Effect.Effect<ReadonlyArray<Decision>, ReadError> =>
  Effect.map(list(store, [Key.decisions.decisions]), (entries) =>
    entries.flatMap(({ value }) =>
      value === null
        ? []
        : Result.match(DecisionCodec.decode(value), { onFailure: () => [], onSuccess: (one) => [one] })
    )
  )

/**
 * The decisions alone, the newest first: as they are now, and then after every change of one of them. What cannot be read is
 * left out.
 *
 * @category running
 * @since 0.1.0
 */
export const follow: Stream.Stream<ReadonlyArray<Decision>, ReadError, CoordinationStore> = Stream.unwrap(
  Effect.map(CoordinationStore, (store) =>
    store.watch("plan", [Key.decisions.decisions]).pipe(
      Stream.mapAccum(
        () => nothingFollowed,
        (before, seen) => {
          const after = followed(before, seen)
          return [after, after.isSynced ? [newestFirst(after.decisions.values())] : []] as const
        }
      )
    )
  )
)

interface Followed {
  readonly isSynced: boolean
  readonly decisions: ReadonlyMap<string, Decision>
}

const nothingFollowed: Followed = { isSynced: false, decisions: new Map() }

const followed = ({ decisions, isSynced }: Followed, seen: WatchEvent): Followed => {
  if (seen._tag === "Opened") return nothingFollowed
  if (seen._tag === "Synced") return { decisions, isSynced: true }
  const after = new Map(decisions)
  const decision = seen.value === null ? null : Result.getOrNull(DecisionCodec.decode(seen.value))
  if (decision === null) after.delete(seen.key)
  else after.set(seen.key, decision)
  return { decisions: after, isSynced }
}

const newestFirst = (decisions: Iterable<Decision>): ReadonlyArray<Decision> =>
  [...decisions].sort((one, other) => other.version - one.version)

/** The newest value of each key, in the order of the writes. */
const list = (
  store: Store,
  patterns: ReadonlyArray<string>
): Effect.Effect<ReadonlyArray<PlanAssembler.Entry>, ReadError> =>
  Effect.suspend(() => {
    const entries = new Map<string, PlanAssembler.Entry>()
    return store.watch("plan", patterns).pipe(
      Stream.takeUntil(({ _tag }) => _tag === "Synced"),
      Stream.runForEach((seen) =>
        Effect.sync(() => {
          if (seen._tag === "Opened") entries.clear()
          if (seen._tag !== "Entry") return
          // The last to be written comes last, as a watch would show it.
          entries.delete(seen.key)
          entries.set(seen.key, seen)
        })
      ),
      Effect.map(() => [...entries.values()]),
      Effect.timeoutOrElse({
        duration: timeoutMs,
        orElse: () =>
          Effect.fail(
            new StoreUnavailable({
              operation: "watch",
              outcome: "NotApplied",
              reason: `it did not show within ${timeoutMs} ms what is there`
            })
          )
      })
    )
  })

const assemble = (entries: ReadonlyArray<PlanAssembler.Entry>): Logbook => {
  const plan = planIn(entries)
  const bytes = new Map(entries.flatMap(({ key, value }) => (value === null ? [] : [[key, value] as const])))
  const unreadable: Array<Logbook["unreadable"][number]> = []
  const decisions: Array<Logged> = []
  for (let slot = 0; slot < kept; slot++) {
    const keys = Key.decision(slot)
    const head = bytes.get(keys.decision)
    if (head === undefined) continue
    const decision = DecisionCodec.decode(head)
    if (Result.isFailure(decision)) {
      unreadable.push({ key: keys.decision, reason: decision.failure.reason })
      continue
    }
    const evidence = evidenceFor(decision.success, bytes.get(keys.evidence))
    if (Result.isFailure(evidence)) {
      decisions.push({ decision: decision.success, evidence: null, missing: evidence.failure })
    } else {
      decisions.push({ decision: decision.success, evidence: withList(evidence.success, plan?.list ?? null) })
    }
  }
  decisions.sort((a, b) => b.decision.version - a.decision.version)
  return { plan, decisions, unreadable }
}

const planIn = (entries: ReadonlyArray<PlanAssembler.Entry>): Plan | null => {
  const { answer } = entries.reduce(
    (assembler, entry) =>
      Result.isSuccess(Key.parsePlan(entry.key)) ? PlanAssembler.observe(assembler, entry, zlib).assembler : assembler,
    PlanAssembler.empty
  )
  return answer._tag === "Complete" ? answer.plan : null
}

const evidenceFor = (decision: Decision, bytes: Uint8Array | undefined): Result.Result<Evidence, string> => {
  if (decision.evidence === "TooLarge") return Result.fail("what it was decided upon was too large to be kept")
  if (bytes === undefined) return Result.fail("what it was decided upon is not in the store")
  return Result.flatMap(
    Result.mapError(
      EvidenceCodec.decode(bytes, zlib),
      ({ reason }) => `what it was decided upon cannot be read: ${reason}`
    ),
    (evidence) =>
      evidence.version === decision.version
        ? Result.succeed(evidence)
        : Result.fail("what it was decided upon is not in the store")
  )
}

/** A list that was too large to be kept is still in the store as long as the group's own is the same. */
const withList = (evidence: Evidence, list: PartitionList | null): Evidence =>
  evidence.partitions === null && list !== null && PartitionSet.of(list.partitions).fingerprint === evidence.fingerprint
    ? { ...evidence, partitions: list.partitions }
    : evidence
