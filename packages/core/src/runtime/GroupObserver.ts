/**
 * Watches a group, and gives it orders, without taking part in it.
 *
 * @since 0.1.0
 */
import * as Deferred from "effect/Deferred"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Equal from "effect/Equal"
import type * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import * as Key from "../model/Key.ts"
import type { ControlRecord } from "../model/Record.ts"
import * as RecordCodec from "../model/RecordCodec.ts"
import type { Fact } from "../protocol/Event.ts"
import * as Compression from "./Compression.ts"
import { CoordinationStore, type StoreMisconfigured, StoreUnavailable } from "./CoordinationStore.ts"
import * as GroupOrders from "./GroupOrders.ts"
import * as GroupSighting from "./GroupSighting.ts"
import * as OwnClock from "./OwnClock.ts"
import * as Published from "./Published.ts"
import * as Watcher from "./Watcher.ts"

/**
 * What can be chosen.
 *
 * @category models
 * @since 0.1.0
 */
export interface GroupObserverOptions {
  /** For how long an order waits until the store has accepted it. Default: 2 seconds. */
  readonly requestTimeout?: Duration.Input | undefined
}

/**
 * A group, seen from outside. It holds no lease and costs the group nothing but two watches.
 *
 * **Details**
 *
 * An order is done when the store has accepted it and, unless that takes longer than `requestTimeout`, the snapshot shows
 * it. What comes of it the leader decides.
 *
 * @category models
 * @since 0.1.0
 */
export interface GroupObserver extends GroupOrders.GroupOrders<StoreUnavailable> {
  readonly group: string
  readonly current: Effect.Effect<GroupSighting.GroupSnapshot>
  /** The current snapshot, then one after every change; each heartbeat is one. Ends with the observer. */
  readonly changes: Stream.Stream<GroupSighting.GroupSnapshot>
}

type Store = (typeof CoordinationStore)["Service"]

/**
 * Begins to watch a group, and waits until all that is in its store has been seen: for ever, as long as the store cannot
 * be reached. The observer ends with the scope.
 *
 * **Gotchas** It goes on through outages and shows what it saw last; ages grow meanwhile.
 *
 * **Example** (Who holds which partitions)
 *
 * ```ts
 * import { Effect } from "effect"
 * import { GroupObserver } from "@parti/core"
 *
 * const program = Effect.gen(function* () {
 *   const observer = yield* GroupObserver.make("orders")
 *   const { view, workers } = yield* observer.current
 *   for (const { id, record } of workers) yield* Effect.log(`${id} is ${record.state}`)
 *   if (view.unowned > 0) yield* observer.rebalance
 * })
 * ```
 *
 * @category constructors
 * @since 0.1.0
 */
export const make = (
  group: string,
  options: GroupObserverOptions = {}
): Effect.Effect<GroupObserver, StoreMisconfigured, CoordinationStore | Scope.Scope> =>
  Effect.gen(function* () {
    const store = yield* CoordinationStore
    const clock = yield* OwnClock.make
    const synced = yield* Deferred.make<void, StoreMisconfigured>()
    const sightings = yield* Effect.acquireRelease(Published.make(GroupSighting.nothing), ({ end }) => end)
    const take = (fact: Fact) =>
      Effect.gen(function* () {
        const sighting = GroupSighting.observe(sightings.current(), fact, clock.stamp().at)
        yield* sightings.publish(sighting)
        if (sighting.isLiveSynced && sighting.isPlanSynced) yield* Deferred.succeed(synced, undefined)
      })
    const times = new Map<string, number>()
    const watcher = yield* Watcher.make({
      store: timed(store, times),
      compression: Compression.zlib,
      offer: take,
      problem: (problem) => Effect.logWarning(problem.message),
      misconfigured: (error) => Effect.asVoid(Deferred.fail(synced, error)),
      piecesChanged: Effect.void
    })
    yield* watcher.watchLive({ _tag: "Whole" }, 1)
    yield* Deferred.await(synced)

    const timeoutMs = Duration.toMillis(options.requestTimeout ?? "2 seconds")
    const isShown = (control: ControlRecord) => (sighting: GroupSighting.Sighting) =>
      Equal.equals(sighting.controls.get(Key.control(control)), control)
    const give = (operation: string, control: ControlRecord) =>
      Effect.andThen(
        put(store, operation, control, timeoutMs),
        sightings.changes.pipe(
          Stream.takeUntil(isShown(control)),
          Stream.runDrain,
          Effect.timeoutOption(timeoutMs),
          Effect.asVoid
        )
      )
    const shown = (sighting: GroupSighting.Sighting) =>
      GroupSighting.snapshot(sighting, clock.stamp(), (bucket, key) => times.get(`${bucket}/${key}`) ?? null)
    return {
      group,
      current: Effect.sync(() => shown(sightings.current())),
      changes: Stream.map(sightings.changes, shown),
      ...GroupOrders.make({
        give,
        plan: () => sightings.current().plans.newest,
        drains: () => GroupSighting.drains(sightings.current())
      })
    }
  })

/** A store that notes when what it shows was written. */
const timed = (store: Store, times: Map<string, number>): Store => ({
  ...store,
  watch: (bucket, patterns) =>
    Stream.tap(store.watch(bucket, patterns), (seen) =>
      Effect.sync(() => {
        if (seen._tag !== "Entry") return
        const key = `${bucket}/${seen.key}`
        if (seen.value === null || seen.writtenAt === undefined) times.delete(key)
        else times.set(key, seen.writtenAt)
      })
    )
})

/** Writes down an order. One that was not answered in time may have been taken, or may yet be. */
const put = (
  store: Store,
  operation: string,
  control: ControlRecord,
  timeoutMs: number
): Effect.Effect<void, StoreUnavailable> =>
  store.put("plan", Key.control(control), RecordCodec.encodeControl(control)).pipe(
    Effect.catchTag("ValueTooLarge", ({ message }) =>
      unanswered("NotApplied", `the order to ${operation}: ${message}`)
    ),
    Effect.timeoutOrElse({
      duration: timeoutMs,
      orElse: () => unanswered("Unknown", `the order to ${operation}, within ${timeoutMs} ms`)
    }),
    Effect.asVoid
  )

const unanswered = (outcome: "NotApplied" | "Unknown", reason: string) =>
  Effect.fail(new StoreUnavailable({ operation: "put", outcome, reason }))
