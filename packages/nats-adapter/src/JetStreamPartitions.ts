/**
 * A stream's messages, handled by the owner of their partition and by nobody else.
 *
 * **Example** (A consumption that begins today, and gives up after five attempts)
 *
 * ```ts
 * import { JetStreamPartitions } from "@parti/nats-adapter"
 * import { Effect } from "effect"
 *
 * // What came before has been billed by the program that this one replaces.
 * const startFrom: JetStreamPartitions.StartFrom = { time: new Date() }
 *
 * const deadLetterOf = ({ subject }: JetStreamPartitions.PartitionMessage) => `dead.${subject}`
 *
 * const options: JetStreamPartitions.JetStreamPartitionsOptions<never, never> = {
 *   stream: "ORDERS",
 *   name: "billing",
 *   subject: "orders.{id}.>",
 *   startFrom,
 *   maxDeliver: 5,
 *   deadLetterSubject: deadLetterOf,
 *   handler: (message, { id, token }) => Effect.promise(() => bill(message.json(), id, token))
 * }
 * const Consumer = JetStreamPartitions.layer(options)
 * ```
 *
 * @since 0.1.0
 */
import * as Parti from "@parti/core/Parti"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import type * as Scope from "effect/Scope"
import * as Caretaker from "./consume/Caretaker.ts"
import * as Consumption from "./consume/Consumption.ts"
import type { JetStreamPartitionsOptions } from "./consume/ConsumptionOptions.ts"
import type { ConsumptionError, ConsumptionInvalid, StreamUnusable } from "./ConsumptionError.ts"
import type { NatsConnection } from "./NatsConnection.ts"

export type { JetStreamPartitionsOptions, PartitionMessage } from "./consume/ConsumptionOptions.ts"
export type { StartFrom } from "./consume/PartitionConsumer.ts"

/**
 * Consumes the partitions that this process's worker owns, for as long as the scope lasts.
 *
 * **Details**
 *
 * The position belongs to the partition: a new owner goes on behind what the one before has acknowledged. A partition that
 * is given up finishes the message in hand, then waits until its acknowledgement is confirmed. Where something goes wrong,
 * the partition's owner tries again, for ever and ever more slowly, up to every 30 seconds, and reports each failure to the
 * worker's `onError`.
 *
 * **Example** (Orders, in order per region)
 *
 * ```ts
 * import { JetStreamPartitions } from "@parti/nats-adapter"
 * import { Effect } from "effect"
 *
 * const consume = JetStreamPartitions.forEachMessage({
 *   stream: "ORDERS",
 *   name: "billing",
 *   subject: "orders.{id}.>",
 *   handler: (message, { id, token }) => Effect.log(`${id} under ${token}: ${message.subject}`)
 * })
 * ```
 *
 * @category constructors
 * @since 0.1.0
 */
export const forEachMessage = <E, R>(
  options: JetStreamPartitionsOptions<E, R>
): Effect.Effect<
  void,
  ConsumptionInvalid | StreamUnusable,
  Parti.Parti | NatsConnection | Exclude<R, Scope.Scope> | Scope.Scope
> => Effect.flatMap(make(options), (consumer) => Effect.flatMap(Parti.Parti, (parti) => consumer.attach(parti)))

/**
 * Consumes for as long as the layer lives. When the layer is closed, its worker is stopped first: so its partitions have moved
 * on by the time that nothing is handled here any more.
 *
 * **Example** (A whole program)
 *
 * ```ts
 * import { NodeRuntime } from "@effect/platform-node"
 * import { Parti } from "@parti/core"
 * import { JetStreamPartitions, NatsConnection, NatsStore } from "@parti/nats-adapter"
 * import { Effect, Layer } from "effect"
 *
 * const Nats = NatsConnection.layer({ servers: "127.0.0.1:4222" })
 * const Worker = Parti.layer({ group: "billing", partitions: [{ keys: ["eu"] }, { keys: ["us"] }] })
 * const Consumer = JetStreamPartitions.layer({
 *   stream: "ORDERS",
 *   name: "billing",
 *   subject: "orders.{id}.>",
 *   handler: (message, { id }) => Effect.log(`${id}: ${message.subject}`)
 * })
 * const Store = NatsStore.layer({ group: "billing" })
 * NodeRuntime.runMain(Layer.launch(Consumer.pipe(Layer.provide(Worker), Layer.provide(Store), Layer.provide(Nats))))
 * ```
 *
 * @category layers
 * @since 0.1.0
 */
export const layer = <E, R>(
  options: JetStreamPartitionsOptions<E, R>
): Layer.Layer<never, ConsumptionInvalid | StreamUnusable, Parti.Parti | NatsConnection | Exclude<R, Scope.Scope>> =>
  Layer.effectDiscard(
    Effect.gen(function* () {
      yield* forEachMessage(options)
      const { stop } = yield* Parti.Parti
      // Finalizers run in reverse: before those of what was registered.
      yield* Effect.addFinalizer(() => stop())
    })
  )

/**
 * The consumption of one process: for workers that are not the `Parti` service.
 *
 * @category models
 * @since 0.1.0
 */
export interface PartitionsConsumer<R> {
  /** Consumes one partition until it is revoked: a handler that drains. */
  readonly consume: (context: Parti.PartitionContext) => Effect.Effect<void, ConsumptionError, R | Scope.Scope>
  /** Consumes what a worker owns, and looks after the consumers that nobody needs any more. */
  readonly attach: (parti: Parti.PartiService) => Effect.Effect<void, never, Exclude<R, Scope.Scope> | Scope.Scope>
}

/**
 * Checks the options and the stream. What `forEachMessage` begins with.
 *
 * **Example** (Two streams, and one worker for both)
 *
 * ```ts
 * import { Parti } from "@parti/core"
 * import { JetStreamPartitions } from "@parti/nats-adapter"
 * import { Effect } from "effect"
 *
 * const of = (stream: string, subject: string) =>
 *   JetStreamPartitions.make({
 *     stream,
 *     name: "billing",
 *     subject,
 *     handler: (message, { id }) => Effect.log(`${id}: ${message.subject}`)
 *   })
 *
 * // Checked before the worker starts: one that cannot consume should take no partitions on.
 * const consumers = Effect.all([of("ORDERS", "orders.{id}.>"), of("REFUNDS", "refunds.{id}.>")])
 *
 * const attachTo = (parti: Parti.PartiService) => (consumer: JetStreamPartitions.PartitionsConsumer<never>) =>
 *   consumer.attach(parti)
 *
 * const program = Effect.gen(function* () {
 *   const checked = yield* consumers
 *   const parti = yield* Parti.make({ group: "billing", partitions: [{ keys: ["eu"] }, { keys: ["us"] }] })
 *   yield* Effect.forEach(checked, attachTo(parti), { discard: true })
 * })
 * ```
 *
 * @category constructors
 * @since 0.1.0
 */
export const make = <E, R>(
  options: JetStreamPartitionsOptions<E, R>
): Effect.Effect<PartitionsConsumer<R>, ConsumptionInvalid | StreamUnusable, NatsConnection> =>
  Effect.map(Consumption.make(options), (consumption) => {
    const consume = (context: Parti.PartitionContext) => Consumption.consume(consumption, context)
    return {
      consume,
      attach: (parti) =>
        Effect.andThen(
          Effect.forkScoped(Caretaker.run(consumption, parti)),
          parti.forEachPartition(consume, { onRevoke: "drain" })
        )
    }
  })
