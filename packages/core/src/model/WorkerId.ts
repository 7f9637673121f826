/**
 * The name of a worker in its group: `worker-0`, `worker-1`, … It is a slot that one session holds at a time.
 *
 * @since 0.1.0
 */
import type * as Brand from "effect/Brand"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"

/**
 * A worker's name. Legal as one token of a NATS subject and as a key of a KV bucket.
 *
 * @category models
 * @since 0.1.0
 */
export type WorkerId = string & Brand.Brand<"WorkerId">

/**
 * A worker's name breaks a rule; the message names it.
 *
 * @category errors
 * @since 0.1.0
 */
export class WorkerIdInvalid extends Schema.TaggedError<WorkerIdInvalid>()("WorkerIdInvalid", {
  value: Schema.String,
  rule: Schema.String
}) {
  override get message(): string {
    return `worker id ${JSON.stringify(this.value.slice(0, 80))} is not usable: ${this.rule}`
  }
}

const legal = /^[A-Za-z0-9][A-Za-z0-9_-]*$/

/** The longest name of a worker, in characters. */
const maxLength = 64

/**
 * Checks a name and brands it.
 *
 * **Example**
 *
 * ```ts
 * import * as Result from "effect/Result"
 * import * as WorkerId from "@parti/core/WorkerId"
 *
 * Result.isSuccess(WorkerId.parse("worker-7")) // true
 * Result.isSuccess(WorkerId.parse("worker.7")) // false: a dot would be two tokens of a subject
 * ```
 *
 * @category constructors
 * @since 0.1.0
 */
export const parse = (value: string): Result.Result<WorkerId, WorkerIdInvalid> => {
  if (value.length > maxLength) {
    return Result.fail(new WorkerIdInvalid({ value, rule: `it may have at most ${maxLength} characters` }))
  }
  if (!legal.test(value)) {
    return Result.fail(
      new WorkerIdInvalid({ value, rule: "it consists of letters, digits, _ and -, and starts with a letter or digit" })
    )
  }
  // The one place where a checked string gets its brand.
  return Result.succeed(value as WorkerId)
}

/**
 * Orders names by code units: the same on every machine, whatever its locale.
 *
 * @category ordering
 * @since 0.1.0
 */
export const compare = (a: WorkerId, b: WorkerId): number => (a < b ? -1 : a > b ? 1 : 0)
