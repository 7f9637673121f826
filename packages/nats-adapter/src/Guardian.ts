/**
 * A parent process that tells the group at once when its worker process has died.
 *
 * @since 0.1.0
 */
import { CoordinationStore } from "@parti/core/CoordinationStore"
import * as DeadProcess from "@parti/core/DeadProcess"
import * as Data from "effect/Data"
import * as Deferred from "effect/Deferred"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Option from "effect/Option"
import * as Schedule from "effect/Schedule"
import * as Scope from "effect/Scope"
import { type ChildProcess, spawn } from "node:child_process"
import * as NatsFailure from "./connection/NatsFailure.ts"
import * as NatsConnection from "./NatsConnection.ts"
import * as NatsStore from "./NatsStore.ts"

/**
 * What is to be run, and where its group is.
 *
 * **Details**
 *
 * - `command`, `args`: the worker process, without a shell. It has this process's environment, input and outputs.
 * - `group`, and the options of `NatsConnection`: as the worker has them.
 * - `evictTimeout`: for how long its end is tried to be told (default 30 seconds); after that its lease has run out, too.
 *
 * @category models
 * @since 0.1.0
 */
export interface GuardianOptions extends NatsConnection.NatsConnectionOptions {
  readonly group: string
  readonly command: string
  readonly args?: ReadonlyArray<string>
  readonly evictTimeout?: Duration.Input
}

/**
 * How the worker process ended. `evicted`: how many sessions it had not given back itself; `null` if that could not be
 * told to the group in time, so that the leases run out by themselves.
 *
 * @category models
 * @since 0.1.0
 */
export interface Ended {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
  readonly evicted: number | null
}

/**
 * The worker process could not be started.
 *
 * @category errors
 * @since 0.1.0
 */
export class CommandFailed extends Data.TaggedError("CommandFailed")<{
  readonly command: string
  readonly cause: unknown
}> {
  override get message(): string {
    const reason = NatsFailure.describe(this.cause)
    return `${this.command} could not be started (${reason}); check its path and permissions`
  }
}

/**
 * Runs a worker process until it ends, then tells its group.
 *
 * **Details**
 *
 * A process that is killed, runs out of memory or throws leaves a lease behind, and nobody may run its partitions before
 * that has ended: from outside a dead process looks like one that is cut off. Its parent knows better: the operating system
 * tells it when none of the process's threads can run any more. So the partitions are with others as soon as they
 * would be after an orderly end. `SIGTERM`, `SIGINT` and `SIGHUP` are passed on; the worker ends itself. It is in a process group of its
 * own, so that a terminal, which signals a whole group, does not reach it a second time, and it cannot read from the terminal.
 * The group's buckets are left for the worker to make.
 *
 * **Gotchas**
 *
 * Of no help when the machine, the container, or this process itself dies: then the lease decides, as ever. The work
 * must be done by that process: what it has started in processes of its own may outlive it.
 *
 * **Example** (Ends as the worker did)
 *
 * ```ts
 * import { Guardian } from "@parti/nats-adapter"
 * import { Effect } from "effect"
 * import { constants } from "node:os"
 *
 * const options: Guardian.GuardianOptions = {
 *   servers: "127.0.0.1:4222",
 *   group: "billing",
 *   command: "node",
 *   args: ["worker.js"]
 * }
 *
 * // As shells tell of it.
 * const codeOf = ({ code, signal }: Guardian.Ended) => code ?? 128 + (signal === null ? 0 : constants.signals[signal])
 * const notFound = ({ message }: Guardian.CommandFailed) => Effect.as(Effect.logFatal(message), 127)
 *
 * const worker = Effect.catchTag(Effect.map(Guardian.run(options), codeOf), "CommandFailed", notFound)
 * process.exitCode = await Effect.runPromise(worker)
 * ```
 *
 * @category running
 * @since 0.1.0
 */
export const run = (options: GuardianOptions): Effect.Effect<Ended, CommandFailed> =>
  Effect.scoped(
    Effect.gen(function* () {
      const guard = globalThis.crypto.randomUUID()
      const exited = yield* start(options, guard)
      // Connected while all is well, so that no time is lost later; a group that cannot be reached is no reason not to work.
      const store = yield* Deferred.make<CoordinationStore["Service"]>()
      yield* Effect.forkScoped(Effect.flatMap(connect(options), (made) => Deferred.succeed(store, made)))
      const { code, pid, signal } = yield* Deferred.await(exited)
      const evicting = Effect.flatMap(Deferred.await(store), (reached) =>
        evict(reached, DeadProcess.sessionPrefix(guard, pid))
      )
      const evicted = yield* Effect.timeoutOption(evicting, options.evictTimeout ?? "30 seconds")
      if (Option.isNone(evicted)) yield* Effect.logWarning(`the end of process ${pid} could not be told to its group`)
      return { code, signal, evicted: Option.getOrNull(evicted) }
    })
  )

interface Exited extends Omit<Ended, "evicted"> {
  readonly pid: number
}

const passedOn = ["SIGTERM", "SIGINT", "SIGHUP"] as const

/** Starts the process, and gives what waits for its end. */
const start = (
  options: GuardianOptions,
  guard: string
): Effect.Effect<Deferred.Deferred<Exited>, CommandFailed, Scope.Scope> =>
  Effect.gen(function* () {
    const exited = yield* Deferred.make<Exited>()
    const child = yield* Effect.acquireRelease(spawned(options, guard, exited), kill)
    const pass = (signal: NodeJS.Signals): void => void child.kill(signal)
    yield* Effect.acquireRelease(
      Effect.sync(() => passedOn.forEach((signal) => process.on(signal, pass))),
      () => Effect.sync(() => passedOn.forEach((signal) => process.off(signal, pass)))
    )
    return exited
  })

const spawned = (
  { args = [], command }: GuardianOptions,
  guard: string,
  exited: Deferred.Deferred<Exited>
): Effect.Effect<ChildProcess, CommandFailed> =>
  Effect.callback((resume) => {
    const env = { ...process.env, [DeadProcess.variable]: guard }
    // On Windows that would open a window; there are no process groups to be signalled either.
    const detached = process.platform !== "win32"
    const child = spawn(command, args, { detached, env, stdio: "inherit" })
    child.once("spawn", () => resume(Effect.succeed(child)))
    child.once("error", (cause) => resume(new CommandFailed({ command, cause })))
    const { pid } = child
    if (pid === undefined) return
    child.once("exit", (code, signal) => Deferred.doneUnsafe(exited, Effect.succeed({ code, signal, pid })))
  })

/** Only where whoever waits for the end has gone: nobody would look after the process any more. */
const kill = (child: ChildProcess): Effect.Effect<void> =>
  Effect.sync(() => void (child.exitCode === null && child.signalCode === null && child.kill("SIGKILL")))

/** The store of the group, as soon as it can be had. */
const connect = (options: GuardianOptions): Effect.Effect<CoordinationStore["Service"], never, Scope.Scope> => {
  const make = Effect.flatMap(NatsConnection.make(options), (nats) =>
    Effect.provideService(NatsStore.make({ group: options.group, create: false }), NatsConnection.NatsConnection, nats)
  )
  // What an attempt that fails has opened is closed before the next.
  const attempt = Effect.flatMap(Effect.scope, (scope) => Scope.fork(scope)).pipe(
    Effect.flatMap((own) => Effect.onError(Scope.provide(make, own), () => Scope.close(own, Exit.void)))
  )
  let told = ""
  const tell = ({ message }: { readonly message: string }) =>
    Effect.suspend(() => {
      if (message === told) return Effect.void
      told = message
      return Effect.logWarning(`the guardian does not reach its group yet: ${message}`)
    })
  return attempt.pipe(Effect.tapError(tell), Effect.retry(Schedule.spaced("2 seconds")), Effect.orDie)
}

const evict = (store: CoordinationStore["Service"], prefix: string): Effect.Effect<number> =>
  Effect.provideService(DeadProcess.evict(prefix), CoordinationStore, store).pipe(
    Effect.retry(Schedule.spaced("200 millis")),
    Effect.orDie
  )
