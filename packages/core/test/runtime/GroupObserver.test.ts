import { assert, describe, it } from "@effect/vitest"
import { Effect, Exit, Fiber, Latch, Scope, Stream } from "effect"
import { TestClock } from "effect/testing"
import * as RecordCodec from "../../src/model/RecordCodec.ts"
import type { WorkerRecord } from "../../src/model/Record.ts"
import { CoordinationStore, StoreMisconfigured } from "../../src/runtime/CoordinationStore.ts"
import * as GroupObserver from "../../src/runtime/GroupObserver.ts"
import * as MemoryStore from "../../src/runtime/MemoryStore.ts"
import * as Group from "./Group.ts"

type Store = (typeof CoordinationStore)["Service"]

const record: WorkerRecord = {
  state: "live",
  session: "s",
  after: null,
  attempt: 1,
  leaseMs: 10_000,
  marginMs: 500,
  instance: "i",
  applied: { epoch: 1, version: 2 },
  draining: false,
  capacity: 2,
  zone: "z"
}

const observe = (store: Store) =>
  GroupObserver.make("test").pipe(Effect.provideService(CoordinationStore, store), Effect.orDie)

/** A group of three that has settled, and who watches it. */
const watched = Effect.gen(function* () {
  const group = yield* Group.settled(["a", "b", "c"], { partitions: Group.partitions(12) })
  const observer = yield* observe(group.store)
  return { group, observer }
})

const beat = (store: Store, attempt: number) =>
  store.put("live", "worker.w", RecordCodec.encodeWorker({ ...record, attempt }))

describe("An observer", () => {
  it.effect("shows plan, leases and leader of a group, and takes no part in it", () =>
    Effect.gen(function* () {
      const { group, observer } = yield* watched
      const { leader, plan, view, workers } = yield* observer.current
      assert.deepStrictEqual(
        view.workers.map(({ partitions }) => partitions),
        [4, 4, 4]
      )
      assert.strictEqual(plan?.version, view.version)
      assert.strictEqual(leader?.record.workerId, view.leader)
      assert.deepStrictEqual(
        workers.map(({ id, record: { applied, session, state } }) => ({ id, session, state, applied })),
        view.workers.map(({ id, session }) => ({
          id,
          session,
          state: "live" as const,
          applied: { epoch: view.epoch, version: view.version }
        }))
      )
      const writes = Effect.all([group.store.revision("live"), group.store.revision("plan")]).pipe(
        Effect.map(([live, planned]) => live + planned)
      )
      const before = { accepted: yield* writes, byWorkers: group.written.length }
      yield* Group.pass("1 minute")
      assert.strictEqual((yield* writes) - before.accepted, group.written.length - before.byWorkers)
    })
  )

  it.effect("shows which version of the software each worker runs, and how its event loop fares", () =>
    Effect.gen(function* () {
      const group = yield* Group.make({ partitions: Group.partitions(6) })
      let delayMs = 0
      yield* group.join("a", { config: { workerId: "a", version: "2.0.1" } })
      yield* group.join("b", { config: { workerId: "b" }, delayMs: () => delayMs })
      yield* Group.pass("1 minute")
      const observer = yield* observe(group.store)
      const shown = Effect.map(observer.current, ({ view, workers }) => ({
        versions: view.workers.map(({ id, version }) => [String(id), version]),
        delays: workers.map(({ id, record: { loopDelayMs } }) => [String(id), loopDelayMs])
      }))
      const versions = [
        ["a", "2.0.1"],
        ["b", null]
      ]
      assert.deepStrictEqual(yield* shown, {
        versions,
        delays: [
          ["a", undefined],
          ["b", undefined]
        ]
      })
      delayMs = 1200
      yield* Group.pass("2 seconds")
      assert.deepStrictEqual(yield* shown, {
        versions,
        delays: [
          ["a", undefined],
          ["b", 1200]
        ]
      })
      delayMs = 0
      yield* Group.pass("4 seconds")
      assert.deepStrictEqual(yield* shown, {
        versions,
        delays: [
          ["a", undefined],
          ["b", undefined]
        ]
      })
      const own = yield* group.member("a").parti.group
      assert.deepStrictEqual(
        own.workers.map(({ version }) => version),
        [null, null],
        "a worker reads plans alone"
      )
    })
  )

  it.effect("tells no version of the session before", () =>
    Effect.gen(function* () {
      const { group, observer } = yield* watched
      const { view } = yield* observer.current
      const [first = assert.fail("there are three")] = view.workers
      const later = { ...record, session: "another", version: "3" }
      yield* group.store.put("live", `worker.${first.id}`, RecordCodec.encodeWorker(later))
      yield* TestClock.adjust(0)
      const { workers } = yield* observer.current
      assert.strictEqual(workers.find(({ id }) => id === first.id)?.record.version, "3")
      assert.isNull((yield* observer.current).view.workers.find(({ session }) => session === first.session)?.version)
    })
  )

  it.effect("follows a worker that crashes to its eviction and to the plan that replaces it", () =>
    Effect.gen(function* () {
      const { group, observer } = yield* watched
      const [victim = assert.fail("two follow")] = group.followers()
      const id = yield* victim.parti.workerId
      const gone = yield* observer.changes.pipe(
        Stream.takeUntil(({ view }) => view.workers.length === 2 && view.unowned === 0),
        Stream.runLast,
        Effect.forkChild({ startImmediately: true })
      )
      yield* victim.crash
      yield* Group.pass("1 minute")
      yield* Fiber.join(gone)
      const { view, workers } = yield* observer.current
      assert.strictEqual(workers.find((one) => one.id === id)?.record.state, "evicted")
      assert.strictEqual(view.lastRebalance?.reason, "emergency")
    })
  )

  it.effect("counts the age of a record from the last change of its revision, whatever is listed again", () =>
    Effect.gen(function* () {
      const store = yield* MemoryStore.make()
      yield* beat(store, 1)
      const observer = yield* observe(store)
      const ages = Effect.map(observer.current, ({ workers }) => workers.map(({ unchangedMs }) => unchangedMs))
      yield* TestClock.adjust("3 seconds")
      assert.deepStrictEqual(yield* ages, [3000])
      yield* beat(store, 2)
      yield* TestClock.adjust("1 second")
      assert.deepStrictEqual(yield* ages, [1000])
      yield* store.reset("live")
      yield* TestClock.adjust(0)
      assert.deepStrictEqual(yield* ages, [], "what a lost bucket held is gone")
    })
  )

  it.effect("does not take a listing that begins anew for a change", () =>
    Effect.gen(function* () {
      const memory = yield* MemoryStore.make()
      yield* beat(memory, 1)
      const breaks = yield* Latch.make(false)
      const store: Store = {
        ...memory,
        watch: (bucket, patterns) => Stream.interruptWhen(memory.watch(bucket, patterns), breaks.await)
      }
      const observer = yield* observe(store)
      yield* TestClock.adjust("3 seconds")
      yield* breaks.open
      yield* TestClock.adjust("1 second")
      yield* breaks.close
      yield* TestClock.adjust("10 seconds")
      assert.deepStrictEqual(
        (yield* observer.current).workers.map(({ unchangedMs }) => unchangedMs),
        [14_000]
      )
    })
  )

  it.effect("says when what it shows was written, where the store can tell", () =>
    Effect.gen(function* () {
      const memory = yield* MemoryStore.make()
      const writtenAt = 1_700_000_000_000
      const store: Store = {
        ...memory,
        watch: (bucket, patterns) =>
          Stream.map(memory.watch(bucket, patterns), (seen) => (seen._tag === "Entry" ? { ...seen, writtenAt } : seen))
      }
      yield* beat(store, 1)
      yield* store.put("plan", "control.pause", RecordCodec.encodeControl({ _tag: "Pause", paused: true }))
      const [told, silent] = yield* Effect.all([observe(store), observe(memory)])
      assert.deepInclude(yield* told.current, { pauseWrittenAt: writtenAt, planWrittenAt: null })
      assert.strictEqual((yield* told.current).workers[0]?.writtenAt, writtenAt)
      assert.strictEqual((yield* silent.current).workers[0]?.writtenAt, null)
    })
  )

  it.effect("names what cannot be read, keeps what was read before, and forgets it once it can be read", () =>
    Effect.gen(function* () {
      const store = yield* MemoryStore.make()
      yield* beat(store, 1)
      yield* store.put("plan", "plan", new Uint8Array([1]))
      const observer = yield* observe(store)
      yield* store.put("live", "worker.w", new TextEncoder().encode(`{"v":99}`))
      yield* TestClock.adjust(0)
      const { plan, undecodable, workers } = yield* observer.current
      assert.isNull(plan)
      assert.deepStrictEqual(
        undecodable.map(({ bucket, key }) => `${bucket}/${key}`),
        ["plan/plan", "live/worker.w"]
      )
      assert.include(undecodable[1]?.reason, "newer")
      assert.deepStrictEqual(workers[0]?.record, record)
      yield* beat(store, 2)
      yield* store.remove("plan", "plan")
      yield* TestClock.adjust(0)
      assert.deepStrictEqual((yield* observer.current).undecodable, [])
    })
  )

  it.effect("fails when the store cannot be used as it is", () =>
    Effect.gen(function* () {
      const wrong = new StoreMisconfigured({ bucket: "b", setting: "history", is: "5", shouldBe: "1" })
      const store: Store = { ...(yield* MemoryStore.make()), watch: () => Stream.fail(wrong) }
      const error = yield* GroupObserver.make("test").pipe(Effect.provideService(CoordinationStore, store), Effect.flip)
      assert.strictEqual(error, wrong)
    })
  )

  it.effect("leaves nothing behind, and its changes end with it", () =>
    Effect.gen(function* () {
      const store = yield* MemoryStore.make()
      const scope = yield* Scope.make()
      const observer = yield* Scope.provide(observe(store), scope)
      const seen = yield* Effect.forkChild(Stream.runCollect(observer.changes), { startImmediately: true })
      yield* Scope.close(scope, Exit.void)
      assert.isNotEmpty(yield* Fiber.join(seen))
      assert.strictEqual(yield* store.watchCount, 0)
    })
  )
})

describe("The orders of an observer", () => {
  it.effect("are obeyed: no planned rebalance while the group is paused, one after it is resumed", () =>
    Effect.gen(function* () {
      const { group, observer } = yield* watched
      yield* observer.pause
      assert.isTrue((yield* observer.current).isPaused, "it shows what it has ordered")
      const since = yield* group.now
      yield* group.join("d")
      yield* Group.pass("5 minutes")
      assert.deepStrictEqual(Group.moved(group.intervals, since), [])
      yield* observer.resume
      yield* Group.pass("1 minute")
      assert.isFalse((yield* observer.current).isPaused)
      assert.lengthOf(Group.moved(group.intervals, since), 3)
    })
  )

  it.effect("drain a worker, and take that back, at once if need be", () =>
    Effect.gen(function* () {
      const { group, observer } = yield* watched
      const [follower = assert.fail("two follow")] = group.followers()
      const id = (yield* follower.parti.workerId) ?? assert.fail("it has a name")
      yield* observer.drain(id)
      yield* observer.undrain(id)
      yield* observer.drain(id)
      yield* Group.pass("1 minute")
      assert.isUndefined(group.running()[follower.process])
      assert.deepStrictEqual(
        (yield* observer.current).drains.map(({ workerId }) => workerId),
        [id]
      )
      yield* observer.undrain(id)
      yield* Group.pass("1 minute")
      Group.assertBalanced(group, 12, ["a", "b", "c"])
      assert.deepStrictEqual((yield* observer.current).drains, [])
    })
  )

  it.effect("refuse workers that nobody knows, and name those there are", () =>
    Effect.gen(function* () {
      const { observer } = yield* watched
      const [error, none] = yield* Effect.all([Effect.flip(observer.drain("w9")), Effect.flip(observer.undrain("w9"))])
      assert.deepInclude(error, { _tag: "WorkerUnknown", workerId: "w9" })
      assert.include(error.message, (yield* observer.current).workers.map(({ id }) => id).join(", "))
      assert.deepInclude(none, { _tag: "WorkerUnknown", known: [] })
    })
  )

  it.effect("ask for rebalances under numbers that the leader has not handled", () =>
    Effect.gen(function* () {
      const { observer } = yield* watched
      const handled = Effect.map(observer.current, ({ plan }) => plan?.handled.rebalance ?? 0)
      const before = yield* handled
      yield* observer.rebalance
      yield* observer.rebalance
      yield* Group.pass("1 minute")
      assert.isAbove(yield* handled, before)
      assert.strictEqual((yield* observer.current).view.lastRebalance?.reason, "requested")
    })
  )

  it.effect("fail when the store does not answer, and say that the order may have landed", () =>
    Effect.gen(function* () {
      const store: Store = { ...(yield* MemoryStore.make()), put: () => Effect.never }
      const observer = yield* observe(store)
      const failure = yield* Effect.forkChild(Effect.flip(observer.pause), { startImmediately: true })
      yield* TestClock.adjust("2 seconds")
      assert.deepInclude(yield* Fiber.join(failure), { _tag: "StoreUnavailable", outcome: "Unknown" })
    })
  )

  it.effect("are done when the store has accepted them, even if the watch does not show it", () =>
    Effect.gen(function* () {
      const memory = yield* MemoryStore.make()
      const store: Store = { ...memory, put: (_, __, value) => memory.put("plan", "control.other", value) }
      const observer = yield* observe(store)
      const paused = yield* Effect.forkChild(observer.pause, { startImmediately: true })
      yield* TestClock.adjust("2 seconds")
      yield* Fiber.join(paused)
      assert.isFalse((yield* observer.current).isPaused)
    })
  )
})
