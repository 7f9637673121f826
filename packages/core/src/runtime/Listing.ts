/**
 * Reads the list of partitions for the leader.
 *
 * @since 0.1.0
 */
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import type * as Fiber from "effect/Fiber"
import * as Result from "effect/Result"
import type * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import type { Fact } from "../protocol/Event.ts"
import type { Listed, PartitionSource } from "./PartitionSource.ts"
import * as Thrown from "./Thrown.ts"

/**
 * How one worker reads its partition source.
 *
 * @category models
 * @since 0.1.0
 */
export interface Listing {
  /** Tells the current list, as a fact, and every change of it, until `stop`. */
  readonly follow: Effect.Effect<void>
  /** Tells the current list once more. */
  readonly read: Effect.Effect<void>
  readonly stop: Effect.Effect<void>
}

/**
 * Makes a listing that reads nothing. A source costs nothing until somebody follows it.
 *
 * @category constructors
 * @since 0.1.0
 */
export const make = (
  source: PartitionSource,
  offer: (fact: Fact) => Effect.Effect<void>
): Effect.Effect<Listing, never, Scope.Scope> =>
  Effect.map(Effect.scope, (scope) => {
    const tell = (listed: Listed) => offer(factOf(listed))
    const died = (cause: Cause.Cause<never>) =>
      offer({ _tag: "PartitionsFailed", reason: Thrown.describe(Cause.squash(cause)) })
    const changes = Stream.suspend(() => source.changes)
    // A source of somebody else's may die, against its contract: it is asked again, since the leader needs a list.
    const followed: Effect.Effect<void> = Effect.catchCause(Stream.runForEach(changes, tell), (cause) =>
      Effect.flatMap(Effect.andThen(died(cause), Effect.sleep(retryMs)), () => followed)
    )
    let following: Fiber.Fiber<void> | null = null
    let asking: Fiber.Fiber<void> | null = null
    const stop = Effect.sync(() => {
      following?.interruptUnsafe()
      asking?.interruptUnsafe()
    })
    return {
      follow: Effect.gen(function* () {
        yield* stop
        following = yield* Effect.forkIn(followed, scope)
      }),
      read: Effect.gen(function* () {
        asking?.interruptUnsafe()
        asking = yield* Effect.forkIn(
          Effect.catchCause(
            Effect.flatMap(
              Effect.suspend(() => Effect.result(source.read)),
              tell
            ),
            died
          ),
          scope
        )
      }),
      stop
    }
  })

const retryMs = 5_000

const factOf = (listed: Listed): Fact =>
  Result.match(listed, {
    onFailure: ({ reason }): Fact => ({ _tag: "PartitionsFailed", reason }),
    onSuccess: (partitions): Fact => ({ _tag: "PartitionsListed", partitions })
  })
