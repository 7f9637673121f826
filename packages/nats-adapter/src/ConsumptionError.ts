/**
 * What can keep an owner from consuming its partition.
 *
 * **Example** (Which failures of a partition somebody is called for)
 *
 * ```ts
 * import type { Parti } from "@parti/core"
 * import type { ConsumptionError, JetStreamPartitions } from "@parti/nats-adapter"
 * import { Effect } from "effect"
 *
 * // Its owner tries again, and that is all it takes.
 * type Passing = ConsumptionError.ConsumerUnavailable | ConsumptionError.PartitionOutranked
 *
 * // Lasts until somebody changes the stream, or makes one for dead letters.
 * const toBeChanged = ({ stream }: ConsumptionError.ConsumerLimitReached | ConsumptionError.StreamUnusable) =>
 *   `nats stream info ${stream}`
 * const toBeMade = ({ subject }: ConsumptionError.DeadLetterRefused) => `nats stream add --subjects ${subject}`
 *
 * const isPassing = (error: ConsumptionError.ConsumptionError): error is Passing =>
 *   error._tag === "ConsumerUnavailable" || error._tag === "PartitionOutranked"
 *
 * const tell = (error: ConsumptionError.ConsumptionError) => {
 *   if (isPassing(error)) return Effect.logInfo(error.message)
 *   if (error._tag === "ConsumptionInvalid") return Effect.logFatal(error.message)
 *   return Effect.logFatal(error.message, error._tag === "DeadLetterRefused" ? toBeMade(error) : toBeChanged(error))
 * }
 *
 * const consumeAndTell =
 *   <R>({ consume }: JetStreamPartitions.PartitionsConsumer<R>) =>
 *   (context: Parti.PartitionContext) =>
 *     Effect.tapError(consume(context), tell)
 * ```
 *
 * **Example** (A form that marks the fields with wrong options)
 *
 * ```ts
 * import { ConsumptionError, HashedPartitions } from "@parti/nats-adapter"
 *
 * const mark = ({ field, rule }: ConsumptionError.BrokenOption) => [field, rule] as const
 *
 * const faultsOf = (options: HashedPartitions.HashedPartitionsOptions): ReadonlyMap<string, string> => {
 *   try {
 *     HashedPartitions.make(options)
 *     return new Map()
 *   } catch (error) {
 *     if (error instanceof ConsumptionError.ConsumptionInvalid) return new Map(error.broken.map(mark))
 *     throw error
 *   }
 * }
 * ```
 *
 * **Example** (The leader's warning, for whoever makes the streams)
 *
 * ```ts
 * import { ConsumptionError } from "@parti/nats-adapter"
 * import { Logger } from "effect"
 *
 * const Warnings = Logger.layer(
 *   [
 *     Logger.make(({ message }) => {
 *       for (const part of [message].flat())
 *         if (part instanceof ConsumptionError.ConsumerLimitTooLow)
 *           console.error(`${part.stream}: max_consumers must be ${part.needed}, for ${part.partitions} partitions`)
 *     })
 *   ],
 *   { mergeWithExisting: true }
 * )
 * ```
 *
 * @since 0.1.0
 */
import * as Data from "effect/Data"

/**
 * A rule that an option breaks, with the value that was given.
 *
 * @category models
 * @since 0.1.0
 */
export interface BrokenOption {
  readonly field: string
  readonly rule: string
  readonly value: unknown
}

/**
 * Options that break rules: all of them, each with the rule and the value.
 *
 * @category errors
 * @since 0.1.0
 */
export class ConsumptionInvalid extends Data.TaggedError("ConsumptionInvalid")<{
  readonly broken: ReadonlyArray<BrokenOption>
}> {
  override get message(): string {
    const lines = this.broken.map(({ field, rule, value }) => `\n- ${field} ${show(value)}: ${rule}`)
    return `these options cannot be used:${lines.join("")}`
  }
}

/** Control characters are escaped, so that a value cannot forge lines of a log. */
const show = (value: unknown): string => {
  const text = typeof value === "string" || Array.isArray(value) ? JSON.stringify(value) : String(value)
  return text.length <= 120 ? text : `${text.slice(0, 120)}…`
}

/**
 * The stream is not there, or not as consumption needs it.
 *
 * @category errors
 * @since 0.1.0
 */
export class StreamUnusable extends Data.TaggedError("StreamUnusable")<{
  readonly stream: string
  readonly reason: string
  readonly cause?: unknown
}> {
  override get message(): string {
    return `stream ${this.stream} cannot be consumed by partitions: ${this.reason}`
  }
}

/**
 * The stream takes no more consumers.
 *
 * @category errors
 * @since 0.1.0
 */
export class ConsumerLimitReached extends Data.TaggedError("ConsumerLimitReached")<{
  readonly stream: string
  readonly partition: string
  readonly cause?: unknown
}> {
  override get message(): string {
    return (
      `stream ${this.stream} takes no more consumers, so partition ${this.partition} cannot be consumed; ` +
      "raise the stream's max_consumers to twice the number of partitions, or use fewer"
    )
  }
}

/**
 * The stream may take too few consumers: partitions that move need two for a moment. A warning, from the leader.
 *
 * @category errors
 * @since 0.1.0
 */
export class ConsumerLimitTooLow extends Data.TaggedError("ConsumerLimitTooLow")<{
  readonly stream: string
  readonly limit: number
  readonly needed: number
  readonly partitions: number
  readonly others: number
  /** Why the limit could not be raised; `null` if nobody tried. */
  readonly refusal: string | null
  readonly cause?: unknown
}> {
  override get message(): string {
    const counted = `two for each of ${this.partitions} partitions and ${this.others} of others`
    const advice =
      this.refusal === null
        ? `set its max_consumers to ${this.needed} or more, or the option maxConsumers to "raise"`
        : `it could not be raised: ${this.refusal}; older servers, such as 2.10, take max_consumers only when a stream is made`
    return `stream ${this.stream} takes ${this.limit} consumers and may need ${this.needed}, ${counted}; ${advice}`
  }
}

/**
 * The partition has a consumer under a higher token than this worker's: somebody else has been given it since. If nobody
 * has, the group was set up anew and its tokens began below those of the consumers that it left; remove those.
 *
 * @category errors
 * @since 0.1.0
 */
export class PartitionOutranked extends Data.TaggedError("PartitionOutranked")<{
  readonly stream: string
  readonly partition: string
  readonly token: number
  readonly by: number
}> {
  override get message(): string {
    const what = `partition ${this.partition} of stream ${this.stream} is consumed under token ${this.by}`
    return `${what}, above this worker's ${this.token}; remove that consumer if no worker has this token`
  }
}

/**
 * A partition's consumer could not be made, or went away. The owner tries again; what was not acknowledged comes again.
 *
 * @category errors
 * @since 0.1.0
 */
export class ConsumerUnavailable extends Data.TaggedError("ConsumerUnavailable")<{
  readonly stream: string
  readonly partition: string
  readonly reason: string
  readonly cause?: unknown
}> {
  override get message(): string {
    return `the consumer of partition ${this.partition} on stream ${this.stream} is not available: ${this.reason}`
  }
}

/**
 * A message that was given up could not be stored under the dead-letter subject; it is kept and tried again.
 *
 * @category errors
 * @since 0.1.0
 */
export class DeadLetterRefused extends Data.TaggedError("DeadLetterRefused")<{
  readonly subject: string
  readonly partition: string
  readonly reason: string
  readonly cause?: unknown
}> {
  override get message(): string {
    const what = `a message of partition ${this.partition} could not be stored under ${this.subject}`
    return `${what}: ${this.reason}; a stream must have this subject`
  }
}

/**
 * Any of these.
 *
 * @category errors
 * @since 0.1.0
 */
export type ConsumptionError =
  | ConsumptionInvalid
  | StreamUnusable
  | ConsumerLimitReached
  | ConsumerUnavailable
  | PartitionOutranked
  | DeadLetterRefused
