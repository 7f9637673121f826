import { assert, describe, it } from "@effect/vitest"
import { Effect, Latch, Stream } from "effect"
import { TestClock } from "effect/testing"
import * as ListCodec from "../../src/model/ListCodec.ts"
import type { Plan } from "../../src/model/Plan.ts"
import * as PlanCodec from "../../src/model/PlanCodec.ts"
import * as RecordCodec from "../../src/model/RecordCodec.ts"
import type { LeaderRecord } from "../../src/model/Record.ts"
import type { Fact } from "../../src/protocol/Event.ts"
import * as Compression from "../../src/runtime/Compression.ts"
import { type CoordinationStore, StoreMisconfigured, StoreUnavailable } from "../../src/runtime/CoordinationStore.ts"
import type { Problem } from "../../src/runtime/Errors.ts"
import * as MemoryStore from "../../src/runtime/MemoryStore.ts"
import * as Watcher from "../../src/runtime/Watcher.ts"
import { idOf, partitionsOf } from "./Samples.ts"

type Store = (typeof CoordinationStore)["Service"]

const leader: LeaderRecord = {
  state: "live",
  workerId: idOf("w"),
  session: "s",
  epoch: 1,
  attempt: 1,
  leaseMs: 10_000,
  marginMs: 500
}

const plan: Plan = {
  epoch: 1,
  version: 7,
  leader: { id: idOf("w"), session: "s" },
  incarnation: "i",
  recovering: false,
  phase: { _tag: "Idle" },
  list: { version: 7, partitions: partitionsOf("a", "b") },
  workers: [],
  owner: [-1, -1],
  next: [-1, -1],
  token: [0, 0],
  handled: { rebalance: 0, refresh: 0 }
}

const head = PlanCodec.encode(plan, Compression.zlib).head
const chunks = ListCodec.encode(plan.list, Compression.zlib)

const setup = (change: (store: Store) => Partial<Store> = () => ({})) =>
  Effect.gen(function* () {
    const store = yield* MemoryStore.make()
    const facts: Array<Fact> = []
    const problems: Array<Problem> = []
    const misconfigured: Array<StoreMisconfigured> = []
    let piecesChanged = 0
    const open = Watcher.make({
      store: { ...store, ...change(store) },
      compression: Compression.zlib,
      offer: (fact) => Effect.sync(() => void facts.push(fact)),
      problem: (problem) => Effect.sync(() => void problems.push(problem)),
      misconfigured: (error) => Effect.sync(() => void misconfigured.push(error)),
      piecesChanged: Effect.sync(() => void (piecesChanged += 1))
    })
    const put = (bucket: "live" | "plan", key: string, value: Uint8Array) =>
      Effect.asVoid(store.put(bucket, key, value))
    /** The facts since the last look, by their names. */
    const tags = () => facts.splice(0).map(({ _tag }) => _tag)
    return { store, open, put, facts, tags, problems, misconfigured, piecesChanged: () => piecesChanged }
  })

const turn = TestClock.adjust(0)

describe("A watcher", () => {
  it.effect("shows the plan with its list, from the pieces in whatever order they are listed", () =>
    Effect.gen(function* () {
      const { facts, open, put, tags } = yield* setup()
      yield* put("plan", "plan", head)
      for (const { bytes, key } of chunks) yield* put("plan", key, bytes)
      yield* open
      yield* turn
      const [opened, observed, synced] = facts
      assert.deepStrictEqual(tags(), ["PlanOpened", "PlanObserved", "PlanSynced"])
      assert.deepInclude(observed, { _tag: "PlanObserved", revision: 1, plan })
      assert.isDefined(opened)
      assert.isDefined(synced)
    })
  )

  it.effect("tells of a plan whose list is not there, once everything has been listed", () =>
    Effect.gen(function* () {
      const { facts, open, put, tags } = yield* setup()
      yield* put("plan", "plan", head)
      yield* open
      yield* turn
      assert.deepInclude(facts[1], { _tag: "RecordUndecodable", key: "plan", revision: 1 })
      assert.deepStrictEqual(tags(), ["PlanOpened", "RecordUndecodable", "PlanSynced"])
      for (const { bytes, key } of chunks) yield* put("plan", key, bytes)
      yield* turn
      assert.deepStrictEqual(tags(), ["PlanObserved"], "and of the plan when the list is back")
    })
  )

  it.effect("tries again where the store throws as it is asked for a watch", () =>
    Effect.gen(function* () {
      let asked = 0
      const { open, problems, tags } = yield* setup((store) => ({
        watch: (bucket, patterns) => {
          asked += 1
          if (asked === 1) throw new Error("not made for this")
          return store.watch(bucket, patterns)
        }
      }))
      yield* open
      yield* TestClock.adjust(100)
      assert.deepInclude(problems[0], { _tag: "WatchFailed", bucket: "plan", retryInMs: 100 })
      assert.deepStrictEqual(tags(), ["PlanOpened", "PlanSynced"])
    })
  )

  it.effect("is not sent the log of decisions", () =>
    Effect.gen(function* () {
      const shown: Array<string> = []
      const { open, put } = yield* setup((store) => ({
        watch: (bucket, patterns) =>
          Stream.tap(store.watch(bucket, patterns), (seen) =>
            Effect.sync(() => void shown.push(seen._tag === "Entry" ? seen.key : seen._tag))
          )
      }))
      yield* put("plan", "decision.1", new Uint8Array())
      yield* open
      yield* put("plan", "evidence.1", new Uint8Array())
      yield* put("plan", "decision.2", new Uint8Array())
      yield* turn
      assert.deepStrictEqual(shown, ["Opened", "Synced"])
    })
  )

  it.effect("tells of records that cannot be read, with key and revision, and goes on", () =>
    Effect.gen(function* () {
      const { facts, open, put } = yield* setup()
      const watcher = yield* open
      yield* watcher.watchLive({ _tag: "Whole" }, 3)
      yield* put("live", "leader", new Uint8Array([1, 2, 3]))
      yield* put("live", "worker.w", new TextEncoder().encode(`{"v":99}`))
      yield* put("plan", "control.pause", new TextEncoder().encode("{}"))
      yield* put("plan", "control.refresh", RecordCodec.encodeControl({ _tag: "Refresh", serial: 5 }))
      yield* put("plan", "partitions.x.y", new Uint8Array())
      yield* turn
      const undecodable = facts.flatMap((fact) =>
        fact._tag === "RecordUndecodable" ? [`${fact.bucket}/${fact.key}`] : []
      )
      assert.sameMembers(undecodable, ["live/leader", "live/worker.w", "plan/control.pause", "plan/partitions.x.y"])
      assert.isTrue(facts.some((fact) => fact._tag === "RecordUndecodable" && fact.reason.includes("newer")))
      assert.isTrue(facts.some((fact) => fact._tag === "ControlObserved" && fact.control._tag === "Refresh"))
    })
  )

  it.effect("closes one watch of the leases before it opens the next, which bears the new serial", () =>
    Effect.gen(function* () {
      const { facts, open, put, store } = yield* setup()
      const watcher = yield* open
      yield* put("live", "leader", RecordCodec.encodeLeader(leader))
      yield* watcher.watchLive({ _tag: "Whole" }, 1)
      yield* turn
      yield* watcher.watchLive({ _tag: "Own", workerId: idOf("w") }, 2)
      yield* turn
      assert.strictEqual(yield* store.watchCount, 2, "one of each bucket")
      yield* put("live", "worker.other", new Uint8Array())
      yield* turn
      const serials = facts.flatMap((fact) => ("serial" in fact ? [`${fact.serial} ${fact._tag}`] : []))
      assert.deepStrictEqual(serials, [
        "1 LiveOpened",
        "1 LeaderObserved",
        "1 LiveSynced",
        "2 LiveOpened",
        "2 LeaderObserved",
        "2 LiveSynced"
      ])
    })
  )

  it.effect("opens a watch again that broke off, ever less often, and says so", () =>
    Effect.gen(function* () {
      let opened = 0
      let isDown = true
      const failure = new StoreUnavailable({ operation: "watch", outcome: "NotApplied", reason: "away" })
      const { open, problems, tags } = yield* setup((store) => ({
        watch: (bucket, patterns) =>
          Stream.suspend(() => {
            opened += 1
            return isDown ? Stream.fail(failure) : store.watch(bucket, patterns)
          })
      }))
      yield* open
      yield* TestClock.adjust("1 minute")
      assert.isAtLeast(opened, 15)
      assert.isAtMost(opened, 20)
      assert.lengthOf(problems, opened)
      assert.include(problems[0]?.message, "away")
      isDown = false
      yield* TestClock.adjust("5 seconds")
      assert.deepStrictEqual(tags(), ["PlanOpened", "PlanSynced"])
    })
  )

  it.effect("takes a watch that ends for one that broke off", () =>
    Effect.gen(function* () {
      const { open, problems } = yield* setup(() => ({ watch: () => Stream.empty }))
      yield* open
      yield* TestClock.adjust("1 second")
      assert.isAbove(problems.length, 1)
    })
  )

  it.effect("says what is wrong with a store that cannot be used, and goes on trying", () =>
    Effect.gen(function* () {
      const wrong = new StoreMisconfigured({ bucket: "b", setting: "history", is: "5", shouldBe: "1" })
      const { misconfigured, open } = yield* setup(() => ({ watch: () => Stream.fail(wrong) }))
      yield* open
      yield* TestClock.adjust("1 second")
      assert.isAbove(misconfigured.length, 1)
      assert.strictEqual(misconfigured[0], wrong)
    })
  )

  it.effect("knows which pieces are of no more use, and which are missing", () =>
    Effect.gen(function* () {
      const { open, piecesChanged, put, store } = yield* setup()
      yield* put("plan", "partitions.3.0", new Uint8Array())
      for (const { bytes, key } of chunks) yield* put("plan", key, bytes)
      yield* put("plan", "plan", head)
      const watcher = yield* open
      yield* turn
      assert.deepStrictEqual(watcher.staleKeys(7), ["partitions.3.0"])
      assert.deepStrictEqual(watcher.missingKeys(), [])
      const before = piecesChanged()
      yield* store.remove("plan", "partitions.7.0")
      yield* turn
      assert.deepStrictEqual(watcher.missingKeys(), ["partitions.7.0"])
      assert.isAbove(piecesChanged(), before)
    })
  )

  it.effect("closes everything with its scope, also a watch that is being replaced", () =>
    Effect.gen(function* () {
      const gate = yield* Latch.make(false)
      const { open, store } = yield* setup()
      yield* Effect.scoped(
        Effect.gen(function* () {
          const watcher = yield* open
          yield* watcher.watchLive({ _tag: "Whole" }, 1)
          yield* watcher.watchLive({ _tag: "Whole" }, 2)
          yield* turn
        })
      )
      yield* gate.open
      assert.strictEqual(yield* store.watchCount, 0)
    })
  )
})
