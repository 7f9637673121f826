/**
 * Runs the user's handlers: one for each partition that is owned, and only while it is owned.
 *
 * @since 0.1.0
 */
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import type * as Scope from "effect/Scope"
import { assert } from "../model/Assert.ts"
import type { Version } from "../model/Epoch.ts"
import type { PartitionId } from "../model/Partition.ts"
import type { StopReason } from "../protocol/Command.ts"
import * as HandlerRun from "./HandlerRun.ts"
import type { OwnedPartition, PartitionContext } from "./OwnedPartition.ts"

/**
 * What becomes of a handler whose partition is being given up.
 *
 * - `interrupt`: it is interrupted at once.
 * - `drain`: `revoked` completes, and the handler may finish what it has in hand; when its time is up it is
 *   interrupted. It has `drainTimeoutMs`; half of `fenceLeadMs` if the worker's own lease is ending; nothing if the
 *   lease is lost.
 *
 * @category models
 * @since 0.1.0
 */
export interface HandlerOptions {
  readonly onRevoke?: "interrupt" | "drain"
}

/**
 * The handlers of one worker.
 *
 * @category models
 * @since 0.1.0
 */
export interface Handlers {
  readonly start: (owned: OwnedPartition) => Effect.Effect<void>
  /**
   * Answered by one call of `ended`, when the last handler of the partition has come to its end. Told again with a more
   * urgent reason it leaves handlers that drain less time; there is still one answer.
   */
  readonly stop: (partition: PartitionId, token: Version, reason: StopReason) => Effect.Effect<void>
  /** The worker has taken note of that answer, and stops this run no more: nothing is remembered of it from now on. */
  readonly forget: (partition: PartitionId, token: Version) => Effect.Effect<void>
  /**
   * Runs the handler for all that is owned, now and later, until the scope is closed; that waits until all runs have
   * ended, and gives those that drain their time.
   */
  readonly register: <E, R>(
    handler: (context: PartitionContext) => Effect.Effect<unknown, E, R>,
    options?: HandlerOptions
  ) => Effect.Effect<void, never, Exclude<R, Scope.Scope> | Scope.Scope>
  /** Interrupts everything, and waits for nothing; what is registered later never runs. */
  readonly abandon: Effect.Effect<void>
}

/**
 * Makes the handlers of one worker: none at first.
 *
 * **Details**
 *
 * A handler that returns keeps its scope until the partition is given up. One that fails or dies is reported and
 * started again, after 0.1 s at first, twice as long after each further failure up to 30 s, for as long as the
 * partition is owned; the count starts anew after 30 s without a failure. One that has not ended when its time is up
 * is reported once, and awaited still.
 *
 * **Gotchas**
 *
 * Code that neither ends nor heeds its interruption cannot be stopped by a library: until it ends the partition is not
 * given up, and its next owner waits for this worker's lease.
 *
 * @category constructors
 * @since 0.1.0
 */
export const make = (host: HandlerRun.Host): Handlers => {
  const registry: Registry = {
    host,
    registrations: new Set(),
    held: new Map(),
    over: new Map(),
    isAbandoned: false
  }
  return {
    start: (owned) => start(registry, owned),
    stop: (partition, token, reason) => stop(registry, partition, token, reason),
    forget: (partition, token) => forget(registry, partition, token),
    register: (handler, options) => register(registry, handler, options),
    abandon: abandon(registry)
  }
}

interface Held {
  readonly owned: OwnedPartition
  readonly runs: Map<HandlerRun.Registration, HandlerRun.Run>
  /** There once the partition is being given up; done when it was told so again, with the more urgent reason. */
  urged: Deferred.Deferred<StopReason> | null
}

interface Registry {
  readonly host: HandlerRun.Host
  readonly registrations: Set<HandlerRun.Registration>
  readonly held: Map<PartitionId, Held>
  /** What has ended, and under which token, until the worker has taken note of it. */
  readonly over: Map<PartitionId, Version>
  /** Nothing begins any more. */
  isAbandoned: boolean
}

const launch = (host: HandlerRun.Host, one: Held, registration: HandlerRun.Registration): Effect.Effect<void> =>
  Effect.gen(function* () {
    const revoked = yield* Deferred.make<StopReason>()
    // Started at the next turn of the scheduler: the user's code never runs inside the worker's own loop.
    const fiber = yield* Effect.forkDetach(HandlerRun.supervise(host, registration, one.owned, revoked))
    one.runs.set(registration, { registration, revoked, fiber })
    fiber.addObserver(() => one.runs.delete(registration))
  })

const start = ({ held, host, over, registrations }: Registry, owned: OwnedPartition): Effect.Effect<void> =>
  Effect.suspend(() => {
    assert(!held.has(owned.id), `S1 partition ${owned.id} is started only after its older run has ended`)
    over.delete(owned.id)
    const one: Held = { owned, runs: new Map(), urged: null }
    held.set(owned.id, one)
    return Effect.forEach(registrations, (registration) => launch(host, one, registration), { discard: true })
  })

const stop = (
  { held, host, over }: Registry,
  partition: PartitionId,
  token: Version,
  reason: StopReason
): Effect.Effect<void> =>
  Effect.suspend(() => {
    // Told again while the answer is on its way.
    if (over.get(partition) === token) return Effect.void
    const one = held.get(partition)
    assert(one?.owned.token === token, `partition ${partition} is stopped under the token ${token} that it runs under`)
    if (one.urged !== null) return Effect.asVoid(Deferred.succeed(one.urged, reason))
    const urged = Deferred.makeUnsafe<StopReason>()
    one.urged = urged
    const done = Effect.suspend(() => {
      held.delete(partition)
      over.set(partition, token)
      return host.ended(partition, token)
    })
    if (one.runs.size === 0) return done
    const settled = HandlerRun.settle(host, one.owned, [...one.runs.values()], reason, urged)
    return settled.pipe(Effect.andThen(done), Effect.forkDetach, Effect.asVoid)
  })

const forget = ({ over }: Registry, partition: PartitionId, token: Version): Effect.Effect<void> =>
  Effect.sync(() => {
    if (over.get(partition) === token) over.delete(partition)
  })

const register = <E, R>(
  registry: Registry,
  handler: (context: PartitionContext) => Effect.Effect<unknown, E, R>,
  options?: HandlerOptions
): Effect.Effect<void, never, Exclude<R, Scope.Scope> | Scope.Scope> =>
  Effect.gen(function* () {
    const { held, host, registrations } = registry
    const context = yield* Effect.context<Exclude<R, Scope.Scope>>()
    const registration: HandlerRun.Registration = {
      run: (given) => Effect.provideContext(Effect.scoped(untilRevoked(handler, given)), context),
      drains: options?.onRevoke === "drain"
    }
    if (registry.isAbandoned) return
    registrations.add(registration)
    yield* Effect.addFinalizer(() => unregister(registry, registration))
    // A scope that is closed already has ended it at once.
    if (!registrations.has(registration)) return
    const running = [...held.values()].filter((one) => one.urged === null)
    yield* Effect.forEach(running, (one) => launch(host, one, registration), { discard: true })
  })

/** What a handler has set up and returned from lives on in its scope. */
const untilRevoked = <E, R>(
  handler: (context: PartitionContext) => Effect.Effect<unknown, E, R>,
  context: PartitionContext
): Effect.Effect<unknown, E, R> =>
  Effect.andThen(
    Effect.suspend(() => handler(context)),
    context.revoked
  )

const unregister = (registry: Registry, registration: HandlerRun.Registration): Effect.Effect<void> =>
  Effect.suspend(() => {
    registry.registrations.delete(registration)
    const ends = [...registry.held.values()].map((one) => end(registry.host, one, registration))
    return Effect.all(ends, { concurrency: "unbounded", discard: true })
  })

/** Ends one registration's run of a partition that goes on being owned. */
const end = (host: HandlerRun.Host, one: Held, registration: HandlerRun.Registration): Effect.Effect<unknown> => {
  const run = one.runs.get(registration)
  if (run === undefined) return Effect.void
  if (!registration.drains) return Fiber.interrupt(run.fiber)
  // Told to stop already, with a time limit of its own.
  if (one.urged !== null) return Fiber.await(run.fiber)
  const settled = HandlerRun.settle(host, one.owned, [run], "Stopping", Deferred.makeUnsafe())
  // A fiber of its own, since finalizers cannot be interrupted and time limits need that.
  return Effect.flatMap(Effect.forkDetach(settled), Fiber.await)
}

const abandon = (registry: Registry): Effect.Effect<void> =>
  Effect.sync(() => {
    registry.isAbandoned = true
    registry.registrations.clear()
    for (const one of registry.held.values()) {
      for (const { fiber } of one.runs.values()) fiber.interruptUnsafe()
    }
  })
