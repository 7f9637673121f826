/**
 * Where a group's list of partitions comes from.
 *
 * @since 0.1.0
 */
import * as Cause from "effect/Cause"
import * as Data from "effect/Data"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Option from "effect/Option"
import * as Queue from "effect/Queue"
import * as Result from "effect/Result"
import * as Schedule from "effect/Schedule"
import * as Stream from "effect/Stream"
import * as SubscriptionRef from "effect/SubscriptionRef"
import { assert } from "../model/Assert.ts"
import * as Partition from "../model/Partition.ts"
import * as Thrown from "./Thrown.ts"

/**
 * A source gave no usable list. What was in force stays in force.
 *
 * `cause` is what the source failed with, or the rule that the list broke: `PartitionInvalid` or `DuplicatePartition`.
 *
 * @category errors
 * @since 0.1.0
 */
export class PartitionSourceFailed extends Data.TaggedError("PartitionSourceFailed")<{
  readonly reason: string
  readonly cause?: unknown
}> {
  override get message(): string {
    return `no list of partitions from the source: ${this.reason}; the last good list stays in force`
  }
}

/**
 * What a source shows: a whole list, checked and in canonical order, or why there is none this time.
 *
 * @category models
 * @since 0.1.0
 */
export type Listed = Result.Result<ReadonlyArray<Partition.Partition>, PartitionSourceFailed>

/**
 * The list of partitions of a group, and how it changes.
 *
 * **Contract**
 *
 * - `changes` shows the current list first, then every new one; it may show the same list again. A failure is shown as an
 *   element and ends nothing. When the stream ends, the last list stays.
 * - `read` asks for the list now, because somebody wants it refreshed.
 * - Both may be run several times, also at once.
 *
 * Not promised: that the sources of several processes agree. The leader's list is the one that counts.
 *
 * @category models
 * @since 0.1.0
 */
export interface PartitionSource {
  readonly read: Effect.Effect<ReadonlyArray<Partition.Partition>, PartitionSourceFailed>
  readonly changes: Stream.Stream<Listed>
}

/**
 * A source that the program itself changes.
 *
 * @category models
 * @since 0.1.0
 */
export interface FixedSource extends PartitionSource {
  /** Replaces the whole list. A list that breaks a rule is refused, and the previous one stays. */
  readonly update: (list: ReadonlyArray<Partition.PartitionInput>) => Effect.Effect<void, PartitionSourceFailed>
}

/** After a failure the next attempt waits this long, then twice as long each time, up to the longest. */
const shortestRetryMs = 1000
const longestRetryMs = 60_000

/**
 * A list that stays as it is until `update` replaces it.
 *
 * **Example**
 *
 * ```ts
 * import * as Effect from "effect/Effect"
 * import * as PartitionSource from "@parti/core/PartitionSource"
 *
 * const program = Effect.gen(function* () {
 *   const source = yield* PartitionSource.fixed([{ keys: ["eu"] }, { keys: ["us"], weight: 3 }])
 *   yield* source.update([{ keys: ["eu"] }, { keys: ["us"] }, { keys: ["asia"] }])
 * })
 * ```
 *
 * @category constructors
 * @since 0.1.0
 */
export const fixed = (
  list: ReadonlyArray<Partition.PartitionInput>
): Effect.Effect<FixedSource, PartitionSourceFailed> =>
  Effect.gen(function* () {
    const current = yield* SubscriptionRef.make(yield* Effect.fromResult(check(list)))
    return {
      read: SubscriptionRef.get(current),
      changes: Stream.map(SubscriptionRef.changes(current), Result.succeed),
      update: (next) =>
        Effect.flatMap(
          Effect.suspend(() => Effect.fromResult(check(next))),
          (checked) => SubscriptionRef.set(current, checked)
        )
    }
  })

/**
 * A list that is asked for again and again: from a database, a file, another service.
 *
 * **Details**
 *
 * `every` counts from the end of one answer to the next question. An answer that takes longer than `timeout` (30 s) is a
 * failure. A failure is shown, and asking goes on for ever, after 1, 2, 4, … up to 60 seconds; an answer ends the
 * back-off. A list that breaks a rule is an answer: it is shown as a failure and asked for again after `every`.
 *
 * **Example** (Tenants of a service)
 *
 * ```ts
 * import { PartitionSource } from "@parti/core"
 * import { Effect } from "effect"
 *
 * const tenants = Effect.tryPromise(async (): Promise<ReadonlyArray<string>> => {
 *   const response = await fetch("http://127.0.0.1:8080/tenants")
 *   return JSON.parse(await response.text())
 * })
 * const source = PartitionSource.fromEffect(
 *   Effect.map(tenants, (names) => names.map((name) => ({ keys: [name] }))),
 *   { every: "30 seconds" }
 * )
 * ```
 *
 * @category constructors
 * @since 0.1.0
 */
export const fromEffect = <E>(
  list: Effect.Effect<ReadonlyArray<Partition.PartitionInput>, E>,
  options: { readonly every: Duration.Input; readonly timeout?: Duration.Input }
): PartitionSource => {
  const every = Duration.fromInputUnsafe(options.every)
  assert(
    Duration.isGreaterThan(every, Duration.zero),
    "a partition source is asked every so often: `every` is above zero"
  )
  const asked = withinTime(list, options.timeout)
  return {
    read: readFrom(asked),
    changes: persistent(Stream.fromEffectSchedule(asked, Schedule.spaced(every)))
  }
}

/**
 * A list that a stream shows whenever it changes.
 *
 * **Details**
 *
 * When the stream fails, that is shown, and it is run again after 1, 2, 4, … up to 60 seconds, for ever; a list ends the
 * back-off. When it ends, the last list stays.
 *
 * **Gotchas**
 *
 * The stream should begin with the current list: `read` runs it anew, takes its first list, and fails if none has come
 * within `timeout` (30 s).
 *
 * **Example**
 *
 * ```ts
 * import { PartitionSource } from "@parti/core"
 * import { Stream } from "effect"
 *
 * const source = PartitionSource.fromStream(Stream.make([{ keys: ["eu"] }], [{ keys: ["eu"] }, { keys: ["us"] }]))
 * ```
 *
 * @category constructors
 * @since 0.1.0
 */
export const fromStream = <E>(
  lists: Stream.Stream<ReadonlyArray<Partition.PartitionInput>, E>,
  options?: { readonly timeout?: Duration.Input }
): PartitionSource => {
  const first = Effect.flatMap(
    Stream.runHead(lists),
    Option.match({
      onNone: () => Effect.fail(new PartitionSourceFailed({ reason: "the stream ended without a list" })),
      onSome: Effect.succeed
    })
  )
  return { read: readFrom(withinTime(first, options?.timeout)), changes: persistent(lists) }
}

type Inputs = ReadonlyArray<Partition.PartitionInput>

const withinTime = <E>(list: Effect.Effect<Inputs, E>, timeout: Duration.Input = "30 seconds") =>
  Effect.timeoutOrElse(list, {
    duration: timeout,
    orElse: () => {
      const waited = Duration.format(Duration.fromInputUnsafe(timeout))
      return Effect.fail(new PartitionSourceFailed({ reason: `no answer within ${waited}` }))
    }
  })

const readFrom = (list: Effect.Effect<Inputs, unknown>): PartitionSource["read"] =>
  Effect.catchCause(list, (cause) => Effect.fail(failureOf(cause))).pipe(
    Effect.flatMap((answer) => Effect.fromResult(check(answer)))
  )

/** Runs the lists again after a failure, and shows each failure. */
const persistent = (lists: Stream.Stream<Inputs, unknown>): Stream.Stream<Listed> =>
  Stream.callback<Listed>(
    (queue) =>
      Effect.gen(function* () {
        for (let failures = 0; ; failures++) {
          const exit = yield* Stream.runForEach(lists, (list) => {
            failures = 0
            return Queue.offer(queue, check(list))
          }).pipe(Effect.exit)
          if (Exit.isSuccess(exit)) return yield* Queue.end(queue)
          yield* Queue.offer(queue, Result.fail(failureOf(exit.cause)))
          yield* Effect.sleep(Math.min(longestRetryMs, shortestRetryMs * 2 ** failures))
        }
      }),
    // A reader that is busy holds the source up, instead of being held lists for.
    { bufferSize: 1, strategy: "suspend" }
  )

/** The list comes from outside, and in plain JavaScript it may be anything. */
const check = (list: Inputs): Listed =>
  Result.try({ try: () => Partition.normalise(list), catch: (thrown) => thrown }).pipe(
    Result.flatMap((checked) => checked),
    Result.mapError((cause) => new PartitionSourceFailed({ reason: Thrown.describe(cause), cause }))
  )

/** A source that dies is as good as one that fails: it is code of the user, and the group goes on without it. */
const failureOf = (cause: Cause.Cause<unknown>): PartitionSourceFailed => {
  const thrown = Cause.squash(cause)
  return thrown instanceof PartitionSourceFailed
    ? thrown
    : new PartitionSourceFailed({ reason: Thrown.describe(thrown), cause: thrown })
}
