import { assert, describe, it } from "@effect/vitest"
import { Deferred, Effect, Latch, Result } from "effect"
import { TestClock } from "effect/testing"
import * as Key from "../../src/model/Key.ts"
import * as ListCodec from "../../src/model/ListCodec.ts"
import type { Plan } from "../../src/model/Plan.ts"
import type { LeaderRecord, WorkerRecord } from "../../src/model/Record.ts"
import * as RecordCodec from "../../src/model/RecordCodec.ts"
import type { Write } from "../../src/protocol/Command.ts"
import type { Fact } from "../../src/protocol/Event.ts"
import * as Compression from "../../src/runtime/Compression.ts"
import { type CoordinationStore, StoreUnavailable } from "../../src/runtime/CoordinationStore.ts"
import type { Problem } from "../../src/runtime/Errors.ts"
import * as MemoryStore from "../../src/runtime/MemoryStore.ts"
import * as Writer from "../../src/runtime/Writer.ts"
import { idOf, partitionsOf } from "./Samples.ts"

type Store = (typeof CoordinationStore)["Service"]

const requestTimeoutMs = 1500

const record: LeaderRecord = {
  state: "live",
  workerId: idOf("w"),
  session: "s",
  epoch: 1,
  attempt: 1,
  leaseMs: 10_000,
  marginMs: 500
}

const worker: WorkerRecord = {
  state: "live",
  session: "s",
  after: null,
  attempt: 1,
  leaseMs: 10_000,
  marginMs: 500,
  instance: "",
  applied: { epoch: 1, version: 7 },
  draining: false,
  capacity: 1,
  zone: null
}

const plan: Plan = {
  epoch: 1,
  version: 7,
  leader: { id: idOf("w"), session: "s" },
  incarnation: "i",
  recovering: false,
  phase: { _tag: "Idle" },
  list: { version: 7, partitions: partitionsOf("a", "b") },
  workers: [{ id: idOf("w"), session: "s", member: true }],
  owner: [0, 0],
  next: [0, 0],
  token: [7, 7],
  handled: { rebalance: 0, refresh: 0 }
}

const setup = (
  change: (store: Store) => Partial<Store> = () => ({}),
  shown: (key: string) => Uint8Array | null = () => null,
  delayMs: () => number = () => 0
) =>
  Effect.gen(function* () {
    const memory = yield* MemoryStore.make()
    const facts: Array<Fact> = []
    const problems: Array<Problem> = []
    const writer = yield* Writer.make({
      store: { ...memory, ...change(memory) },
      compression: Compression.zlib,
      requestTimeoutMs,
      offer: (fact) => Effect.sync(() => void facts.push(fact)),
      problem: (problem) => Effect.sync(() => void problems.push(problem)),
      shown,
      loopDelay: { read: delayMs }
    })
    let serial = 0
    const write = (purpose: Write["purpose"], expected = 0): Write => ({
      serial: ++serial,
      purpose,
      issuedAt: 0,
      expected
    })
    const lead = (expected = 0) => writer.write({ _tag: "WriteLeader", write: write("Lead", expected), record })
    const publish = (publishList: boolean, expected = 0) =>
      writer.write({ _tag: "WritePlan", write: write("Plan", expected), plan, publishList })
    /** What came of each write, in order. */
    const answers = () =>
      facts.map((fact) => {
        switch (fact._tag) {
          case "WriteAccepted":
            return `${fact.write.serial} Accepted`
          case "WriteUnknown":
            return `${fact.write.serial} Unknown`
          case "WriteRejected":
            return `${fact.write.serial} ${fact.reason}`
          default:
            return assert.fail("a writer only answers")
        }
      })
    return { memory, writer, problems, lead, publish, answers }
  })

const turn = TestClock.adjust(0)

describe("A renewal", () => {
  /** What stands in the store after a write of the same record for each of these purposes, under these delays. */
  const written = (purpose: Write["purpose"], delayMs: number) =>
    Effect.gen(function* () {
      const stored: Array<Uint8Array> = []
      const { writer } = yield* setup(
        (store) => ({
          write: (bucket, key, value, options) => {
            stored.push(value)
            return store.write(bucket, key, value, options)
          }
        }),
        () => null,
        () => delayMs
      )
      const write: Write = { serial: 1, purpose, issuedAt: 0, expected: 0 }
      yield* writer.write({ _tag: "WriteWorker", write, workerId: idOf("w"), record: worker })
      yield* turn
      return stored.map((bytes) => Result.getOrThrow(RecordCodec.decodeWorker(bytes)))
    })

  it.effect("says how long the event loop was held up, in whole milliseconds", () =>
    Effect.gen(function* () {
      assert.deepStrictEqual(yield* written("Renew", 730.4), [{ ...worker, loopDelayMs: 730 }])
      assert.deepStrictEqual(yield* written("Renew", 50), [{ ...worker, loopDelayMs: 50 }])
    })
  )

  it.effect("says nothing of a delay that every event loop has", () =>
    Effect.map(written("Renew", 49.4), (records) => assert.deepStrictEqual(records, [worker]))
  )

  it.effect("can be read also after a machine has slept for days", () =>
    Effect.map(written("Renew", 1e9), (records) =>
      assert.deepStrictEqual(records, [{ ...worker, loopDelayMs: 86_400_000 }])
    )
  )

  it.effect.each(["Claim", "Release", "Evict", "Fence"] as const)("is alone in that: %s does not say it", (purpose) =>
    Effect.map(written(purpose, 730), (records) => assert.deepStrictEqual(records, [worker]))
  )
})

describe("A writer", () => {
  it.effect("answers a write that was taken, and one that was overtaken", () =>
    Effect.gen(function* () {
      const { answers, lead } = yield* setup()
      yield* lead()
      yield* lead()
      yield* turn
      assert.deepStrictEqual(answers(), ["1 Accepted", "2 Conflict"])
    })
  )

  it.effect("knows nothing of a write that is not answered in time, and tells so once", () =>
    Effect.gen(function* () {
      const { answers, lead } = yield* setup(() => ({ write: () => Effect.never }))
      yield* lead()
      yield* TestClock.adjust(requestTimeoutMs - 1)
      assert.deepStrictEqual(answers(), [])
      yield* TestClock.adjust("1 hour")
      assert.deepStrictEqual(answers(), ["1 Unknown"])
    })
  )

  const outcomes = ["NotApplied", "Unknown"] as const
  it.effect.each(outcomes)("passes on what the store says of a write that failed: %s", (outcome) =>
    Effect.gen(function* () {
      const failure = new StoreUnavailable({ operation: "write", outcome, reason: "test" })
      const { answers, lead, problems } = yield* setup(() => ({ write: () => Effect.fail(failure) }))
      yield* lead()
      yield* turn
      assert.deepStrictEqual(answers(), [`1 ${outcome}`])
      assert.deepStrictEqual(problems, [], "that much is everyday life")
    })
  )

  it.effect("knows nothing of a write at which the store died, and tells people", () =>
    Effect.gen(function* () {
      const { answers, lead, problems } = yield* setup(() => ({ write: () => Effect.die(new Error("bug")) }))
      yield* lead()
      yield* turn
      assert.deepStrictEqual(answers(), ["1 Unknown"])
      assert.include(problems[0]?.message, "bug")
    })
  )

  it.effect("tells people of a value that is too large", () =>
    Effect.gen(function* () {
      const small = yield* MemoryStore.make({ maxValueBytes: 10 })
      const { answers, lead, problems } = yield* setup(() => small)
      yield* lead()
      yield* turn
      assert.deepStrictEqual(answers(), ["1 NotApplied"])
      assert.include(problems[0]?.message, "max_payload")
    })
  )

  it.effect("writes to one key in the order of the orders, each after the one before was answered", () =>
    Effect.gen(function* () {
      const gate = yield* Latch.make(false)
      const keys: Array<string> = []
      const { answers, lead, publish } = yield* setup((store) => ({
        write: (bucket, key, value, options) => {
          keys.push(key)
          return Effect.andThen(key === Key.leader ? gate.await : Effect.void, store.write(bucket, key, value, options))
        }
      }))
      yield* lead(0)
      yield* lead(1)
      yield* publish(false)
      yield* turn
      assert.deepStrictEqual(keys, [Key.leader, Key.plan], "another key does not wait")
      assert.deepStrictEqual(answers(), ["3 Accepted"])
      yield* gate.open
      yield* turn
      assert.deepStrictEqual(answers(), ["3 Accepted", "1 Accepted", "2 Accepted"])
    })
  )

  it.effect("creates the pieces of a list before the plan that names it", () =>
    Effect.gen(function* () {
      const keys: Array<string> = []
      const { answers, publish } = yield* setup((store) => ({
        write: (bucket, key, value, options) => {
          keys.push(key)
          return store.write(bucket, key, value, options)
        }
      }))
      yield* publish(true)
      yield* turn
      assert.deepStrictEqual(keys, [Key.listChunk(7, 0), Key.plan])
      assert.deepStrictEqual(answers(), ["1 Accepted"])
    })
  )

  it.effect("does not write a plan whose pieces could not be created: that much is certain", () =>
    Effect.gen(function* () {
      const keys: Array<string> = []
      const { answers, publish } = yield* setup(() => ({
        write: (_, key) => {
          keys.push(key)
          return Effect.never
        }
      }))
      yield* publish(true)
      yield* TestClock.adjust(requestTimeoutMs)
      assert.deepStrictEqual(keys, [Key.listChunk(7, 0)])
      assert.deepStrictEqual(answers(), ["1 NotApplied"])
    })
  )

  it.effect("takes a piece that is there already for written if it is the same, and for another leader's if not", () =>
    Effect.gen(function* () {
      const [piece = assert.fail("one piece")] = ListCodec.encode(plan.list, Compression.zlib)
      const same = yield* setup(undefined, () => piece.bytes)
      yield* same.memory.write("plan", piece.key, piece.bytes, { expected: 0 })
      yield* same.publish(true)
      const other = yield* setup(undefined, () => new Uint8Array([1]))
      yield* other.memory.write("plan", piece.key, new Uint8Array([1]), { expected: 0 })
      yield* other.publish(true)
      yield* turn
      assert.deepStrictEqual(same.answers(), ["1 Accepted"])
      assert.deepStrictEqual(other.answers(), ["1 Conflict"])
    })
  )

  it.effect("leaves nothing running when its scope is closed", () =>
    Effect.gen(function* () {
      const interrupted = yield* Deferred.make<void>()
      const never = Effect.onInterrupt(Effect.never, () => Deferred.succeed(interrupted, undefined))
      yield* Effect.scoped(
        Effect.gen(function* () {
          const { lead } = yield* setup(() => ({ write: () => never }))
          yield* lead()
        })
      )
      yield* Deferred.await(interrupted)
    })
  )
})
