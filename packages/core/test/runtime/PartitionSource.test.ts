import { assert, describe, it } from "@effect/vitest"
import { Clock, Data, Effect, Fiber, Queue, Result, Stream, SubscriptionRef } from "effect"
import { TestClock } from "effect/testing"
import * as Partition from "../../src/model/Partition.ts"
import * as PartitionSource from "../../src/runtime/PartitionSource.ts"

class DatabaseAway extends Data.TaggedError("DatabaseAway")<{ readonly message: string }> {}

const list = (...keys: ReadonlyArray<string>) => keys.map((key) => ({ keys: [key] }))

const canonical = (...keys: ReadonlyArray<string>) => Result.getOrThrow(Partition.normalise(list(...keys)))

/** Ids in alphabetical order, or why there are none. */
const told = (listed: PartitionSource.Listed): string =>
  Result.isSuccess(listed) ? listed.success.map(Partition.id).sort().join(" ") : listed.failure.message

/** Follows a source, and notes what it shows and when. */
const followed = (source: PartitionSource.PartitionSource) =>
  Effect.gen(function* () {
    const log: Array<string> = []
    const note = (listed: PartitionSource.Listed) =>
      Effect.map(Clock.currentTimeMillis, (at) => void log.push(`${at}: ${told(listed)}`))
    const fiber = yield* Effect.forkChild(Stream.runForEach(source.changes, note), { startImmediately: true })
    yield* TestClock.adjust(0)
    return { log, fiber }
  })

/** Answers what the script says, then its last line for ever. */
const scripted = <E>(...answers: ReadonlyArray<Effect.Effect<ReadonlyArray<Partition.PartitionInput>, E>>) => {
  let asked = 0
  const ask = Effect.suspend(() => answers[Math.min(asked++, answers.length - 1)] ?? Effect.die("no script"))
  return { ask, count: () => asked }
}

const away = Effect.fail(new DatabaseAway({ message: "database away" }))

describe("A fixed source", () => {
  it.effect("shows its list in canonical order, and answers with it", () =>
    Effect.gen(function* () {
      const source = yield* PartitionSource.fixed(list("c", "a", "b", "a"))
      assert.deepStrictEqual(yield* source.read, canonical("a", "b", "c"))
      const first = yield* Stream.runCollect(Stream.take(source.changes, 1))
      assert.deepStrictEqual(first.map(Result.getOrThrow), [canonical("a", "b", "c")])
    })
  )

  it.effect("shows each update, to each follower", () =>
    Effect.gen(function* () {
      const source = yield* PartitionSource.fixed(list("a"))
      const early = yield* followed(source)
      yield* source.update(list("a", "b"))
      const late = yield* followed(source)
      yield* source.update([])
      yield* TestClock.adjust(0)
      assert.deepStrictEqual(early.log, ["0: a", "0: a b", "0: "])
      assert.deepStrictEqual(late.log, ["0: a b", "0: "])
      assert.deepStrictEqual(yield* source.read, [])
    })
  )

  it.effect("refuses a list that breaks a rule, names it, and keeps the previous one", () =>
    Effect.gen(function* () {
      const source = yield* PartitionSource.fixed(list("a"))
      const { log } = yield* followed(source)
      const weight = yield* Effect.flip(source.update([{ keys: ["b"], weight: -1 }]))
      assert.include(weight.message, `weight -1 of partition ["b"] not usable: it must be finite and not negative`)
      assert.instanceOf(weight.cause, Partition.PartitionInvalid)
      const twice = yield* Effect.flip(
        source.update([
          { keys: ["b"], weight: 1 },
          { keys: ["b"], weight: 2 }
        ])
      )
      assert.instanceOf(twice.cause, Partition.DuplicatePartition)
      assert.include(twice.message, "the last good list stays in force")
      assert.deepStrictEqual(yield* source.read, canonical("a"))
      assert.deepStrictEqual(log, ["0: a"])
    })
  )

  it.effect("is not made of a list that breaks a rule", () =>
    Effect.gen(function* () {
      const error = yield* Effect.flip(PartitionSource.fixed([{ keys: [] }]))
      assert.include(error.message, "keys [] not usable: there must be at least one")
    })
  )
})

describe("A source that is asked", () => {
  it.effect("is asked at once, and then so long after each answer", () =>
    Effect.gen(function* () {
      const slow = Effect.delay(Effect.succeed(list("b")), 2000)
      const { ask } = scripted(Effect.succeed(list("a")), slow, Effect.succeed(list("c")))
      const { log } = yield* followed(PartitionSource.fromEffect(ask, { every: "10 seconds" }))
      yield* TestClock.adjust("30 seconds")
      assert.deepStrictEqual(log, ["0: a", "12000: b", "22000: c"])
    })
  )

  it.effect("shows a failure, and is asked again after 1, 2, 4, … up to 60 seconds, for ever", () =>
    Effect.gen(function* () {
      const { log } = yield* followed(PartitionSource.fromEffect(away, { every: "10 seconds" }))
      yield* TestClock.adjust("5 minutes")
      const at = log.map((line) => Number.parseInt(line) / 1000)
      assert.deepStrictEqual(at, [0, 1, 3, 7, 15, 31, 63, 123, 183, 243])
      assert.strictEqual(
        log[0],
        "0: no list of partitions from the source: database away; the last good list stays in force"
      )
    })
  )

  it.effect("is asked as usual again after an answer, and its back-off begins anew", () =>
    Effect.gen(function* () {
      const { ask } = scripted(away, away, Effect.succeed(list("a")), away, Effect.succeed(list("b")))
      const { log } = yield* followed(PartitionSource.fromEffect(ask, { every: "10 seconds" }))
      yield* TestClock.adjust("15 seconds")
      const at = log.map((line) => Number.parseInt(line))
      assert.deepStrictEqual(at, [0, 1000, 3000, 13_000, 14_000])
      assert.strictEqual(log.at(-1), "14000: b")
    })
  )

  it.effect("shows a list that breaks a rule as a failure, and is asked again as usual", () =>
    Effect.gen(function* () {
      const { ask } = scripted(Effect.succeed([{ keys: ["a"], weight: Number.NaN }]), Effect.succeed(list("a")))
      const { log } = yield* followed(PartitionSource.fromEffect(ask, { every: "10 seconds" }))
      yield* TestClock.adjust("10 seconds")
      assert.include(log[0], "weight NaN of partition")
      assert.deepStrictEqual(log.slice(1), ["10000: a"])
    })
  )

  it.effect("fails when its answer takes too long, and the question is dropped", () =>
    Effect.gen(function* () {
      let dropped = 0
      const stuck = Effect.onInterrupt(Effect.never, () => Effect.sync(() => void (dropped += 1)))
      const { ask } = scripted(stuck, Effect.succeed(list("a")))
      const { log } = yield* followed(PartitionSource.fromEffect(ask, { every: "10 seconds", timeout: "5 seconds" }))
      yield* TestClock.adjust("6 seconds")
      assert.include(log[0], "5000: no list of partitions from the source: no answer within 5s")
      assert.deepStrictEqual(log.slice(1), ["6000: a"])
      assert.strictEqual(dropped, 1)
    })
  )

  it.effect("that dies, or answers what is no list, fails like any other", () =>
    Effect.gen(function* () {
      // What plain JavaScript may hand over.
      const rubbish = (value: unknown) => Effect.succeed(value as ReadonlyArray<Partition.PartitionInput>)
      const { ask } = scripted(Effect.die(new Error("bug")), rubbish(null), rubbish([null]), Effect.succeed(list("a")))
      const { log } = yield* followed(PartitionSource.fromEffect(ask, { every: "1 second" }))
      yield* TestClock.adjust("3 seconds")
      assert.include(log[0], "0: no list of partitions from the source: bug")
      assert.include(log[1], "1000: no list of partitions")
      assert.include(log[2], "2000: no list of partitions")
      assert.deepStrictEqual(log.slice(3), ["3000: a"])
    })
  )

  it.effect("answers a reader at once, or tells why not", () =>
    Effect.gen(function* () {
      const { ask } = scripted(Effect.succeed(list("a")), away, Effect.succeed([{ keys: ["a"], weight: -1 }]))
      const source = PartitionSource.fromEffect(ask, { every: "1 hour" })
      assert.deepStrictEqual(yield* source.read, canonical("a"))
      const failed = yield* Effect.flip(source.read)
      assert.instanceOf(failed.cause, DatabaseAway)
      assert.instanceOf((yield* Effect.flip(source.read)).cause, Partition.PartitionInvalid)
    })
  )

  it.effect("is not asked any more when nobody follows it", () =>
    Effect.gen(function* () {
      const { ask, count } = scripted(Effect.succeed(list("a")))
      const { fiber } = yield* followed(PartitionSource.fromEffect(ask, { every: "1 second" }))
      yield* TestClock.adjust("3 seconds")
      yield* Fiber.interrupt(fiber)
      const before = count()
      yield* TestClock.adjust("1 minute")
      assert.strictEqual(count(), before)
      assert.isAtLeast(before, 4)
    })
  )

  it("cannot be asked without pause", () => {
    assert.throws(() => PartitionSource.fromEffect(Effect.succeed([]), { every: 0 }), "`every` is above zero")
  })
})

describe("A source that is a stream", () => {
  it.effect("shows what the stream shows, checked, and ends with it", () =>
    Effect.gen(function* () {
      const lists = Stream.make(list("b", "a"), [{ keys: [] }], list("c"))
      const { fiber, log } = yield* followed(PartitionSource.fromStream(lists))
      yield* Fiber.join(fiber)
      assert.strictEqual(log[0], "0: a b")
      assert.include(log[1], "there must be at least one")
      assert.strictEqual(log[2], "0: c")
    })
  )

  it.effect("shows that the stream failed, runs it again, and begins its back-off anew after a list", () =>
    Effect.gen(function* () {
      let runs = 0
      const lists = Stream.suspend(() => {
        runs += 1
        return runs === 3 ? Stream.concat(Stream.make(list("a")), Stream.fromEffect(away)) : Stream.fromEffect(away)
      })
      const { log } = yield* followed(PartitionSource.fromStream(lists))
      yield* TestClock.adjust("6 seconds")
      const at = log.map((line) => Number.parseInt(line))
      assert.deepStrictEqual(at, [0, 1000, 3000, 3000, 4000, 6000])
      assert.strictEqual(log[2], "3000: a")
    })
  )

  it.effect("answers a reader with the first list of a new run", () =>
    Effect.gen(function* () {
      const current = yield* SubscriptionRef.make(list("a"))
      const source = PartitionSource.fromStream(SubscriptionRef.changes(current))
      yield* SubscriptionRef.set(current, list("b"))
      assert.deepStrictEqual(yield* source.read, canonical("b"))
    })
  )

  it.effect("tells a reader when the stream shows no list, in time or at all", () =>
    Effect.gen(function* () {
      const empty = yield* Effect.flip(PartitionSource.fromStream(Stream.empty).read)
      assert.include(empty.message, "the stream ended without a list")
      const silent = PartitionSource.fromStream(Stream.never)
      const reader = yield* Effect.forkChild(Effect.flip(silent.read), { startImmediately: true })
      yield* TestClock.adjust("30 seconds")
      assert.include((yield* Fiber.join(reader)).message, "no answer within 30s")
    })
  )

  it.effect("holds the stream up while its follower is busy", () =>
    Effect.gen(function* () {
      const queue = yield* Queue.unbounded<ReadonlyArray<Partition.PartitionInput>>()
      const source = PartitionSource.fromStream(Stream.fromEffectRepeat(Queue.take(queue)))
      yield* Queue.offerAll(
        queue,
        Array.from({ length: 100 }, (_, i) => list(`${i}`))
      )
      const follower = yield* Effect.forkChild(
        Stream.runForEach(source.changes, () => Effect.never),
        { startImmediately: true }
      )
      yield* TestClock.adjust("1 second")
      assert.isAtLeast(yield* Queue.size(queue), 96)
      yield* Fiber.interrupt(follower)
    })
  )
})
