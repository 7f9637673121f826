/**
 * A value that one fiber sets and everybody may read or follow.
 *
 * @since 0.1.0
 */
import * as Effect from "effect/Effect"
import * as PubSub from "effect/PubSub"
import * as Stream from "effect/Stream"

/**
 * The newest value, and the stream of its changes: the current value first, then each later one. After `end` the
 * streams come to their end, also those that are opened later; they all show the last value.
 *
 * **Gotchas**
 *
 * A follower that lags more than 1,024 changes behind loses the oldest of them, never the newest: memory stays bounded.
 *
 * @category models
 * @since 0.1.0
 */
export interface Published<A> {
  readonly current: () => A
  readonly publish: (value: A) => Effect.Effect<void>
  readonly end: Effect.Effect<void>
  readonly changes: Stream.Stream<A>
}

interface Message<A> {
  readonly value: A
  readonly isLast: boolean
}

const capacity = 1024

/**
 * Makes a published value.
 *
 * @category constructors
 * @since 0.1.0
 */
export const make = <A>(initial: A): Effect.Effect<Published<A>> =>
  Effect.gen(function* () {
    const pubsub = yield* PubSub.sliding<Message<A>>({ capacity, replay: 1 })
    let current = initial
    const send = (isLast: boolean) => Effect.asVoid(PubSub.publish(pubsub, { value: current, isLast }))
    yield* send(false)
    return {
      current: () => current,
      publish: (value) =>
        Effect.suspend(() => {
          if (value === current) return Effect.void
          current = value
          return send(false)
        }),
      end: Effect.suspend(() => send(true)),
      changes: Stream.fromPubSub(pubsub).pipe(
        Stream.takeUntil(({ isLast }) => isLast),
        Stream.map(({ value }) => value),
        // The last message repeats the value, to whoever has seen it already.
        Stream.changesWith((before, after) => before === after)
      )
    }
  })
