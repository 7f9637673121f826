/**
 * What the server does for one client: the way there and back, writes, and watches.
 *
 * @since 0.1.0
 */
import type { StoreUnavailable } from "@parti/core/CoordinationStore"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Ref from "effect/Ref"
import type * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import * as NatsFailure from "../../connection/NatsFailure.ts"
import * as KvBucket from "../../store/KvBucket.ts"
import type { Failure } from "../Failure.ts"
import type { ThrowAway } from "../ThrowAway.ts"
import * as Spread from "./Spread.ts"

/**
 * What was measured. `roundTrip`: a request to JetStream; `write`: a compare-and-set, such as a worker renews its lease by;
 * `putToWatch`: from a write until a watch shows it.
 *
 * @category models
 * @since 0.1.0
 */
export interface StoreFigures {
  readonly roundTrip: Spread.Spread
  readonly write: Spread.Spread
  readonly putToWatch: Spread.Spread
  /** By `writers` that wait for no one but themselves, each with a key of its own. */
  readonly writesPerSecond: number
  readonly writers: number
}

const writers = 32

/** As large as the record of a worker. */
const value = new Uint8Array(200).fill(7)

/**
 * Measures for so many milliseconds in all.
 *
 * @category running
 * @since 0.1.0
 */
export const run = (place: ThrowAway, lengthMs: number): Effect.Effect<StoreFigures, Failure> =>
  Effect.gen(function* () {
    const shareMs = lengthMs / 4
    const roundTrip = yield* repeated(shareMs, request(place))
    const write = yield* repeated(shareMs, yield* writer(place, "bench.one"))
    const putToWatch = yield* Effect.scoped(Effect.flatMap(shownWrite(place), (each) => repeated(shareMs, each)))
    const startedAt = performance.now()
    const each = yield* Effect.forEach(
      Array.from({ length: writers }, (_, index) => `bench.many-${index}`),
      (key) => Effect.flatMap(writer(place, key), (once) => repeated(shareMs, once)),
      { concurrency: "unbounded" }
    )
    const written = each.reduce((sum, { length }) => sum + length, 0)
    return {
      roundTrip: Spread.of(roundTrip),
      write: Spread.of(write),
      putToWatch: Spread.of(putToWatch),
      writesPerSecond: Math.round((written * 1000) / (performance.now() - startedAt)),
      writers
    }
  })

/** Measures it again and again, and at least once. */
const repeated = <E>(lengthMs: number, once: Effect.Effect<unknown, E>): Effect.Effect<ReadonlyArray<number>, E> =>
  Effect.gen(function* () {
    const samples: Array<number> = []
    const endsAt = performance.now() + lengthMs
    do {
      const startedAt = performance.now()
      yield* once
      samples.push(performance.now() - startedAt)
    } while (performance.now() < endsAt)
    return samples
  })

const request = ({ group, server }: ThrowAway): Effect.Effect<unknown, StoreUnavailable> =>
  NatsFailure.attempt(() => server.manager.streams.info(`KV_${group}-plan`)).pipe(Effect.mapError(KvBucket.unopened))

/** Writes a key again and again, each time upon what it has written before. */
const writer = (
  { store }: ThrowAway,
  key: string
): Effect.Effect<Effect.Effect<void, StoreUnavailable>, StoreUnavailable> =>
  Effect.gen(function* () {
    const put = store.put("live", key, value)
    const newest = yield* Ref.make(yield* Effect.catchTag(put, "ValueTooLarge", Effect.die))
    return Effect.flatMap(Ref.get(newest), (expected) => store.write("live", key, value, { expected })).pipe(
      // Nobody else writes it: the answer to a write that was sent again.
      Effect.catchTag("RevisionMismatch", () => put),
      Effect.catchTag("ValueTooLarge", Effect.die),
      Effect.flatMap((revision) => Ref.set(newest, revision))
    )
  })

/** Writes a key, and waits until a watch shows it. */
const shownWrite = ({ store }: ThrowAway): Effect.Effect<Effect.Effect<unknown, Failure>, Failure, Scope.Scope> =>
  Effect.gen(function* () {
    const synced = yield* Deferred.make<void, Failure>()
    let arrived: Deferred.Deferred<void, Failure> = synced
    yield* Stream.runForEach(store.watch("live", ["bench.watched"]), ({ _tag }) =>
      _tag === "Opened" ? Effect.void : Deferred.succeed(arrived, undefined)
    ).pipe(
      Effect.catch((error) => Deferred.fail(arrived, error)),
      Effect.forkScoped
    )
    yield* Deferred.await(synced)
    return Effect.gen(function* () {
      const shown = yield* Deferred.make<void, Failure>()
      arrived = shown
      const put = Effect.catchTag(store.put("live", "bench.watched", value), "ValueTooLarge", Effect.die)
      yield* Effect.all([put, Deferred.await(shown)], { concurrency: 2 })
    })
  })
