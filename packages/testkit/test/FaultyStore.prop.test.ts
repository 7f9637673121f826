import * as MemoryStore from "@parti/core/MemoryStore"
import * as Revision from "@parti/core/Revision"
import { Effect, Fiber, Random, Stream } from "effect"
import { TestClock } from "effect/testing"
import fc from "fast-check"
import { assert, describe, it } from "vitest"
import { bytes, type Store, text } from "../src/conformance/Rule.ts"
import * as Watching from "../src/conformance/Watching.ts"
import * as FaultyStore from "../src/FaultyStore.ts"

const seed = Number(process.env["FC_SEED"] ?? 20_240_607)

const share = fc.double({ min: 0, max: 0.25, noNaN: true })
const span = (most: number) =>
  fc.tuple(fc.nat(most), fc.nat(most)).map(([a, b]) => [Math.min(a, b), Math.max(a, b)] as const)

const storm: fc.Arbitrary<FaultyStore.Rates> = fc.record({
  refused: share,
  requestLost: share,
  replyLost: share,
  late: share,
  held: share,
  coalesced: share,
  relisted: share,
  latencyMs: span(800),
  timeoutMs: fc.integer({ min: 200, max: 1500 }),
  lateMs: span(3000),
  heldMs: span(3000)
})

const patterns = ["worker.>", "leader"]

/** Claims, renewals and removals of a few keys, each value written once, and what the writer was told of it. */
const work = (store: Store, outcomes: Map<string, string>) =>
  Effect.gen(function* () {
    let expected = Revision.absent
    for (let i = 0; i < 40; i++) {
      const value = `attempt ${i}`
      const key = `worker.worker-${i % 3}`
      if (i % 10 === 9) yield* Effect.ignore(store.remove("live", key))
      const write =
        i % 4 === 0 ? store.put("live", key, bytes(value)) : store.write("live", key, bytes(value), { expected })
      const result = yield* Effect.result(write)
      if (result._tag === "Success") expected = result.success
      outcomes.set(
        value,
        result._tag === "Success" ? "Applied" : "outcome" in result.failure ? result.failure.outcome : "NotApplied"
      )
      yield* Effect.sleep(yield* Random.nextIntBetween(0, 300))
    }
  })

const storms = (rates: FaultyStore.Rates, linkSeed: number) =>
  Effect.gen(function* () {
    const inner = yield* MemoryStore.make()
    const link = yield* FaultyStore.make(inner, { seed: linkSeed, rates })
    const history = new Set<string>()
    const record = Stream.runForEach(inner.watch("live", patterns), (event) =>
      Effect.sync(() => void (event._tag === "Entry" && event.value !== null && history.add(text(event.value))))
    )
    yield* Effect.forkChild(record, { startImmediately: true })
    const outcomes = new Map<string, string>()
    const reader = yield* Effect.forkChild(
      Effect.gen(function* () {
        const watching = yield* Watching.open(link.store, "live", patterns)
        yield* watching.untilShown("leader", "calm")
        yield* watching.until(({ isSynced }) => isSynced)
        return watching
      }).pipe(Effect.provideService(Watching.Patience, "1 day"))
    )
    yield* work(link.store, outcomes)
    yield* Effect.sleep("10 seconds")
    yield* link.setRates(FaultyStore.calm)
    yield* inner.put("live", "leader", bytes("calm"))
    const watching = yield* Fiber.join(reader)
    const truth = yield* Watching.open(inner, "live", patterns)
    return { events: watching.events, history, outcomes, seen: watching.view.values, truth: truth.view.values }
  }).pipe(Effect.scoped)

/** Runs it in virtual time, in steps smaller than what is waited for. */
const simulated = <A, E>(world: Effect.Effect<A, E>, worldSeed: number) =>
  Effect.gen(function* () {
    const fiber = yield* Effect.forkChild(world)
    yield* Effect.repeat(TestClock.adjust("100 millis"), { until: () => fiber.pollUnsafe() !== undefined })
    return yield* Fiber.join(fiber)
  }).pipe(Random.withSeed(worldSeed), Effect.provide(TestClock.layer()), Effect.runPromise)

describe("A faulty store, whatever its rates", () => {
  it("tells no lies, and shows the truth in the end", () =>
    fc.assert(
      fc.asyncProperty(storm, fc.nat(), async (rates, linkSeed) => {
        const { events, history, outcomes, seen, truth } = await simulated(storms(rates, linkSeed), linkSeed)
        for (const [value, outcome] of outcomes) {
          if (outcome === "Applied") assert.isTrue(history.has(value), `${value} was applied`)
          if (outcome === "NotApplied") assert.isFalse(history.has(value), `${value} was not applied`)
        }
        assert.isNull(Watching.fault(events))
        assert.deepStrictEqual(seen, truth)
      }),
      { seed, numRuns: 40 }
    ))
})
