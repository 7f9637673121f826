import { describe, it } from "@effect/vitest"
import type { WatchEvent } from "@parti/core/CoordinationStore"
import * as MemoryStore from "@parti/core/MemoryStore"
import * as Revision from "@parti/core/Revision"
import { Clock, Effect, Exit, Fiber, Scope, Stream } from "effect"
import { TestClock } from "effect/testing"
import { assert } from "vitest"
import { bytes, type Store } from "../src/conformance/Rule.ts"
import * as Watching from "../src/conformance/Watching.ts"
import * as FaultyStore from "../src/FaultyStore.ts"

const linked = (rates: Partial<FaultyStore.Rates> = {}) =>
  Effect.gen(function* () {
    const inner = yield* MemoryStore.make()
    const link = yield* FaultyStore.make(inner, { seed: 1, rates })
    return { inner, link, store: link.store }
  })

const create = (store: Store, value = "a") => store.write("live", "leader", bytes(value), { expected: Revision.absent })

/** What the store itself holds, whatever a link shows. */
const held = (inner: Store) =>
  Effect.scoped(
    Effect.map(Watching.open(inner, "live", ["leader", "worker.>"]), ({ view }) => Object.fromEntries(view.values))
  )

/** The outcome that the sender is told, and when. */
const told = <A, E extends { readonly _tag: string }>(effect: Effect.Effect<A, E>) =>
  Effect.gen(function* () {
    const result = yield* Effect.result(effect)
    const at = yield* Clock.currentTimeMillis
    if (result._tag === "Success") return { at, outcome: "Applied" }
    return { at, outcome: "outcome" in result.failure ? result.failure.outcome : result.failure._tag }
  })

/** Lets so much time pass while the effect runs, and expects it to end by then. */
const during = <A, E>(effect: Effect.Effect<A, E>, ms: number) =>
  Effect.gen(function* () {
    const fiber = yield* Effect.forkChild(effect, { startImmediately: true })
    yield* TestClock.adjust(ms)
    return yield* Fiber.join(fiber)
  })

const noFaults = { Refused: 0, RequestLost: 0, ReplyLost: 0, Late: 0, CutOff: 0, Held: 0, Coalesced: 0, Relisted: 0 }

describe("A request", () => {
  it.effect("passes a calm link at once", () =>
    Effect.gen(function* () {
      const { inner, link, store } = yield* linked()
      assert.strictEqual(yield* create(store), 1)
      assert.deepStrictEqual(yield* held(inner), { leader: "a" })
      assert.deepStrictEqual(yield* link.faults, noFaults)
    })
  )

  it.effect("that is refused is told at once not to have been applied", () =>
    Effect.gen(function* () {
      const { inner, link, store } = yield* linked({ refused: 1 })
      assert.deepStrictEqual(yield* told(create(store)), { at: 0, outcome: "NotApplied" })
      assert.deepStrictEqual(yield* held(inner), {})
      assert.deepStrictEqual(yield* link.faults, { ...noFaults, Refused: 1 })
    })
  )

  it.effect("that is lost has an unknown outcome at the time-out, and is never carried out", () =>
    Effect.gen(function* () {
      const { inner, link, store } = yield* linked({ requestLost: 1, timeoutMs: 700 })
      assert.deepStrictEqual(yield* during(told(create(store)), 700), { at: 700, outcome: "Unknown" })
      yield* TestClock.adjust("1 minute")
      assert.deepStrictEqual(yield* held(inner), {})
      assert.deepStrictEqual(yield* link.faults, { ...noFaults, RequestLost: 1 })
    })
  )

  it.effect("whose reply is lost has an unknown outcome, and was carried out", () =>
    Effect.gen(function* () {
      const { inner, link, store } = yield* linked({ replyLost: 1, timeoutMs: 700 })
      assert.deepStrictEqual(yield* during(told(create(store)), 700), { at: 700, outcome: "Unknown" })
      assert.deepStrictEqual(yield* held(inner), { leader: "a" })
      assert.deepStrictEqual(yield* link.faults, { ...noFaults, ReplyLost: 1 })
    })
  )

  it.effect("that is late has an unknown outcome, and is carried out after that was told", () =>
    Effect.gen(function* () {
      const { inner, link, store } = yield* linked({ late: 1, timeoutMs: 700, lateMs: [300, 301] })
      assert.deepStrictEqual(yield* during(told(create(store)), 999), { at: 700, outcome: "Unknown" })
      assert.deepStrictEqual(yield* held(inner), {})
      yield* TestClock.adjust(2)
      assert.deepStrictEqual(yield* held(inner), { leader: "a" })
      assert.deepStrictEqual(yield* link.faults, { ...noFaults, Late: 1 })
    })
  )

  it.effect("that is late loses to whoever wrote meanwhile", () =>
    Effect.gen(function* () {
      const { inner, link, store } = yield* linked({ late: 1, lateMs: [300, 301] })
      yield* during(told(create(store, "late")), 1000)
      yield* link.setRates({ late: 0 })
      yield* create(store, "early")
      yield* TestClock.adjust("1 minute")
      assert.deepStrictEqual(yield* held(inner), { leader: "early" })
    })
  )

  it.effect("takes the latency of both ways", () =>
    Effect.gen(function* () {
      const { inner, store } = yield* linked({ latencyMs: [100, 100] })
      const sent = yield* Effect.forkChild(told(create(store)), { startImmediately: true })
      yield* TestClock.adjust(99)
      assert.deepStrictEqual(yield* held(inner), {})
      yield* TestClock.adjust(1)
      assert.deepStrictEqual(yield* held(inner), { leader: "a" })
      yield* TestClock.adjust(100)
      assert.deepStrictEqual(yield* Fiber.join(sent), { at: 200, outcome: "Applied" })
    })
  )

  it.effect("that is slower than the time-out has an unknown outcome, and lands", () =>
    Effect.gen(function* () {
      const { inner, store } = yield* linked({ latencyMs: [800, 800], timeoutMs: 700 })
      assert.deepStrictEqual(yield* during(told(create(store)), 700), { at: 700, outcome: "Unknown" })
      assert.deepStrictEqual(yield* held(inner), {})
      yield* TestClock.adjust(100)
      assert.deepStrictEqual(yield* held(inner), { leader: "a" })
    })
  )

  it.effect("is not called back when its sender is interrupted", () =>
    Effect.gen(function* () {
      const { inner, store } = yield* linked({ latencyMs: [100, 100] })
      const sender = yield* Effect.forkChild(create(store), { startImmediately: true })
      yield* Fiber.interrupt(sender)
      yield* TestClock.adjust(100)
      assert.deepStrictEqual(yield* held(inner), { leader: "a" })
    })
  )

  it.effect("is told of a conflict and of a value that is too large as the store tells it", () =>
    Effect.gen(function* () {
      const { store } = yield* linked({ latencyMs: [1, 1] })
      yield* during(create(store), 2)
      assert.strictEqual((yield* during(told(create(store)), 2)).outcome, "RevisionMismatch")
      const large = store.put("plan", "plan", new Uint8Array(2 ** 21))
      assert.strictEqual((yield* during(told(large), 2)).outcome, "ValueTooLarge")
    })
  )

  it.effect("to put or to remove meets the same faults", () =>
    Effect.gen(function* () {
      const { inner, link, store } = yield* linked({ refused: 1 })
      yield* inner.put("live", "leader", bytes("a"))
      assert.strictEqual((yield* told(store.put("live", "leader", bytes("b")))).outcome, "NotApplied")
      assert.strictEqual((yield* told(store.remove("live", "leader"))).outcome, "NotApplied")
      assert.deepStrictEqual(yield* held(inner), { leader: "a" })
      assert.strictEqual((yield* link.faults).Refused, 2)
    })
  )
})

describe("An outage", () => {
  it.effect("leaves every request without a reply and without effect, until it ends", () =>
    Effect.gen(function* () {
      const { inner, link, store } = yield* linked()
      yield* link.outage(true)
      assert.deepStrictEqual(yield* during(told(create(store)), 1000), { at: 1000, outcome: "Unknown" })
      assert.deepStrictEqual(yield* held(inner), {})
      yield* link.outage(false)
      assert.strictEqual((yield* told(create(store))).outcome, "Applied")
      assert.deepStrictEqual(yield* link.faults, { ...noFaults, CutOff: 1 })
    })
  )

  it.effect("takes the reply of a request that had arrived", () =>
    Effect.gen(function* () {
      const { inner, link, store } = yield* linked({ latencyMs: [100, 100] })
      const sent = yield* Effect.forkChild(told(create(store)), { startImmediately: true })
      yield* TestClock.adjust(150)
      yield* link.outage(true)
      yield* TestClock.adjust(850)
      assert.deepStrictEqual(yield* Fiber.join(sent), { at: 1000, outcome: "Unknown" })
      assert.deepStrictEqual(yield* held(inner), { leader: "a" })
    })
  )

  it.effect("does not stop a late request, which lies at the store already", () =>
    Effect.gen(function* () {
      const { inner, link, store } = yield* linked({ late: 1, lateMs: [300, 301] })
      yield* during(told(create(store)), 1000)
      yield* link.outage(true)
      yield* TestClock.adjust("1 second")
      assert.deepStrictEqual(yield* held(inner), { leader: "a" })
      assert.deepStrictEqual(yield* link.faults, { ...noFaults, Late: 1 })
    })
  )

  it.effect("of requests leaves watches going", () =>
    Effect.gen(function* () {
      const { inner, link, store } = yield* linked()
      const watching = yield* Watching.open(store, "live", ["leader"])
      yield* link.outage("requests")
      yield* create(inner)
      yield* watching.untilShown("leader", "a")
      assert.strictEqual((yield* during(told(create(store)), 1000)).outcome, "Unknown")
    })
  )

  it.effect("of watches lets requests pass, and shows afterwards what it kept back", () =>
    Effect.gen(function* () {
      const { link, store } = yield* linked()
      const watching = yield* Watching.open(store, "live", ["leader"])
      yield* link.outage("watches")
      const shown = yield* Effect.forkChild(watching.untilShown("leader", "b"), { startImmediately: true })
      const revision = yield* create(store)
      yield* store.write("live", "leader", bytes("b"), { expected: revision })
      yield* TestClock.adjust("1 second")
      assert.strictEqual(shown.pollUnsafe(), undefined)
      assert.isFalse(watching.view.values.has("leader"))
      yield* link.outage(false)
      yield* Fiber.join(shown)
      assert.isNull(Watching.fault(watching.events))
    })
  )

  it.effect("of one link does not touch another over the same store", () =>
    Effect.gen(function* () {
      const { inner, link } = yield* linked()
      const other = yield* FaultyStore.make(inner, { seed: 2 })
      yield* link.outage(true)
      assert.strictEqual((yield* told(create(other.store))).outcome, "Applied")
    })
  )
})

describe("A watch", () => {
  it.effect("that is cut begins again, and tells what has gone meanwhile before it is synced", () =>
    Effect.gen(function* () {
      const { inner, link, store } = yield* linked()
      yield* inner.put("live", "worker.a", bytes("gone"))
      yield* inner.put("live", "worker.b", bytes("stays"))
      const watching = yield* Watching.open(store, "live", ["worker.>"])
      yield* inner.vanish("live", "worker.a")
      yield* link.cutWatches
      yield* watching.untilShown("worker.a", null)
      yield* watching.until(({ isSynced }) => isSynced)
      const again = watching.events
        .slice(4)
        .map((event) => (event._tag === "Entry" ? [event.key, event.value === null] : event._tag))
      assert.deepStrictEqual(again, ["Opened", ["worker.b", false], ["worker.a", true], "Synced"])
      assert.deepStrictEqual([...watching.view.values], [["worker.b", "stays"]])
      assert.strictEqual((yield* link.faults).Relisted, 1)
    })
  )

  it.effect("that is cut twice tells once what has gone", () =>
    Effect.gen(function* () {
      const { inner, link, store } = yield* linked()
      yield* inner.put("live", "worker.a", bytes("gone"))
      const watching = yield* Watching.open(store, "live", ["worker.>"])
      yield* inner.vanish("live", "worker.a")
      for (const value of ["1", "2"]) {
        yield* link.cutWatches
        yield* inner.put("live", "worker.b", bytes(value))
        yield* watching.untilShown("worker.b", value)
        yield* watching.until(({ isSynced }) => isSynced)
      }
      const gone = watching.events.filter((event) => event._tag === "Entry" && event.value === null)
      assert.lengthOf(gone, 1)
    })
  )

  it.effect("that loses its place at random still ends up with the truth", () =>
    Effect.gen(function* () {
      const { inner, link, store } = yield* linked({ relisted: 0.5 })
      const watching = yield* Watching.open(store, "live", ["worker.>", "leader"])
      for (let i = 0; i < 200; i++) {
        if (i % 3 === 0) yield* inner.remove("live", `worker.worker-${(i * 7) % 10}`)
        yield* inner.put("live", `worker.worker-${i % 10}`, bytes(`${i}`))
        yield* watching.until(({ values }) => values.get(`worker.worker-${i % 10}`) === `${i}`)
      }
      yield* create(inner, "end")
      yield* watching.until(({ isSynced, values }) => isSynced && values.has("leader"))
      assert.deepStrictEqual(Object.fromEntries(watching.view.values), yield* held(inner))
      assert.isNull(Watching.fault(watching.events))
      assert.isAbove((yield* link.faults).Relisted, 50)
    })
  )

  it.effect("that is held back shows later, in order, and leaves nothing out", () =>
    Effect.gen(function* () {
      const { inner, link, store } = yield* linked()
      const watching = yield* Watching.open(store, "live", ["leader", "worker.>"])
      yield* link.setRates({ held: 1, heldMs: [500, 500] })
      const shown = yield* Effect.forkChild(watching.untilShown("leader", "b"), { startImmediately: true })
      yield* inner.put("live", "leader", bytes("a"))
      yield* TestClock.adjust(100)
      yield* inner.put("live", "worker.a", bytes("a"))
      yield* inner.put("live", "leader", bytes("b"))
      yield* TestClock.adjust(399)
      assert.strictEqual(watching.events.length, 2)
      yield* TestClock.adjust(1)
      assert.strictEqual(watching.events.length, 3)
      yield* TestClock.adjust(500)
      yield* Fiber.join(shown)
      assert.strictEqual(watching.events.length, 5)
      assert.isNull(Watching.fault(watching.events))
      assert.deepStrictEqual(yield* link.faults, { ...noFaults, Held: 2 })
    })
  )

  it.effect("that is coalesced shows the newest of each key of a burst", () =>
    Effect.gen(function* () {
      const { inner, link, store } = yield* linked({ coalesced: 1 })
      const watching = yield* Watching.open(store, "live", ["leader", "worker.>"])
      for (const value of ["1", "2", "3"]) {
        yield* inner.put("live", "leader", bytes(value))
        yield* inner.put("live", "worker.a", bytes(value))
      }
      yield* watching.untilShown("worker.a", "3")
      const revisions = watching.events.flatMap((event) => (event._tag === "Entry" ? [event.revision] : []))
      assert.deepStrictEqual(revisions, [5, 6])
      assert.deepStrictEqual(yield* link.faults, { ...noFaults, Coalesced: 1 })
    })
  )

  it.effect("that is coalesced leaves a listing as it is", () =>
    Effect.gen(function* () {
      const entry = (revision: number): WatchEvent => ({ _tag: "Entry", key: "leader", revision, value: bytes("a") })
      const events: ReadonlyArray<WatchEvent> = [
        { _tag: "Opened", incarnation: "1" },
        entry(1),
        { _tag: "Synced" },
        entry(2)
      ]
      const inner = { ...(yield* MemoryStore.make()), watch: () => Stream.fromArray(events) }
      const { store } = yield* FaultyStore.make(inner, { seed: 1, rates: { coalesced: 1 } })
      const shown = yield* Stream.runCollect(Stream.take(store.watch("live", ["leader"]), 4))
      assert.deepStrictEqual(shown, events)
    })
  )

  it.effect("follows its store when that is reset", () =>
    Effect.gen(function* () {
      const { inner, link, store } = yield* linked()
      yield* create(inner)
      const watching = yield* Watching.open(store, "live", ["leader"])
      const before = watching.view.incarnation
      yield* inner.reset("live")
      yield* watching.until(({ incarnation, isSynced }) => incarnation !== before && isSynced)
      assert.isTrue(watching.view.gone.has("leader"))
      assert.strictEqual((yield* link.faults).Relisted, 0)
    })
  )

  it.effect("leaves nothing open, however often it was cut", () =>
    Effect.gen(function* () {
      const { inner, link, store } = yield* linked()
      yield* Effect.scoped(
        Effect.gen(function* () {
          const watching = yield* Watching.open(store, "live", ["leader"])
          for (let i = 0; i < 10; i++) {
            yield* link.cutWatches
            yield* inner.put("live", "leader", bytes(`${i}`))
            yield* watching.untilShown("leader", `${i}`)
            assert.strictEqual(yield* inner.watchCount, 1)
          }
        })
      )
      assert.strictEqual(yield* inner.watchCount, 0)
    })
  )

  it.effect("is closed when its reader is interrupted, also during an outage", () =>
    Effect.gen(function* () {
      const { inner, link, store } = yield* linked()
      yield* link.outage(true)
      const reader = yield* Effect.forkChild(Stream.runDrain(store.watch("live", ["leader"])), {
        startImmediately: true
      })
      assert.strictEqual(yield* inner.watchCount, 1)
      yield* Fiber.interrupt(reader)
      assert.strictEqual(yield* inner.watchCount, 0)
    })
  )
})

describe("A faulty store", () => {
  const outcomes = (seed: number) =>
    Effect.gen(function* () {
      const inner = yield* MemoryStore.make()
      const rates = { refused: 0.2, requestLost: 0.2, replyLost: 0.2, late: 0.2, latencyMs: [0, 100] } as const
      const { store } = yield* FaultyStore.make(inner, { seed, rates })
      const all: Array<unknown> = []
      for (let i = 0; i < 40; i++) all.push(yield* during(told(store.put("live", "leader", bytes(`${i}`))), 1000))
      return [all.map((each) => JSON.stringify(each)), yield* held(inner)]
    }).pipe(Effect.provide(TestClock.layer()))

  it.effect("meets the same faults with the same seed, and others with another", () =>
    Effect.gen(function* () {
      const [first, again, other] = [yield* outcomes(1), yield* outcomes(1), yield* outcomes(2)]
      assert.deepStrictEqual(again, first)
      assert.notDeepEqual(other, first)
    })
  )

  it.effect("changes its rates while it runs", () =>
    Effect.gen(function* () {
      const { link, store } = yield* linked({ refused: 1 })
      assert.strictEqual((yield* told(create(store))).outcome, "NotApplied")
      yield* link.setRates({ refused: 0 })
      assert.strictEqual((yield* told(create(store))).outcome, "Applied")
    })
  )

  it.effect("refuses shares of requests that add up to more than all", () =>
    Effect.gen(function* () {
      const exit = yield* Effect.exit(linked({ refused: 0.6, late: 0.6 }))
      assert.isTrue(Exit.isFailure(exit))
      const { link } = yield* linked()
      assert.isTrue(Exit.isFailure(yield* Effect.exit(link.setRates({ held: 2 }))))
    })
  )

  it.effect("drops the requests that are on their way when its scope ends", () =>
    Effect.gen(function* () {
      const inner = yield* MemoryStore.make()
      const scope = yield* Scope.make()
      const { store } = yield* FaultyStore.make(inner, { seed: 1, rates: { late: 1 } }).pipe(Scope.provide(scope))
      yield* during(told(create(store)), 1000)
      yield* Scope.close(scope, Exit.void)
      yield* TestClock.adjust("1 minute")
      assert.deepStrictEqual(yield* held(inner), {})
    })
  )

  it.effect("still serves those who end before it while its scope is being closed", () =>
    Effect.gen(function* () {
      const inner = yield* MemoryStore.make()
      const scope = yield* Scope.make()
      const { store } = yield* FaultyStore.make(inner, { seed: 1 }).pipe(Scope.provide(scope))
      yield* Scope.addFinalizer(scope, Effect.ignore(Effect.interruptible(create(store))))
      yield* during(Scope.close(scope, Exit.void), 10_000)
      assert.deepStrictEqual(yield* held(inner), { leader: "a" })
    })
  )
})
