/**
 * One process of a simulated group: a real worker, its own clock, its own link to the store.
 *
 * @since 0.1.0
 */
import { CoordinationStore } from "@parti/core/CoordinationStore"
import type { ConfigInvalid, PartitionSourceFailed, Problem } from "@parti/core/Errors"
import type { HandlerOptions, PartiOptions, PartiService, PartitionContext } from "@parti/core/Parti"
import * as Testing from "@parti/core/Testing"
import * as Clock from "effect/Clock"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Latch from "effect/Latch"
import * as SeededRandom from "effect/Random"
import * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import * as FaultyStore from "../FaultyStore.ts"
import type { Store } from "../link/Link.ts"
import * as Random from "../simulation/Random.ts"
import * as Given from "./Given.ts"
import type { Ledger, Run } from "./Ledger.ts"
import * as VirtualTime from "./VirtualTime.ts"
import type { Work } from "./Work.ts"

/**
 * A handler as the simulation runs it.
 *
 * @category models
 * @since 0.1.0
 */
export interface Handler {
  readonly run: (
    context: PartitionContext,
    tools: Given.EffectTools,
    host: Given.Host
  ) => Effect.Effect<unknown, unknown, Scope.Scope>
  readonly options: HandlerOptions
}

/**
 * What all processes of a group share.
 *
 * @category models
 * @since 0.1.0
 */
export interface Surroundings {
  readonly seed: number
  readonly time: VirtualTime.VirtualTime
  readonly store: Store
  readonly rates: FaultyStore.Rates
  readonly ledger: Ledger
  readonly work: Work
  readonly handler: Handler
  /** How many milliseconds per second a clock may be fast or slow. */
  readonly driftMs: number
  readonly options: Pick<PartiOptions, "group" | "partitions" | "strategy" | "config" | "onStuckHandler">
  readonly problem: (process: string, problem: Problem) => void
}

/**
 * A process, and what can be done to it.
 *
 * @category models
 * @since 0.1.0
 */
export interface Member {
  readonly name: string
  readonly parti: PartiService
  readonly link: FaultyStore.FaultyStore
  /** Whether it takes part in the group: neither gone nor standing still nor about to leave. */
  readonly isUp: () => boolean
  readonly freeze: Effect.Effect<void>
  readonly thaw: Effect.Effect<void>
  readonly crash: Effect.Effect<void>
  readonly stop: (intent: "leave" | "restart") => Effect.Effect<void>
}

/**
 * Begins a process; what becomes of it time will show.
 *
 * @category constructors
 * @since 0.1.0
 */
export const join = (
  around: Surroundings,
  name: string
): Effect.Effect<Member, ConfigInvalid | PartitionSourceFailed, Scope.Scope> =>
  Effect.gen(function* () {
    const host: Given.Host = {
      awake: yield* Latch.make(true),
      killed: yield* Deferred.make<void>(),
      mourners: new Set()
    }
    const link = yield* FaultyStore.make(around.store, { seed: `${around.seed} ${name}`, rates: around.rates })
    const clock = yield* ownClock(around, host, name)
    const boots = { count: 0 }
    // That its handlers are torn away is no failure of theirs.
    const tell = (problem: Problem) => {
      if (!Deferred.isDoneUnsafe(host.killed)) around.problem(name, problem)
    }
    const worker = yield* Testing.begin({
      ...around.options,
      hooks: { onError: (problem) => Effect.sync(() => tell(problem)) }
    }).pipe(
      Effect.provideService(CoordinationStore, frozenWith(link.store, host)),
      Effect.provideService(
        Testing.BootId,
        Effect.sync(() => `${around.seed}-${name}-${(boots.count += 1)}`)
      ),
      // The loop of this process has its own delays, which mean nothing in the time of the test.
      Effect.provideService(Testing.EventLoopDelay, Effect.succeed({ read: () => 0 })),
      Effect.provideService(Clock.Clock, clock),
      SeededRandom.withSeed(`${around.seed} ${name}`)
    )
    const scope = yield* Scope.fork(yield* Effect.scope)
    yield* worker
      .register((context) => runIn(around, host, name, context), around.handler.options)
      .pipe(Scope.provide(scope), Effect.provideService(Clock.Clock, clock))
    return controls(around, { name, host, link, scope, worker })
  })

interface Inside {
  readonly name: string
  readonly host: Given.Host
  readonly link: FaultyStore.FaultyStore
  readonly scope: Scope.Closeable
  readonly worker: Testing.Worker
}

const controls = ({ ledger }: Surroundings, { host, link, name, scope, worker }: Inside): Member => {
  const { awake, killed, mourners } = host
  let isUp = true
  const parti = Testing.serviceOf(worker)
  // Once it is dead nothing that it does counts, and what it still waits for never comes.
  const die = Effect.suspend(() => {
    isUp = false
    ledger.kill(name)
    for (const mourn of mourners) mourn()
    return Effect.andThen(Deferred.succeed(killed, undefined), awake.open)
  })
  const crash = die.pipe(
    Effect.andThen(worker.crash),
    Effect.andThen(Scope.close(scope, Exit.void)),
    Effect.asVoid,
    Effect.uninterruptible
  )
  return {
    name,
    parti,
    link,
    isUp: () => isUp,
    freeze: Effect.suspend(() => {
      isUp = false
      ledger.freeze(name)
      return Effect.asVoid(awake.close)
    }),
    thaw: Effect.suspend(() => {
      if (Deferred.isDoneUnsafe(killed)) return Effect.void
      isUp = true
      ledger.thaw(name)
      // One millisecond later it has had its turn.
      return awake.open.pipe(
        Effect.andThen(Effect.sleep(1)),
        Effect.andThen(Effect.sync(() => ledger.judgeThawed(name)))
      )
    }),
    crash,
    stop: (intent) =>
      Effect.suspend(() => {
        isUp = false
        return Effect.andThen(worker.stop(intent), crash)
      })
  }
}

/** A run of the user's handler. It begins before, and ends after, all that belongs to it. */
const runIn = (
  { handler, ledger, work }: Surroundings,
  host: Given.Host,
  process: string,
  context: PartitionContext
): Effect.Effect<unknown, unknown, Scope.Scope> =>
  Effect.gen(function* () {
    const run = yield* Effect.acquireRelease(
      Effect.sync((): Run => ledger.begin(process, context.id, context.token)),
      (begun) => Effect.sync(() => ledger.end(begun))
    )
    yield* Effect.forkScoped(Effect.andThen(context.revoked, () => Effect.sync(() => ledger.told(run))))
    return yield* handler.run(context, Given.effectTools(work, host, run), host)
  })

/** A clock that is a little fast or slow, shows another time of day, and stands still with its process. */
const ownClock = (
  { driftMs, seed, time }: Surroundings,
  { awake }: Given.Host,
  name: string
): Effect.Effect<Clock.Clock> =>
  Effect.map(Clock.Clock, (clock) => {
    const random = Random.make(seed, `clock of ${name}`)
    const rate = 1 + ((random.next() * 2 - 1) * driftMs) / 1000
    const wallMs = clock.currentTimeMillisUnsafe() - time.now() + random.between(-30_000, 30_000)
    const sleep = (ms: number) =>
      Effect.suspend(() => {
        const at = time.now() * rate + ms
        // Rounded up, so that the clock shows no less than was waited for.
        const leftMs = () => Math.ceil(at / rate - time.now())
        return Effect.andThen(VirtualTime.sleepOn(clock, leftMs()), awake.await)
      })
    return VirtualTime.clockOf(() => time.now() * rate, wallMs, sleep)
  })

/** While a process stands still it sends nothing, and hears nothing. */
const frozenWith = (store: Store, { awake }: Given.Host): Store => {
  const request = <A, E>(sent: Effect.Effect<A, E>): Effect.Effect<A, E> =>
    Effect.andThen(awake.await, Effect.tap(sent, awake.await))
  return {
    write: (bucket, key, value, expectation) => request(store.write(bucket, key, value, expectation)),
    put: (bucket, key, value) => request(store.put(bucket, key, value)),
    remove: (bucket, key) => request(store.remove(bucket, key)),
    watch: (bucket, patterns) => Stream.tap(store.watch(bucket, patterns), () => awake.await)
  }
}
