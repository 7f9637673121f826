/**
 * Writes the log of decisions, while its worker leads.
 *
 * **Details**
 *
 * Nobody waits for it. It has a fiber of its own for what takes time, a bounded queue, and no way to fail: what it cannot write after
 * three attempts is lost, and whoever reads the log finds a gap.
 *
 * @since 0.1.0
 */
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Queue from "effect/Queue"
import * as Schedule from "effect/Schedule"
import type * as Scope from "effect/Scope"
import type { Compression } from "../model/Compression.ts"
import * as Key from "../model/Key.ts"
import { type Decision, kept } from "../protocol/Decision.ts"
import * as DecisionCodec from "../protocol/DecisionCodec.ts"
import * as EvidenceCodec from "../protocol/EvidenceCodec.ts"
import * as DecisionLog from "../protocol/DecisionLog.ts"
import type { CoordinationStore } from "./CoordinationStore.ts"
import type { Turn } from "./EventLoop.ts"
import * as Logbook from "./Logbook.ts"

/**
 * The scribe of one worker.
 *
 * @category models
 * @since 0.1.0
 */
export interface Scribe {
  readonly observe: (turn: Turn) => Effect.Effect<void>
}

/**
 * What a scribe needs from the worker it belongs to.
 *
 * @category models
 * @since 0.1.0
 */
export interface Host {
  readonly store: (typeof CoordinationStore)["Service"]
  readonly compression: Compression
  readonly requestTimeoutMs: number
}

/** Three attempts, a second apart. */
const patience = Schedule.upTo(Schedule.spaced("1 second"), { times: 2 })

/** A log that cannot be read is asked for again, for as long as the worker leads. */
const insistence = Schedule.min([Schedule.exponential("1 second"), Schedule.spaced("30 seconds")])

/**
 * Makes a scribe. What it has not written when the scope is closed stays unwritten.
 *
 * @category constructors
 * @since 0.1.0
 */
export const make = (host: Host): Effect.Effect<Scribe, never, Scope.Scope> =>
  Effect.gen(function* () {
    const scope = yield* Effect.scope
    const pages = yield* Queue.sliding<DecisionLog.Page>(kept)
    const evidence = new Map<number, Decision["evidence"]>()
    yield* Effect.forkIn(
      Effect.forever(Effect.flatMap(Queue.take(pages), (page) => harmless(write(host, evidence, page)))),
      scope
    )
    let log: DecisionLog.State | null = null
    let loading: Fiber.Fiber<void> | null = null

    const flush = Effect.suspend(() => {
      if (log === null) return Effect.void
      const flushed = DecisionLog.flush(log)
      log = flushed.state
      return flushed.pages.length === 0 ? Effect.void : Effect.asVoid(Queue.offerAll(pages, flushed.pages))
    })

    const load = Effect.retry(Logbook.decisionsIn(host.store), insistence).pipe(
      Effect.flatMap((decisions) => {
        for (const { evidence: one, number } of decisions) evidence.set(number, one)
        if (log !== null) log = DecisionLog.loaded(log, decisions)
        return flush
      }),
      harmless
    )

    const observe = ({ commands, event, leading }: Turn) =>
      Effect.gen(function* () {
        if (leading === null) {
          loading?.interruptUnsafe()
          log = null
          return
        }
        if (log === null) {
          log = DecisionLog.initial
          loading?.interruptUnsafe()
          loading = yield* Effect.forkIn(load, scope)
        }
        log = DecisionLog.observe(log, event, leading.plan)
        const made = commands.some(({ _tag }) => _tag === "WritePlan") ? leading.made() : null
        if (made !== null) log = DecisionLog.made(log, made)
        yield* flush
      })

    return { observe: (turn) => (turn.leading === null && log === null ? Effect.void : harmless(observe(turn))) }
  })

/** Nothing that happens to a log is worth a worker. */
const harmless = <A, E>(effect: Effect.Effect<A, E>): Effect.Effect<void> =>
  Effect.asVoid(Effect.ignoreCause(effect, { log: "Debug" }))

/** The evidence first: a decision that is there should not name what is not. */
const write = (
  host: Host,
  evidence: Map<number, Decision["evidence"]>,
  { evidence: columns, number, steps, verdict }: DecisionLog.Page
): Effect.Effect<void, unknown> =>
  Effect.gen(function* () {
    const keys = Key.decision(number % kept)
    const put = (key: string, bytes: Uint8Array) =>
      host.store
        .put("plan", key, bytes)
        .pipe(Effect.timeout(host.requestTimeoutMs), Effect.retry(patience), Effect.asVoid)
    if (columns !== null) {
      const encoded = EvidenceCodec.encode(columns, host.compression)
      evidence.set(number, encoded.kept)
      evidence.delete(number - kept)
      if (encoded.bytes !== null) yield* harmless(put(keys.evidence, encoded.bytes))
    }
    const decision = { number, ...verdict, steps, evidence: evidence.get(number) ?? "Whole" }
    yield* put(keys.decision, DecisionCodec.encode(decision))
  })
