/**
 * One worker of a group: the loop, everything around it, and its end.
 *
 * @since 0.1.0
 */
import * as Cause from "effect/Cause"
import * as Context from "effect/Context"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Queue from "effect/Queue"
import * as Scope from "effect/Scope"
import type { Outcome } from "../protocol/Command.ts"
import type { Config } from "../protocol/Config.ts"
import type { Fact, StopIntent } from "../protocol/Event.ts"
import { mayRun } from "../protocol/View.ts"
import * as Board from "./Board.ts"
import * as Compression from "./Compression.ts"
import { CoordinationStore, type StoreMisconfigured } from "./CoordinationStore.ts"
import { StartTimedOut, WorkerDied, WorkerStopped } from "./Errors.ts"
import * as EventLoop from "./EventLoop.ts"
import * as EventLoopDelay from "./EventLoopDelay.ts"
import * as Handlers from "./Handlers.ts"
import * as Health from "./Health.ts"
import type * as Hooks from "./Hooks.ts"
import * as Interpreter from "./Interpreter.ts"
import * as Listing from "./Listing.ts"
import * as Logbook from "./Logbook.ts"
import * as Orders from "./Orders.ts"
import * as OwnClock from "./OwnClock.ts"
import type { PartitionSource } from "./PartitionSource.ts"
import * as Reporter from "./Reporter.ts"
import * as Scribe from "./Scribe.ts"
import * as Timer from "./Timer.ts"
import * as Watcher from "./Watcher.ts"
import * as Writer from "./Writer.ts"

/**
 * What ends the process when a handler is stuck and `onStuckHandler` is `"exit"`.
 *
 * @category services
 * @since 0.1.0
 */
export const ProcessExit = Context.Reference<Effect.Effect<void>>("@parti/core/ProcessExit", {
  defaultValue: () => Effect.sync(() => process.exit(1))
})

/**
 * What a worker is made of.
 *
 * @category models
 * @since 0.1.0
 */
export interface Options {
  readonly config: Config
  readonly source: PartitionSource
  readonly hooks: Hooks.Hooks
  readonly onStuckHandler: "report" | "exit"
}

/**
 * Why a worker did not start.
 *
 * @category errors
 * @since 0.1.0
 */
export type StartError = StartTimedOut | StoreMisconfigured | WorkerStopped | WorkerDied

/**
 * A worker that has begun to start.
 *
 * @category models
 * @since 0.1.0
 */
export interface Worker {
  readonly board: Board.Board
  readonly register: Handlers.Handlers["register"]
  readonly orders: Pick<Orders.Orders, "drains" | "give">
  /** Reads the group's log of decisions from the store. */
  readonly logbook: Effect.Effect<Logbook.Logbook, Logbook.ReadError>
  readonly health: Effect.Effect<Health.Health>
  /** Waits until the worker takes part in its group. */
  readonly started: Effect.Effect<void, StartError>
  /** Waits until the worker has ended, also when another stop came first. */
  readonly stop: (intent: StopIntent) => Effect.Effect<void>
  /** Ends everything here and now, as if the process had died: nothing is released. For tests. */
  readonly crash: Effect.Effect<void>
}

/** How long a store may take to close its watches before they are left behind. */
const closeTimeoutMs = 5000

/**
 * Begins to start a worker. It runs until it is stopped, whatever becomes of the fiber that began it.
 *
 * @category constructors
 * @since 0.1.0
 */
export const begin = <S>(
  machine: EventLoop.Machine<S>,
  options: Options
): Effect.Effect<Worker, never, CoordinationStore> =>
  Effect.gen(function* () {
    const { config, hooks } = options
    const scope = yield* Scope.make()
    const clock = yield* OwnClock.make
    const facts = yield* Queue.unbounded<Fact>()
    const offer = (fact: Fact) => Effect.asVoid(Queue.offer(facts, fact))
    // Before the watches have anything to tell.
    yield* offer({ _tag: "Started" })
    const started = yield* Deferred.make<void, StartError>()
    const ended = yield* Deferred.make<void>()
    const board = yield* Board.make
    const orders = Orders.make(config.group, offer)
    const [watched, renewed] = EventLoopDelay.split(yield* Scope.provide(yield* EventLoopDelay.EventLoopDelay, scope))
    const reporter = yield* Reporter.make(config, hooks).pipe(
      Effect.provideService(EventLoopDelay.EventLoopDelay, Effect.succeed(watched)),
      Scope.provide(scope)
    )
    const pulse: Pulse = { turnedAt: clock.stamp().at, end: null }
    const life: Life = { options, scope, clock, offer, started, ended, board, orders, reporter, pulse }
    const store = yield* CoordinationStore
    const { requestTimeoutMs } = config
    const scribe = yield* Scope.provide(Scribe.make({ store, compression: Compression.zlib, requestTimeoutMs }), scope)
    const tools = yield* Scope.provide(makeTools(life, renewed), scope)
    const loop = yield* EventLoop.run({
      machine,
      config,
      clock,
      facts,
      execute: (command, after) => Interpreter.execute(tools, command, after),
      observe: (turn) => Effect.andThen(observe(life, tools, turn), scribe.observe(turn))
    }).pipe(
      Effect.onExit((exit) => finish(life, tools, exit)),
      // One that is cut off before its first turn has an end, too.
      Effect.forkDetach({ startImmediately: true })
    )
    return {
      board,
      register: tools.handlers.register,
      orders,
      logbook: Effect.provideService(Logbook.read, CoordinationStore, store),
      health: Effect.sync(() => examine(life)),
      started: Deferred.await(started),
      stop: (intent) => Effect.andThen(offer({ _tag: "StopRequested", intent }), Deferred.await(ended)),
      crash: Fiber.interrupt(loop)
    }
  })

/** What a worker has from its beginning to its end. */
interface Life {
  readonly options: Options
  readonly scope: Scope.Closeable
  readonly clock: OwnClock.OwnClock
  readonly offer: (fact: Fact) => Effect.Effect<void>
  readonly started: Deferred.Deferred<void, StartError>
  readonly ended: Deferred.Deferred<void>
  readonly board: Board.Board
  readonly orders: Orders.Orders
  readonly reporter: Reporter.Reporter
  readonly pulse: Pulse
}

/** By what the worker can be seen to live. */
interface Pulse {
  turnedAt: number
  end: Health.End | null
}

const examine = ({ board, clock, options, pulse }: Life): Health.Health => {
  const { at } = clock.stamp()
  return Health.judge(options.config, {
    state: board.state.current(),
    mayRun: mayRun(options.config, board.leaseUntil(), at),
    silentMs: at - pulse.turnedAt,
    end: pulse.end
  })
}

const makeTools = (
  life: Life,
  loopDelay: EventLoopDelay.Probe
): Effect.Effect<Interpreter.Tools, never, CoordinationStore | Scope.Scope> =>
  Effect.gen(function* () {
    const { clock, offer, options } = life
    const { drainTimeoutMs, fenceLeadMs, requestTimeoutMs } = options.config
    const { problem } = life.reporter
    const store = yield* CoordinationStore
    const exit = yield* ProcessExit
    const compression = Compression.zlib
    const handlers = Handlers.make({
      drainTimeoutMs,
      fenceLeadMs,
      isCurrent: () => mayRun(options.config, life.board.leaseUntil(), clock.stamp().at),
      ended: (partition, token) => offer({ _tag: "PartitionEnded", partition, token }),
      problem,
      stuck: options.onStuckHandler === "exit" ? exit : Effect.void,
      firstWork: life.reporter.firstWork
    })
    const listing = yield* Listing.make(options.source, offer)
    const timer = yield* Timer.make(clock, offer({ _tag: "TimerFired" }))
    const watcher = yield* Watcher.make({
      store,
      compression,
      offer,
      problem,
      misconfigured: (error) => Effect.asVoid(Deferred.fail(life.started, error)),
      piecesChanged: Effect.suspend(() => restoreList(life, () => tools))
    })
    const { shown } = watcher
    const writer = yield* Writer.make({ store, compression, requestTimeoutMs, offer, problem, shown, loopDelay })
    const tools: Interpreter.Tools = { compression, handlers, listing, timer, watcher, writer }
    return tools
  })

/** The leader keeps the list of partitions in the store whole. */
const restoreList = ({ board }: Life, tools: () => Interpreter.Tools): Effect.Effect<void> => {
  const plan = board.plans.current().newest
  return plan !== null && board.isLeader.current() ? Interpreter.restoreList(tools(), plan) : Effect.void
}

const observe = (life: Life, tools: Interpreter.Tools, turn: EventLoop.Turn): Effect.Effect<void> =>
  Effect.gen(function* () {
    const { board, orders, pulse, reporter, started } = life
    const { after, before, event } = turn
    pulse.turnedAt = event.at
    if (event._tag === "PartitionEnded") yield* tools.handlers.forget(event.partition, event.token)
    yield* board.show(turn)
    yield* orders.observe(turn)
    yield* reporter.observe(turn, board.assignment.current())
    if (before.isLeader && !after.isLeader) yield* tools.listing.stop
    if (!before.isLeader && after.isLeader)
      yield* Effect.andThen(
        tools.listing.follow,
        restoreList(life, () => tools)
      )
    if (after.entered.includes("Stable")) yield* Deferred.succeed(started, undefined)
  })

const finish = (life: Life, tools: Interpreter.Tools, exit: Exit.Exit<Outcome>): Effect.Effect<void> =>
  Effect.gen(function* () {
    const { board, options, orders, pulse, reporter, scope, started } = life
    const { group } = options.config
    yield* tools.handlers.abandon
    const error = startError(group, exit)
    pulse.end = endings[error._tag]
    yield* Deferred.fail(started, error)
    if (error._tag === "WorkerDied") yield* reporter.problem(error)
    yield* orders.end
    yield* board.end
    yield* reporter.end
    // One that was cut off says no more.
    if (Exit.isSuccess(exit) || error._tag === "WorkerDied") yield* Effect.interruptible(reporter.finish)
    const closing = yield* Effect.forkDetach(Scope.close(scope, Exit.void))
    yield* Effect.interruptible(Effect.timeoutOption(Fiber.await(closing), closeTimeoutMs))
  }).pipe(
    // Also after a crash, which cuts all that may be interrupted: whoever stops the worker then must not wait for ever.
    Effect.ensuring(Deferred.succeed(life.ended, undefined))
  )

const endings = { StartTimedOut: "StartFailed", WorkerDied: "Died", WorkerStopped: "Stopped" } as const

const startError = (group: string, exit: Exit.Exit<Outcome>): StartTimedOut | WorkerDied | WorkerStopped => {
  if (Exit.isFailure(exit)) {
    return Cause.hasDies(exit.cause)
      ? new WorkerDied({ group, cause: exit.cause })
      : new WorkerStopped({ group, operation: "start" })
  }
  return exit.value._tag === "StartFailed"
    ? new StartTimedOut({ group, waitingFor: exit.value.waitingFor, afterMs: exit.value.afterMs })
    : new WorkerStopped({ group, operation: "start" })
}
