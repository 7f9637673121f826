/**
 * What a group does on the server: its start, and moves that are planned.
 *
 * @since 0.1.0
 */
import { CoordinationStore, StoreUnavailable } from "@parti/core/CoordinationStore"
import * as Parti from "@parti/core/Parti"
import * as PartiConfig from "@parti/core/PartiConfig"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Result from "effect/Result"
import * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import * as NatsConnection from "../../NatsConnection.ts"
import * as NatsStore from "../../NatsStore.ts"
import type { Failure } from "../Failure.ts"
import * as Settings from "../Settings.ts"
import * as Spread from "./Spread.ts"
import * as Watchman from "./Watchman.ts"

/**
 * What was measured. `startToStableMs`: from the start of two workers, connections included, until each
 * runs its half of the partitions and calls itself stable; `leaseWaitMs` of that are the lease that the first leader of a group
 * lets pass, with the preset `measuredWith`. `unowned`: for how long a partition that moves to a worker that comes, or from one that leaves, is
 * run by nobody.
 *
 * @category models
 * @since 0.1.0
 */
export interface GroupFigures {
  readonly partitions: number
  readonly measuredWith: PartiConfig.Preset
  readonly startToStableMs: number
  readonly leaseWaitMs: number
  readonly unowned: Spread.Spread
}

const partitions = 60

/** What each of two workers gets. */
const half = partitions / 2

/** What a third worker gets. */
const third = partitions / 3

/** No windows: what is left is work. */
const windowless = {
  coldStart: "eager",
  coldStartWindowMs: 0,
  plannedWindowMs: 0,
  drainWindowMs: 0,
  minRebalanceIntervalMs: 0
} as const

/** How much longer than it was given a step may take until the server counts as too slow to be measured. */
const patienceMs = 30_000

/**
 * The group, and the preset that gives its leases: one that the server bears.
 *
 * @category models
 * @since 0.1.0
 */
export interface Subject {
  readonly group: string
  readonly measuredWith: PartiConfig.Preset
}

/**
 * Measures for so many milliseconds, and for as long as it takes to end what was begun.
 *
 * @category running
 * @since 0.1.0
 */
export const run = (
  settings: Settings.Settings,
  { group, measuredWith }: Subject,
  lengthMs: number
): Effect.Effect<GroupFigures, Failure> =>
  Effect.gen(function* () {
    const endsAt = performance.now() + lengthMs
    const config = { ...windowless, preset: measuredWith }
    const { leaseMs, marginMs } = Result.getOrThrow(PartiConfig.parse({ group, ...config }))
    const watchman = Watchman.make()
    const startWorker = (name: string) => join(settings, { group, config, name }, watchman)
    const startedAt = performance.now()
    const first = yield* Effect.forEach(["one", "two"], startWorker, {
      concurrency: 2
    })
    const isWhole = () => watchman.running() === partitions
    yield* watchman.until(() => watchman.running("one") === half && watchman.running("two") === half)
    yield* Effect.forEach(first, ({ parti }) => isStable(parti))
    const startToStableMs = Spread.rounded(performance.now() - startedAt)
    watchman.takeGaps()
    do {
      const guest = yield* startWorker("guest")
      yield* watchman.until(() => watchman.running("guest") >= third && isWhole())
      yield* guest.leave
      yield* watchman.until(isWhole)
    } while (performance.now() < endsAt)
    const unowned = Spread.of(watchman.takeGaps())
    return { partitions, measuredWith, startToStableMs, leaseWaitMs: leaseMs + marginMs, unowned }
  }).pipe(
    Effect.timeoutOrElse({
      duration: lengthMs + patienceMs,
      orElse: () => {
        const reason = `the group was not where it should be ${patienceMs / 1000} s after its time; the server is too slow for it`
        return Effect.fail(new StoreUnavailable({ operation: "watch", outcome: "Unknown", reason }))
      }
    }),
    Effect.scoped
  )

const isStable = (parti: Parti.PartiService): Effect.Effect<void> =>
  Stream.runDrain(Stream.takeUntil(parti.stateChanges, (state) => state === "Stable"))

interface Worker {
  readonly group: string
  readonly config: Parti.PartiOptions["config"]
  readonly name: string
}

/** A worker on a connection of its own, as in a process of its own. */
const join = (settings: Settings.Settings, { config, group, name }: Worker, watchman: Watchman.Watchman) =>
  Effect.gen(function* () {
    const scope = yield* Scope.fork(yield* Effect.scope)
    const timeoutMs = settings.timeout * 1000
    const nats = yield* Scope.provide(NatsConnection.make(yield* Settings.connection(settings)), scope)
    const store = yield* Effect.provideService(
      NatsStore.make({ group, create: false, requestTimeout: timeoutMs, openTimeout: timeoutMs }),
      NatsConnection.NatsConnection,
      nats
    )
    const parti = yield* Parti.make({
      group,
      partitions: Array.from({ length: partitions }, (_, index) => ({ keys: [String(index)] })),
      config: { ...config, instance: name }
    }).pipe(Effect.provideService(CoordinationStore, store), Scope.provide(scope), Effect.catch(unstarted))
    yield* Scope.provide(parti.forEachPartition(watchman.handler(name)), scope)
    return { parti, leave: Effect.andThen(parti.stop(), Scope.close(scope, Exit.void)) }
  })

/** What the store cannot do is told as it is; the rest means that it does not answer in time. */
const unstarted = (error: Parti.StartError): Effect.Effect<never, Failure> =>
  Effect.fail(
    error._tag === "StoreMisconfigured"
      ? error
      : new StoreUnavailable({ operation: "write", outcome: "Unknown", reason: error.message, cause: error })
  )
