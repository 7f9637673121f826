/**
 * A coordination store behind a bad link.
 *
 * **Example** (A program on a link that is slow, then half cut)
 *
 * ```ts
 * import { FaultyStore } from "@parti/testkit"
 * import { Effect } from "effect"
 *
 * // Only slow: nothing is lost until the link is cut.
 * const oneWay: FaultyStore.Span = [100, 400]
 * const slow: FaultyStore.Rates = { ...FaultyStore.calm, latencyMs: oneWay, timeoutMs: 2000 }
 *
 * // `requests`: it hears and cannot write. `watches`: it writes and hears nothing.
 * const cutFor5Seconds = (link: FaultyStore.FaultyStore, direction: FaultyStore.Direction) =>
 *   link.outage(direction).pipe(Effect.andThen(Effect.sleep("5 seconds")), Effect.andThen(link.outage(false)))
 *
 * // A test that met no such fault has shown nothing.
 * const hasMet = (link: FaultyStore.FaultyStore, fault: FaultyStore.Fault) =>
 *   Effect.map(link.faults, (faults) => faults[fault] > 0)
 *
 * const trial = (link: FaultyStore.FaultyStore) =>
 *   Effect.gen(function* () {
 *     yield* link.setRates(slow)
 *     yield* Effect.sleep("10 seconds")
 *     yield* cutFor5Seconds(link, "requests")
 *     yield* link.setRates(FaultyStore.calm)
 *     return yield* hasMet(link, "CutOff")
 *   })
 * ```
 *
 * @since 0.1.0
 */
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Latch from "effect/Latch"
import * as Random from "effect/Random"
import * as Scope from "effect/Scope"
import { calm, checked, type Fault, type Link, type Rates, type Store } from "./link/Link.ts"
import { request } from "./link/Requests.ts"
import { watch } from "./link/Watches.ts"

export { calm, type Fault, type Rates, type Span } from "./link/Link.ts"

/**
 * What an outage strikes.
 *
 * @category models
 * @since 0.1.0
 */
export type Direction = "requests" | "watches"

/**
 * A store that keeps the contract and otherwise does its worst, with the means to govern it.
 *
 * **Details**
 *
 * One of these is one link: give each worker its own, all over one inner store, to cut them off from each other. A request
 * that is on its way is not called back when its sender gives up or is interrupted.
 *
 * @category models
 * @since 0.1.0
 */
export interface FaultyStore {
  readonly store: Store
  /** Changes some of the rates, for requests and shows that begin from now on. */
  readonly setRates: (rates: Partial<Rates>) => Effect.Effect<void>
  /** Cuts the link, or one direction of it, or joins both again. Late requests still land. */
  readonly outage: (on: boolean | Direction) => Effect.Effect<void>
  /** Makes every open watch lose its place. */
  readonly cutWatches: Effect.Effect<void>
  /** How many faults of each kind there have been. */
  readonly faults: Effect.Effect<Readonly<Record<Fault, number>>>
}

/**
 * Puts a bad link before a store.
 *
 * **Details**
 *
 * Everything is drawn from `seed` and waits by the `Clock`: the same calls at the same virtual times meet the same faults.
 * Requests that are still on their way end with the scope.
 *
 * **Example**
 *
 * ```ts
 * import * as MemoryStore from "@parti/core/MemoryStore"
 * import * as FaultyStore from "@parti/testkit/FaultyStore"
 * import * as Effect from "effect/Effect"
 *
 * const program = Effect.gen(function* () {
 *   const inner = yield* MemoryStore.make()
 *   const link = yield* FaultyStore.make(inner, { seed: 7, rates: { replyLost: 0.1, latencyMs: [1, 20] } })
 *   yield* link.outage(true)
 *   return yield* Effect.flip(link.store.put("plan", "control.pause", new Uint8Array()))
 * })
 * ```
 *
 * @category constructors
 * @since 0.1.0
 */
export const make = (
  inner: Store,
  options: { readonly seed: number | string; readonly rates?: Partial<Rates> }
): Effect.Effect<FaultyStore, never, Scope.Scope> =>
  Effect.gen(function* () {
    const random = yield* Random.withSeed(Random.Random, options.seed)
    const link: Link = {
      // One of its own, which ends in its turn: those that were made later may still use the link while they end.
      scope: yield* Scope.fork(yield* Effect.scope),
      draw: () => random.nextDoubleUnsafe(),
      faults: { Refused: 0, RequestLost: 0, ReplyLost: 0, Late: 0, CutOff: 0, Held: 0, Coalesced: 0, Relisted: 0 },
      watchesPass: yield* Latch.make(true),
      rates: checked({ ...calm, ...options.rates }),
      cut: yield* Deferred.make<void>(),
      requestsPass: true
    }
    return { store: linked(inner, link), ...controls(link) }
  })

const controls = (link: Link): Omit<FaultyStore, "store"> => ({
  setRates: (rates) =>
    Effect.sync(() => {
      link.rates = checked({ ...link.rates, ...rates })
    }),
  outage: (on) =>
    Effect.suspend(() => {
      link.requestsPass = on === false || on === "watches"
      return on === false || on === "requests" ? link.watchesPass.open : link.watchesPass.close
    }),
  cutWatches: Effect.flatMap(Deferred.make<void>(), (next) => {
    const { cut } = link
    link.cut = next
    return Effect.asVoid(Deferred.succeed(cut, undefined))
  }),
  faults: Effect.sync(() => ({ ...link.faults }))
})

const linked = (inner: Store, link: Link): Store => ({
  write: (bucket, key, value, expectation) => request(link, "write", inner.write(bucket, key, value, expectation)),
  put: (bucket, key, value) => request(link, "put", inner.put(bucket, key, value)),
  remove: (bucket, key) => request(link, "remove", inner.remove(bucket, key)),
  watch: (bucket, patterns) => watch(link, inner, bucket, patterns)
})
