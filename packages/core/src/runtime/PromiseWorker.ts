/**
 * A worker of a group, for programs written with promises.
 *
 * @since 0.1.0
 */
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as References from "effect/References"
import * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import { ConfigInvalid } from "../model/PartiConfig.ts"
import type { PartitionInput } from "../model/Partition.ts"
import type { StopIntent } from "../protocol/Event.ts"
import type { Explanation } from "../protocol/Explanation.ts"
import type { WorkerState } from "../protocol/Manager.ts"
import type { Connection } from "./Connection.ts"
import { CoordinationStore } from "./CoordinationStore.ts"
import { UserCodeFailed } from "./Errors.ts"
import type { GroupView } from "./GroupView.ts"
import { type GroupStore, shared } from "./GroupStore.ts"
import type { Health } from "./Health.ts"
import { type Events, hooksFor, Listeners } from "./Listeners.ts"
import type { Assignment, AssignmentChange } from "./OwnAssignment.ts"
import * as Parti from "./Parti.ts"
import { fromCause } from "./PartiError.ts"
import type { PartiService } from "./PartiService.ts"
import * as PartitionSource from "./PartitionSource.ts"
import * as PromiseHandler from "./PromiseHandler.ts"
import * as StopSignals from "./StopSignals.ts"

/**
 * How a worker is to be.
 *
 * @category models
 * @since 0.1.0
 */
export interface WorkerOptions extends Omit<Parti.PartiOptions, "hooks" | "partitions"> {
  /** What is to be shared out: a list, or a function that is asked for it again and again. */
  readonly partitions?:
    | ReadonlyArray<PartitionInput>
    | (() => Promise<ReadonlyArray<PartitionInput>>)
    | PartitionSource.PartitionSource
    | undefined
  /** How long to wait before the function is asked again. Default: 30,000. */
  readonly partitionsEveryMs?: number | undefined
  /** Default: one in the memory of this process, which all workers share that name no other. */
  readonly store?: GroupStore | undefined
  /** What is written to stderr. Default: `Warn`. */
  readonly logLevel?: "Debug" | "Info" | "Warn" | "Error" | "None" | undefined
  /** Gives up the start when it is aborted. */
  readonly signal?: AbortSignal | undefined
  /**
   * The first of these signals of the operating system stops the worker, as `stopIntent` says, or ends the process if the
   * worker has not started yet; the second ends the process at once. Default: none.
   */
  readonly stopOn?: ReadonlyArray<NodeJS.Signals> | undefined
}

/**
 * One worker. It is made by `createWorker`.
 *
 * @category models
 * @since 0.1.0
 */
export class PromiseWorker implements AsyncDisposable {
  readonly #parti: PartiService
  readonly #scope: Scope.Closeable
  readonly #context: Context.Context<never>
  readonly #listeners: Listeners

  constructor(made: Made) {
    this.#parti = made.parti
    this.#scope = made.scope
    this.#context = made.context
    this.#listeners = made.listeners
  }

  /** The name that this worker holds now, or `null`. */
  get id(): string | null {
    return Effect.runSync(this.#parti.workerId)
  }
  get state(): WorkerState {
    return Effect.runSync(this.#parti.state)
  }
  get connection(): Connection {
    return Effect.runSync(this.#parti.connection)
  }
  get isLeader(): boolean {
    return Effect.runSync(this.#parti.isLeader)
  }
  /** Whether this worker lives and is ready, with the reasons where it does not or is not. */
  health(): Health {
    return Effect.runSync(this.#parti.health)
  }
  /** What this worker may run now. */
  get assignment(): Assignment {
    return Effect.runSync(this.#parti.assignment)
  }
  /** The whole group, as this worker sees it. */
  get group(): GroupView {
    return Effect.runSync(this.#parti.group)
  }

  /**
   * Runs the handler for each partition while it is owned; several handlers all run. A handler that returns has set up
   * what it needs; one that rejects is run again after a while. Returns a function that ends the handler for good and
   * waits until all of its promises have settled.
   */
  forEachPartition(handler: (context: PromiseHandler.HandlerContext) => unknown): () => Promise<void> {
    const scope = Scope.forkUnsafe(this.#scope)
    const register = this.#parti.forEachPartition((context) => PromiseHandler.run(handler, context))
    // It waits for nothing; but what it forks must not inherit the scheduler of `runSync`, which never yields.
    Effect.runForkWith(this.#context)(Scope.provide(register, scope))
    return () => this.#run(Scope.close(scope, Exit.void))
  }

  /** Calls the listener whenever something happens. Returns a function that ends that. */
  on<K extends keyof Events>(event: K, listener: (value: Events[K]) => void): () => void {
    return this.#listeners.add(event, listener)
  }

  /** The current state, then each later one, until the worker has stopped. */
  states(): AsyncIterable<WorkerState> {
    return Stream.toAsyncIterableWith(this.#parti.stateChanges, this.#context)
  }
  /** From nothing to the current assignment, then each change, until the worker has stopped. */
  assignments(): AsyncIterable<AssignmentChange> {
    return Stream.toAsyncIterableWith(this.#parti.assignmentChanges, this.#context)
  }
  /** The whole group, then each change of it that this worker sees, until the worker has stopped. */
  groups(): AsyncIterable<GroupView> {
    return Stream.toAsyncIterableWith(this.#parti.groupChanges, this.#context)
  }

  /** Why a partition is where it is: who has it, since when, and the moves that the log of decisions remembers. */
  explain(partitionId: string): Promise<Explanation> {
    return this.#run(this.#parti.explain(partitionId))
  }

  /** Asks the leader to read its partition source now. */
  refreshPartitions(): Promise<void> {
    return this.#run(this.#parti.refreshPartitions)
  }
  /** Asks the leader for a rebalance now. */
  rebalance(): Promise<void> {
    return this.#run(this.#parti.rebalance)
  }
  /** No planned rebalance begins until `resume`. */
  pause(): Promise<void> {
    return this.#run(this.#parti.pause)
  }
  resume(): Promise<void> {
    return this.#run(this.#parti.resume)
  }
  /** Moves the partitions of a worker to others and gives it none. */
  drain(workerId: string): Promise<void> {
    return this.#run(this.#parti.drain(workerId))
  }
  undrain(workerId: string): Promise<void> {
    return this.#run(this.#parti.undrain(workerId))
  }

  /** Stops the worker and waits until it has stopped. May be called again, and at any time. */
  stop(options?: { readonly intent?: StopIntent | undefined }): Promise<void> {
    return this.#run(Effect.andThen(this.#parti.stop(options), Scope.close(this.#scope, Exit.void)))
  }
  [Symbol.asyncDispose](): Promise<void> {
    return this.stop()
  }

  async #run<A>(effect: Effect.Effect<A, unknown>): Promise<A> {
    const exit = await Effect.runPromiseExitWith(this.#context)(effect)
    if (Exit.isSuccess(exit)) return exit.value
    throw fromCause(exit.cause)
  }
}

/**
 * Starts a worker; resolves when it takes part in its group, and rejects with a `PartiError`.
 *
 * **Example**
 *
 * ```ts
 * import { createWorker } from "@parti/core/Worker"
 *
 * const worker = await createWorker({
 *   group: "orders",
 *   partitions: [{ keys: ["eu"] }, { keys: ["us"] }],
 *   stopOn: ["SIGTERM", "SIGINT"]
 * })
 * worker.forEachPartition(async ({ id, signal, token }) => {
 *   while (!signal.aborted) await workOn(id, token)
 * })
 * ```
 *
 * @category constructors
 * @since 0.1.0
 */
export const createWorker = ({ store, ...options }: WorkerOptions): Promise<PromiseWorker> =>
  createWorkerOn(
    Effect.map((store ?? shared).open(options.group), (opened) => ({ store: opened })),
    options
  )

/**
 * What a worker stands on.
 *
 * @category models
 * @since 0.1.0
 */
export interface Foundation {
  readonly store: (typeof CoordinationStore)["Service"]
  /** Registers what the worker runs, once it takes part in its group. Its scope ends after the worker. */
  readonly begin?: (parti: PartiService) => Effect.Effect<void, unknown, Scope.Scope>
}

/**
 * Starts a worker on what an adapter brings. For authors of adapters: the effect is run in the worker's own scope, which
 * is closed when the worker has stopped, or has not started.
 *
 * **Example**
 *
 * ```ts
 * import { MemoryStore } from "@parti/core"
 * import { createWorkerOn } from "@parti/core/Worker"
 * import { Effect } from "effect"
 *
 * const foundation = Effect.map(MemoryStore.make(), (store) => ({ store }))
 * const worker = await createWorkerOn(foundation, { group: "orders", partitions: [{ keys: ["eu"] }] })
 * ```
 *
 * @category constructors
 * @since 0.1.0
 */
export const createWorkerOn = async (
  foundation: Effect.Effect<Foundation, unknown, Scope.Scope>,
  options: Omit<WorkerOptions, "store">
): Promise<PromiseWorker> => {
  const { logLevel, partitions, partitionsEveryMs, signal, stopOn = [], ...rest } = options
  const scope = Scope.makeUnsafe()
  const context = Context.make(References.MinimumLogLevel, logLevel ?? "Warn").pipe(
    Context.add(References.LogToStderr, true)
  )
  const listeners = new Listeners()
  const signals = StopSignals.listen(stopOn)
  const start = Effect.gen(function* () {
    yield* Effect.addFinalizer(() => Effect.sync(signals.forget))
    const source = yield* sourceOf(partitions, partitionsEveryMs ?? 30_000)
    const { begin, store } = yield* foundation
    const parti = yield* Effect.provideService(
      Parti.make({ ...rest, partitions: source, hooks: hooksFor(listeners) }),
      CoordinationStore,
      store
    )
    if (begin !== undefined) yield* begin(parti)
    return parti
  })
  const exit = await Effect.runPromiseExitWith(context)(Scope.provide(start, scope), {
    signal: signal === undefined ? signals.first : AbortSignal.any([signal, signals.first])
  })
  if (Exit.isFailure(exit)) {
    // What goes wrong in closing comes second: the caller is told why the worker did not start.
    await Effect.runPromiseWith(context)(Effect.ignoreCause(Scope.close(scope, Exit.void), { log: "Warn" }))
    if (signals.first.aborted) signals.exit()
    throw signal?.aborted === true ? signal.reason : fromCause(exit.cause)
  }
  const worker = new PromiseWorker({ parti: exit.value, scope, context, listeners })
  signals.first.addEventListener("abort", () => {
    // Nobody waits for this promise: a rejection would end the process before what is left has stopped.
    worker.stop({ intent: options.stopIntent }).catch((thrown: unknown) => {
      Effect.runForkWith(context)(Effect.logWarning("the worker did not stop in good order", thrown))
    })
  })
  return worker
}

interface Made {
  readonly parti: PartiService
  readonly scope: Scope.Closeable
  readonly context: Context.Context<never>
  readonly listeners: Listeners
}

const sourceOf = (
  partitions: WorkerOptions["partitions"],
  everyMs: number
): Effect.Effect<Parti.PartiOptions["partitions"], ConfigInvalid> => {
  if (typeof partitions !== "function") return Effect.succeed(partitions)
  if (!Number.isFinite(everyMs) || everyMs <= 0) {
    const message = `partitionsEveryMs is ${everyMs}; it takes a number of milliseconds above 0`
    return Effect.fail(new ConfigInvalid({ broken: [{ rule: "partitionsEveryMs", message }] }))
  }
  const list = Effect.tryPromise({ try: partitions, catch: (cause) => new UserCodeFailed({ cause }) })
  return Effect.succeed(PartitionSource.fromEffect(list, { every: everyMs }))
}
