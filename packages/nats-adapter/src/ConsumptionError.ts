/**
 * What can keep an owner from consuming its partition.
 *
 * @since 0.1.0
 */
import * as Data from "effect/Data"

/**
 * An option of the consumption breaks its rule.
 *
 * @category errors
 * @since 0.1.0
 */
export class ConsumptionInvalid extends Data.TaggedError("ConsumptionInvalid")<{
  readonly option: string
  readonly is: string
  readonly rule: string
}> {
  override get message(): string {
    return `${this.option} is ${this.is}; it takes ${this.rule}`
  }
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
  | DeadLetterRefused
