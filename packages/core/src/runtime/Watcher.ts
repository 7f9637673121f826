/**
 * Watches the two buckets, and tells what it sees as facts.
 *
 * @since 0.1.0
 */
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Result from "effect/Result"
import type * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import type { RecordUndecodable } from "../model/Codec.ts"
import type { Compression } from "../model/Compression.ts"
import type { Version } from "../model/Epoch.ts"
import * as Key from "../model/Key.ts"
import * as PlanAssembler from "../model/PlanAssembler.ts"
import * as RecordCodec from "../model/RecordCodec.ts"
import type { Revision } from "../model/Revision.ts"
import type { WatchScope } from "../protocol/Command.ts"
import type { Fact } from "../protocol/Event.ts"
import {
  type Bucket,
  type CoordinationStore,
  StoreMisconfigured,
  StoreUnavailable,
  type WatchEvent
} from "./CoordinationStore.ts"
import { type Problem, WatchFailed } from "./Errors.ts"

/**
 * The watches of one worker.
 *
 * @category models
 * @since 0.1.0
 */
export interface Watcher {
  /** Replaces the watch of the `live` bucket; the old one is closed before the new one is opened. */
  readonly watchLive: (scope: WatchScope, serial: number) => Effect.Effect<void>
  /** The bytes that stand under a key of a piece of the plan, as far as they were shown and are kept. */
  readonly shown: (key: string) => Uint8Array | null
  /** Keys of lists and plans that nobody reads any more. */
  readonly staleKeys: (olderThan: Version) => ReadonlyArray<string>
  /** Keys of the list in force that are gone from the bucket. */
  readonly missingKeys: () => ReadonlyArray<string>
}

/**
 * What a watcher needs from the worker it belongs to.
 *
 * @category models
 * @since 0.1.0
 */
export interface Host {
  readonly store: (typeof CoordinationStore)["Service"]
  readonly compression: Compression
  readonly offer: (fact: Fact) => Effect.Effect<void>
  readonly problem: (problem: Problem) => Effect.Effect<void>
  /** Called when the store cannot be used as it is; the watch goes on trying. */
  readonly misconfigured: (error: StoreMisconfigured) => Effect.Effect<void>
  /** Called when a piece of the list in force may be missing. */
  readonly piecesChanged: Effect.Effect<void>
}

const firstRetryMs = 100
const longestRetryMs = 5000

const planPatterns = [Key.plan, "plan.>", "partitions.>", "control.>"]

/**
 * Opens the watch of the `plan` bucket. All watches are closed with the scope.
 *
 * **Details**
 *
 * A watch that breaks off is opened again after 0.1 s, then twice as long after each further failure, up to 5 s,
 * without end.
 *
 * @category constructors
 * @since 0.1.0
 */
export const make = (host: Host): Effect.Effect<Watcher, never, Scope.Scope> =>
  Effect.gen(function* () {
    const scope = yield* Effect.scope
    const reader: PlanReader = { assembler: PlanAssembler.empty, isSynced: false }
    const plans = follow(host, "plan", planPatterns, (seen) => takePlan(host, reader, seen))
    yield* Effect.forkIn(plans, scope, { startImmediately: true })
    let live: Fiber.Fiber<void> | null = null
    const watchLive = (watched: WatchScope, serial: number) =>
      Effect.gen(function* () {
        const old = live
        old?.interruptUnsafe()
        const watching = follow(host, "live", livePatterns(watched), (seen) => host.offer(liveFact(seen, serial)))
        const next = old === null ? watching : Effect.andThen(Fiber.await(old), watching)
        live = yield* Effect.forkIn(next, scope, { startImmediately: true })
      })
    return {
      watchLive,
      shown: (key) => reader.assembler.pieces.get(key)?.bytes ?? null,
      staleKeys: (olderThan) => PlanAssembler.staleKeys(reader.assembler, olderThan),
      missingKeys: () => PlanAssembler.missingKeys(reader.assembler)
    }
  })

const livePatterns = (watched: WatchScope): ReadonlyArray<string> => {
  switch (watched._tag) {
    case "Whole":
      return [Key.leader, "worker.>"]
    case "Own":
      return [Key.leader, Key.worker(watched.workerId)]
  }
}

/** Watches for ever. */
const follow = (
  host: Host,
  bucket: Bucket,
  patterns: ReadonlyArray<string>,
  take: (seen: WatchEvent) => Effect.Effect<void>
): Effect.Effect<void> =>
  Effect.gen(function* () {
    // A store that throws instead of failing has broken off like any other.
    const watched = Stream.suspend(() => host.store.watch(bucket, patterns))
    for (let failures = 0; ; failures++) {
      const exit = yield* Stream.runForEach(watched, (seen) => {
        failures = 0
        return take(seen)
      }).pipe(Effect.exit)
      const retryInMs = Math.min(longestRetryMs, firstRetryMs * 2 ** failures)
      // A watch has no end: one that ends has broken off.
      const cause = Exit.isSuccess(exit) ? brokenOff : Cause.squash(exit.cause)
      if (cause instanceof StoreMisconfigured) yield* host.misconfigured(cause)
      yield* host.problem(new WatchFailed({ bucket, retryInMs, cause }))
      yield* Effect.sleep(retryInMs)
    }
  })

const brokenOff = new StoreUnavailable({ operation: "watch", outcome: "NotApplied", reason: "the watch has ended" })

const liveFact = (seen: WatchEvent, serial: number): Fact => {
  switch (seen._tag) {
    case "Opened":
      return { _tag: "LiveOpened", serial, incarnation: seen.incarnation }
    case "Synced":
      return { _tag: "LiveSynced", serial }
    case "Entry": {
      const { key, revision, value } = seen
      const fact = Result.flatMap(Key.parseLive(key), (parsed): Result.Result<Fact, RecordUndecodable> => {
        switch (parsed._tag) {
          case "Leader":
            return Result.map(decodeOr(RecordCodec.decodeLeader, value), (record): Fact => ({
              _tag: "LeaderObserved",
              serial,
              revision,
              record
            }))
          case "Worker":
            return Result.map(decodeOr(RecordCodec.decodeWorker, value), (record): Fact => ({
              _tag: "WorkerObserved",
              serial,
              workerId: parsed.workerId,
              revision,
              record
            }))
        }
      })
      return Result.getOrElse(fact, ({ reason }) => undecodable("live", key, revision, reason))
    }
  }
}

const decodeOr = <A>(
  decode: (bytes: Uint8Array) => Result.Result<A, RecordUndecodable>,
  value: Uint8Array | null
): Result.Result<A | null, RecordUndecodable> => (value === null ? Result.succeed(null) : decode(value))

const undecodable = (bucket: Bucket, key: string, revision: Revision, reason: string): Fact => ({
  _tag: "RecordUndecodable",
  bucket,
  key,
  revision,
  reason
})

/** What is known of the `plan` bucket. */
interface PlanReader {
  assembler: PlanAssembler.PlanAssembler
  isSynced: boolean
}

/** Puts the plan together from what the `plan` bucket shows. */
const takePlan = (host: Host, reader: PlanReader, seen: WatchEvent): Effect.Effect<void> => {
  switch (seen._tag) {
    case "Opened":
      reader.assembler = PlanAssembler.reopen(reader.assembler)
      reader.isSynced = false
      return host.offer({ _tag: "PlanOpened", incarnation: seen.incarnation })
    case "Entry":
      return seen.key.startsWith("control.") ? takeControl(host, seen) : takePiece(host, reader, seen)
    case "Synced": {
      reader.isSynced = true
      const { answer } = reader.assembler
      // While a listing is under way the piece may yet come; now it is missing.
      const missing = answer._tag === "Waiting" ? tellPlan(host, reader, answer) : Effect.void
      return missing.pipe(Effect.andThen(host.offer({ _tag: "PlanSynced" })), Effect.andThen(host.piecesChanged))
    }
  }
}

const takePiece = (host: Host, reader: PlanReader, entry: PlanAssembler.Entry): Effect.Effect<void> => {
  const parsed = Key.parsePlan(entry.key)
  if (Result.isFailure(parsed)) {
    return host.offer(undecodable("plan", entry.key, entry.revision, parsed.failure.reason))
  }
  const { answer, assembler } = PlanAssembler.observe(reader.assembler, entry, host.compression)
  reader.assembler = assembler
  const told = answer === null ? Effect.void : tellPlan(host, reader, answer)
  return entry.value === null ? Effect.andThen(told, host.piecesChanged) : told
}

const takeControl = (host: Host, { key, revision, value }: PlanAssembler.Entry): Effect.Effect<void> => {
  // An order that is gone asks for nothing; what it changed is undone by another order.
  if (value === null) return Effect.void
  const control = Result.flatMap(Key.parsePlan(key), (parsed) =>
    parsed._tag === "Control" ? RecordCodec.decodeControl(parsed.control, value) : Result.succeed(null)
  )
  if (Result.isFailure(control)) return host.offer(undecodable("plan", key, revision, control.failure.reason))
  return control.success === null ? Effect.void : host.offer({ _tag: "ControlObserved", control: control.success })
}

const tellPlan = (host: Host, { isSynced }: PlanReader, answer: PlanAssembler.Answer): Effect.Effect<void> => {
  const { revision } = answer
  switch (answer._tag) {
    case "Absent":
      return host.offer({ _tag: "PlanObserved", revision, plan: null })
    case "Complete":
      return host.offer({ _tag: "PlanObserved", revision, plan: answer.plan })
    case "Undecodable":
      return host.offer(undecodable("plan", Key.plan, revision, answer.reason))
    case "Waiting":
      return isSynced
        ? host.offer(undecodable("plan", Key.plan, revision, `its piece ${answer.key} is missing`))
        : Effect.void
  }
}
