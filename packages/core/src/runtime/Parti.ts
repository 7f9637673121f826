/**
 * A worker of a group, for programs written in Effect.
 *
 * @since 0.1.0
 */
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Random from "effect/Random"
import type * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import * as PartiConfig from "../model/PartiConfig.ts"
import type { PartitionInput } from "../model/Partition.ts"
import * as DecisionMaking from "../protocol/DecisionMaking.ts"
import type { StopIntent } from "../protocol/Event.ts"
import * as Invariants from "../protocol/Invariants.ts"
import * as Node from "../protocol/Node.ts"
import { sticky } from "../strategy/Sticky.ts"
import type { AssignmentStrategy } from "../strategy/Strategy.ts"
import type { CoordinationStore } from "./CoordinationStore.ts"
import type { Machine } from "./EventLoop.ts"
import type { Hooks } from "./Hooks.ts"
import * as PartiService from "./PartiService.ts"
import * as PartitionSource from "./PartitionSource.ts"
import { BootId, Tap, tapped } from "./Tap.ts"
import * as Worker from "./Worker.ts"

/**
 * How a worker is to be.
 *
 * @category models
 * @since 0.1.0
 */
export interface PartiOptions {
  /** The group's name: workers of one name on one store share the partitions. */
  readonly group: string
  /** What is to be shared out. A worker without a source can lead, but goes by the list that is in the store. */
  readonly partitions?: PartitionSource.PartitionSource | ReadonlyArray<PartitionInput> | undefined
  /** Who gets what. All workers of a group should have the same. Default: `sticky()`. */
  readonly strategy?: AssignmentStrategy | undefined
  /** Timings, ids and the like. */
  readonly config?: Omit<PartiConfig.PartiConfigInput, "group"> | undefined
  readonly hooks?: Hooks | undefined
  /** What the worker does when its scope is closed. Default: `leave`. */
  readonly stopIntent?: StopIntent | undefined
  /** Whether a handler that does not end although it was told to ends the process. Default: `report`. */
  readonly onStuckHandler?: "report" | "exit" | undefined
}

/**
 * Why a worker did not start. Nothing of it is left behind.
 *
 * @category errors
 * @since 0.1.0
 */
export type StartError = Worker.StartError | PartiConfig.ConfigInvalid | PartitionSource.PartitionSourceFailed

/**
 * The worker of this process.
 *
 * **Example**
 *
 * ```ts
 * import { Effect, Layer } from "effect"
 * import { MemoryStore, Parti } from "@parti/core"
 *
 * const program = Effect.gen(function* () {
 *   const parti = yield* Parti.Parti
 *   yield* parti.forEachPartition(({ id, token }) => Effect.log(`runs ${id} under token ${token}`))
 *   return yield* Effect.never
 * })
 *
 * const worker = Parti.layer({ group: "orders", partitions: [{ keys: ["eu"] }, { keys: ["us"] }] })
 * Effect.scoped(program).pipe(Effect.provide(worker.pipe(Layer.provide(MemoryStore.layer()))))
 * ```
 *
 * @category services
 * @since 0.1.0
 */
export class Parti extends Context.Service<Parti, PartiService.PartiService>()("@parti/core/Parti") {}

/**
 * Starts a worker, and waits until it takes part in its group. It stops with the scope.
 *
 * **Details**
 *
 * Several workers fit into one process: make each of them. When the start fails or is interrupted, what it had begun is
 * taken back before this returns.
 *
 * **Example** (Two workers in one process)
 *
 * ```ts
 * import { MemoryStore, Parti } from "@parti/core"
 * import { Effect } from "effect"
 *
 * const worker = Parti.make({ group: "orders", partitions: [{ keys: ["eu"] }, { keys: ["us"] }] })
 * const program = Effect.gen(function* () {
 *   const [one, other] = yield* Effect.all([worker, worker], { concurrency: 2 })
 *   return [yield* one.workerId, yield* other.workerId]
 * })
 * Effect.scoped(program).pipe(Effect.provide(MemoryStore.layer()))
 * ```
 *
 * @category constructors
 * @since 0.1.0
 */
export const make = (
  options: PartiOptions
): Effect.Effect<PartiService.PartiService, StartError, CoordinationStore | Scope.Scope> =>
  Effect.gen(function* () {
    const intent = options.stopIntent ?? "leave"
    const worker = yield* Effect.acquireRelease(begin(options), (begun) => begun.stop(intent))
    yield* Effect.onError(worker.started, () => worker.stop(intent))
    return PartiService.of(worker, intent)
  })

/**
 * The worker of this process as a layer: built when it takes part in its group, stopped when the layer is closed.
 *
 * **Example**
 *
 * ```ts
 * import { MemoryStore, Parti } from "@parti/core"
 * import { Effect, Layer } from "effect"
 *
 * const Worker = Parti.layer({ group: "orders", partitions: [{ keys: ["eu"] }, { keys: ["us"] }] })
 * const Runs = Layer.effectDiscard(
 *   Effect.gen(function* () {
 *     const { forEachPartition } = yield* Parti.Parti
 *     yield* forEachPartition(({ id }) => Effect.andThen(Effect.log(`runs ${id}`), Effect.never))
 *   })
 * )
 * Effect.runFork(Layer.launch(Runs.pipe(Layer.provide(Worker), Layer.provide(MemoryStore.layer()))))
 * ```
 *
 * @category layers
 * @since 0.1.0
 */
export const layer = (options: PartiOptions): Layer.Layer<Parti, StartError, CoordinationStore> =>
  Layer.effect(Parti, make(options))

/**
 * Begins to start a worker, and waits for nothing.
 *
 * @category constructors
 * @since 0.1.0
 */
export const begin = (
  options: PartiOptions
): Effect.Effect<Worker.Worker, PartiConfig.ConfigInvalid | PartitionSource.PartitionSourceFailed, CoordinationStore> =>
  Effect.gen(function* () {
    const config = yield* Effect.fromResult(PartiConfig.parse({ ...options.config, group: options.group }))
    const source = yield* sourceOf(options.partitions)
    const seed = yield* Random.nextIntBetween(0, 2 ** 31)
    const boot = yield* yield* BootId
    const tap = yield* Tap
    return yield* Worker.begin(tap === null ? machine : tapped(machine, tap), {
      config: { ...config, boot, seed, strategy: options.strategy ?? sticky() },
      source,
      hooks: options.hooks ?? {},
      onStuckHandler: options.onStuckHandler ?? "report"
    })
  })

const machine: Machine<Node.State> = { ...Node, breach: Invariants.ofStep, leading: DecisionMaking.leading }

const sourceOf = (
  partitions: PartiOptions["partitions"]
): Effect.Effect<PartitionSource.PartitionSource, PartitionSource.PartitionSourceFailed> => {
  if (partitions === undefined) return Effect.succeed(noSource)
  return "read" in partitions ? Effect.succeed(partitions) : PartitionSource.fixed(partitions)
}

/** Says nothing, so that what is in the store stays. */
const noSource: PartitionSource.PartitionSource = { read: Effect.never, changes: Stream.never }
