/**
 * Carries out writes, and tells how each went.
 *
 * @since 0.1.0
 */
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Result from "effect/Result"
import * as Scope from "effect/Scope"
import type { Compression } from "../model/Compression.ts"
import * as Key from "../model/Key.ts"
import * as Limit from "../model/Limit.ts"
import * as ListCodec from "../model/ListCodec.ts"
import * as PlanCodec from "../model/PlanCodec.ts"
import * as RecordCodec from "../model/RecordCodec.ts"
import type { WorkerRecord } from "../model/Record.ts"
import * as Revision from "../model/Revision.ts"
import type { Command, Write } from "../protocol/Command.ts"
import type { Fact } from "../protocol/Event.ts"
import {
  type CoordinationStore,
  type RevisionMismatch,
  StoreUnavailable,
  type ValueTooLarge
} from "./CoordinationStore.ts"
import { type Problem, WriteFailed } from "./Errors.ts"
import type { Probe } from "./EventLoopDelay.ts"

/**
 * The orders that write to the store and are answered.
 */
type WriteCommand = Extract<Command, { readonly write: Write }>

/**
 * Writes for one worker.
 *
 * @category models
 * @since 0.1.0
 */
export interface Writer {
  /** Returns at once; the answer comes as a fact. Writes to one key are issued in the order of the calls. */
  readonly write: (command: WriteCommand) => Effect.Effect<void>
  /** Creates what is missing, and does not say how it went: whoever reads finds out. */
  readonly create: (pieces: ReadonlyArray<ListCodec.Piece>) => Effect.Effect<void>
  /** Removes keys of the `plan` bucket that nobody reads any more. One that stays is harmless. */
  readonly remove: (keys: ReadonlyArray<string>) => Effect.Effect<void>
}

/**
 * What a writer needs from the worker it belongs to.
 *
 * @category models
 * @since 0.1.0
 */
export interface Host {
  readonly store: (typeof CoordinationStore)["Service"]
  readonly compression: Compression
  readonly requestTimeoutMs: number
  readonly offer: (fact: Fact) => Effect.Effect<void>
  readonly problem: (problem: Problem) => Effect.Effect<void>
  /** The bytes that a watch has shown under a key of the `plan` bucket. */
  readonly shown: (key: string) => Uint8Array | null
  /** Read once for each renewal. */
  readonly loopDelay: Probe
}

type Refusal = RevisionMismatch | StoreUnavailable | ValueTooLarge
type Request = Effect.Effect<Revision.Revision, Refusal>

/**
 * Makes a writer. When the scope is closed, what is under way is cut off and stays unanswered.
 *
 * @category constructors
 * @since 0.1.0
 */
export const make = (host: Host): Effect.Effect<Writer, never, Scope.Scope> =>
  Effect.map(Effect.scope, (scope) => {
    /** The newest write to each key that has not been answered. */
    const underWay = new Map<string, Fiber.Fiber<void>>()

    const inTurn = (key: string, work: Effect.Effect<void>) =>
      Effect.gen(function* () {
        const earlier = underWay.get(key)
        const turn = earlier === undefined ? work : Effect.andThen(Fiber.await(earlier), work)
        // At once, so that what is asked first is sent first.
        const fiber = yield* Effect.forkIn(turn, scope, { startImmediately: true })
        if (fiber.pollUnsafe() !== undefined) return
        underWay.set(key, fiber)
        fiber.addObserver(() => underWay.get(key) === fiber && underWay.delete(key))
      })

    const write = (command: WriteCommand) =>
      Effect.suspend(() => {
        const { key, request } = prepare(host, command)
        const answered = Effect.flatMap(Effect.exit(request), (exit) => answer(host, command.write, exit))
        return inTurn(key, answered)
      })

    const create = (pieces: ReadonlyArray<ListCodec.Piece>) =>
      Effect.forEach(pieces, (piece) => Effect.ignore(publish(host, piece)), { discard: true }).pipe(
        Effect.forkIn(scope),
        Effect.asVoid
      )

    const remove = (keys: ReadonlyArray<string>) =>
      Effect.forEach(keys, (key) => Effect.ignore(host.store.remove("plan", key)), { discard: true }).pipe(
        Effect.forkIn(scope),
        Effect.asVoid
      )

    return { write, create, remove }
  })

/** A request that was not answered in time may have been carried out, or may yet be. */
const withinTime = (host: Host, request: () => Request): Request =>
  Effect.timeoutOrElse(Effect.suspend(request), {
    duration: host.requestTimeoutMs,
    orElse: () => {
      const reason = `no answer within ${host.requestTimeoutMs} ms`
      return Effect.fail(new StoreUnavailable({ operation: "write", outcome: "Unknown", reason }))
    }
  })

/** Encodes at once: a record that cannot be encoded is a mistake of the program, and ends the loop. */
const prepare = (host: Host, command: WriteCommand): { readonly key: string; readonly request: Request } => {
  const { compression, store } = host
  const { expected } = command.write
  switch (command._tag) {
    case "WriteWorker": {
      const key = Key.worker(command.workerId)
      const isRenewal = command.write.purpose === "Renew"
      const bytes = RecordCodec.encodeWorker(isRenewal ? measured(host, command.record) : command.record)
      return { key, request: withinTime(host, () => store.write("live", key, bytes, { expected })) }
    }
    case "WriteLeader": {
      const bytes = RecordCodec.encodeLeader(command.record)
      return { key: Key.leader, request: withinTime(host, () => store.write("live", Key.leader, bytes, { expected })) }
    }
    case "WriteControl": {
      const key = Key.control(command.control)
      return {
        key,
        request: withinTime(host, () => store.put("plan", key, RecordCodec.encodeControl(command.control)))
      }
    }
    case "WritePlan": {
      const { head, parts } = PlanCodec.encode(command.plan, compression)
      const chunks = command.publishList ? ListCodec.encode(command.plan.list, compression) : []
      const pieces = Effect.forEach([...chunks, ...parts], (piece) => publish(host, piece), { discard: true })
      const plan = withinTime(host, () => store.write("plan", Key.plan, head, { expected }))
      return { key: Key.plan, request: Effect.andThen(Effect.mapError(pieces, notApplied), plan) }
    }
  }
}

/** Every event loop is late by so much now and then: not worth a byte in each record. */
const usualDelayMs = 50

/** A renewal says how the event loop fares. The machine has not decided that, and hears nothing of it. */
const measured = ({ loopDelay }: Host, record: WorkerRecord): WorkerRecord => {
  const loopDelayMs = Math.min(Math.round(loopDelay.read()), Limit.maxSpanMs)
  return loopDelayMs < usualDelayMs ? record : { ...record, loopDelayMs }
}

/** What became of a piece says nothing of the plan that was to name it: that one was not even sent. */
const notApplied = (refusal: Refusal): Refusal =>
  refusal._tag === "StoreUnavailable"
    ? new StoreUnavailable({ operation: "write", outcome: "NotApplied", reason: refusal.reason })
    : refusal

/** Creates one piece. One that is there already must be the same: another leader may have taken its name. */
const publish = (host: Host, { bytes, key }: ListCodec.Piece): Effect.Effect<void, Refusal> =>
  withinTime(host, () => host.store.write("plan", key, bytes, { expected: Revision.absent })).pipe(
    Effect.catchTag("RevisionMismatch", (mismatch) =>
      isSame(host.shown(key), bytes) ? Effect.void : Effect.fail(mismatch)
    ),
    Effect.asVoid
  )

const isSame = (shown: Uint8Array | null, bytes: Uint8Array): boolean =>
  shown !== null && shown.length === bytes.length && shown.every((byte, i) => byte === bytes[i])

const answer = (host: Host, write: Write, exit: Exit.Exit<Revision.Revision, Refusal>): Effect.Effect<void> => {
  if (Exit.isSuccess(exit)) return host.offer({ _tag: "WriteAccepted", write, revision: exit.value })
  const found = Cause.findError(exit.cause)
  // A store that dies has given no answer either.
  if (Result.isFailure(found)) return troubled(host, write, { _tag: "WriteUnknown", write }, exit.cause)
  const refusal = found.success
  switch (refusal._tag) {
    case "RevisionMismatch":
      return host.offer({ _tag: "WriteRejected", write, reason: "Conflict" })
    case "ValueTooLarge":
      return troubled(host, write, { _tag: "WriteRejected", write, reason: "NotApplied" }, refusal)
    case "StoreUnavailable":
      return host.offer(
        refusal.outcome === "Unknown"
          ? { _tag: "WriteUnknown", write }
          : { _tag: "WriteRejected", write, reason: "NotApplied" }
      )
  }
}

/** An answer that comes of something that waiting does not cure. */
const troubled = (host: Host, write: Write, fact: Fact, cause: unknown): Effect.Effect<void> =>
  Effect.andThen(host.problem(new WriteFailed({ purpose: write.purpose, cause })), host.offer(fact))
