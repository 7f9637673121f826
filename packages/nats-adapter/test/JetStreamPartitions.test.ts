import { assert, describe, it } from "@effect/vitest"
import { RetentionPolicy } from "@nats-io/jetstream"
import { Deferred, Effect, Exit, Fiber } from "effect"
import { type Options, own, range, recorder, setUp } from "./Consuming.ts"

describe.concurrent("An owner", () => {
  it.live("handles what was there and what comes, in order, and nothing of others", () =>
    Effect.gen(function* () {
      const { consumers, process, publish } = yield* setUp()
      const { handler, seen, untilCount } = recorder()
      yield* publish(1, 100)
      yield* publish(1000, 1010, "ev.b")
      const owner = yield* own(yield* process({ handler }), 1)
      yield* publish(101, 200)
      yield* untilCount(200)
      const exit = yield* owner.revoke
      assert.isTrue(Exit.isSuccess(exit))
      assert.deepStrictEqual(seen, range(1, 200))
      assert.deepStrictEqual(yield* consumers, ["test+a+1+1"])
    })
  )

  for (const retention of [RetentionPolicy.Limits, RetentionPolicy.Workqueue, RetentionPolicy.Interest]) {
    it.live(`hands over twenty times under a backlog, on a stream with ${retention}: nothing lost, nothing twice`, () =>
      Effect.gen(function* () {
        const { consumers, process, publish } = yield* setUp({ retention })
        const { handler, seen, until } = recorder()
        const [one, other] = [yield* process({ handler }), yield* process({ handler })]
        // On a stream that keeps what somebody is interested in, there must be somebody.
        const first = yield* own(one, 1)
        yield* Effect.repeat(consumers, { until: ({ length }) => length > 0 })
        yield* first.revoke
        const publishing = yield* Effect.forkChild(publish(1, 2_000))
        for (let token = 2; token <= 21; token++) {
          const owner = yield* own(token % 2 === 0 ? one : other, token)
          const target = Math.min(2_000, seen.length + 90)
          yield* until(() => seen.length >= target)
          yield* owner.revoke
        }
        yield* Fiber.join(publishing)
        const last = yield* own(one, 22)
        yield* until(() => seen.length >= 2_000)
        yield* last.revoke
        assert.deepStrictEqual(seen, range(1, 2_000))
        assert.lengthOf(yield* consumers, 1)
      })
    )
  }

  it.live("that is gone without a word loses nothing, and repeats only what it had in hand", () =>
    Effect.gen(function* () {
      const { process, publish } = yield* setUp()
      const { handler, seen, until } = recorder()
      const consume = yield* process({ handler, prefetch: 10 })
      yield* publish(1, 300)
      const first = yield* own(consume, 1)
      yield* until(() => seen.length >= 100)
      first.fiber.interruptUnsafe()
      const second = yield* own(yield* process({ handler, prefetch: 10 }), 2)
      yield* until(() => seen.includes(300))
      yield* second.revoke
      assert.deepStrictEqual([...new Set(seen)], range(1, 300))
      assert.isAtMost(seen.length, 310)
    })
  )

  it.live("that begins anew under the same token goes on where it was, whoever remembers", () =>
    Effect.gen(function* () {
      const { consumers, process, publish } = yield* setUp()
      const { handler, seen, untilCount } = recorder()
      const consume = yield* process({ handler })
      for (const [i, one] of [consume, consume, yield* process({ handler })].entries()) {
        const owner = yield* own(one, 3)
        yield* publish(10 * i + 1, 10 * i + 10)
        yield* untilCount(10 * i + 10)
        yield* owner.revoke
      }
      assert.deepStrictEqual(seen, range(1, 30))
      assert.deepStrictEqual(yield* consumers, ["test+a+3+3"])
    })
  )

  it.live("under a lower token is refused by name, and leaves the consumer of the higher one alone", () =>
    Effect.gen(function* () {
      const { consumers, process, publish } = yield* setUp()
      const higher = recorder()
      const lower = recorder()
      yield* publish(1, 10)
      const owner = yield* own(yield* process({ handler: higher.handler }), 7)
      yield* higher.untilCount(10)
      const late = yield* own(yield* process({ handler: lower.handler }), 6)
      const error = yield* Effect.flip(Fiber.join(late.fiber))
      assert.deepInclude(error, { _tag: "PartitionOutranked", partition: "a", token: 6, by: 7 })
      yield* publish(11, 20)
      yield* higher.untilCount(20)
      yield* owner.revoke
      assert.deepStrictEqual(lower.seen, [])
      assert.deepStrictEqual(yield* consumers, ["test+a+7+1"])
    })
  )

  it.live("that claims at the same moment as others consumes only under the highest token", () =>
    Effect.gen(function* () {
      const { consumers, process, publish } = yield* setUp()
      const { handler, seen, until } = recorder()
      yield* publish(1, 50)
      const tokens = range(1, 8)
      const processes = yield* Effect.forEach(tokens, () => process({ handler }))
      const owners = yield* Effect.forEach(processes, (consume, i) => own(consume, tokens[i] ?? 0), {
        concurrency: "unbounded"
      })
      yield* until(() => seen.includes(50))
      yield* publish(51, 60)
      yield* until(() => seen.includes(60))
      yield* Effect.forEach(owners, ({ revoke }) => revoke, { concurrency: "unbounded" })
      assert.include(yield* consumers, "test+a+8+1")
      assert.deepStrictEqual([...new Set(seen)], range(1, 60))
    })
  )
})

describe.concurrent("A message", () => {
  it.live("whose handler fails is tried again, then given up to the dead-letter subject; those behind it wait", () =>
    Effect.gen(function* () {
      const { manager, process, publish } = yield* setUp()
      yield* Effect.promise(() => manager.streams.add({ name: "DEAD", subjects: ["dead.>"] }))
      const { handler, seen, untilCount } = recorder()
      const failing: Options["handler"] = (message, context) =>
        Effect.andThen(
          handler(message, context),
          message.string() === "2" ? Effect.die(new Error("bad\nmessage")) : Effect.void
        )
      yield* publish(1, 3)
      const consume = yield* process({
        handler: failing,
        maxDeliver: 3,
        backoff: ["1 millis"],
        deadLetterSubject: "dead.test"
      })
      const owner = yield* own(consume, 5)
      yield* untilCount(5)
      yield* owner.revoke
      assert.deepStrictEqual(seen, [1, 2, 2, 2, 3])
      const dead = yield* Effect.promise(() => manager.streams.getMessage("DEAD", { last_by_subj: "dead.test" }))
      assert.strictEqual(dead?.string(), "2")
      assert.deepStrictEqual(
        ["Parti-Stream", "Parti-Subject", "Parti-Partition", "Parti-Token", "Parti-Error"].map((name) =>
          dead?.header.get(name)
        ),
        ["EV", "ev.a", "a", "5", "bad"]
      )
    })
  )

  it.live("is given up whatever its error says, and is told by the first line of that", () =>
    Effect.gen(function* () {
      const { manager, process, publish } = yield* setUp()
      yield* Effect.promise(() => manager.streams.add({ name: "DEAD", subjects: ["dead.>"] }))
      const { handler, seen, untilCount } = recorder()
      const errors = ["", "bad\r\nmessage", "bad\rmessage", "\r\n"]
      const failing: Options["handler"] = (message, context) =>
        Effect.andThen(handler(message, context), Effect.die(new Error(errors[message.seq - 1])))
      yield* publish(1, 4)
      const consume = yield* process({
        handler: failing,
        maxDeliver: 1,
        deadLetterSubject: (message) => `dead.${message.seq}`
      })
      const owner = yield* own(consume, 5)
      const exit = yield* Effect.raceFirst(Fiber.await(owner.fiber), Effect.andThen(untilCount(4), owner.revoke))
      assert.isTrue(Exit.isSuccess(exit), String(exit))
      assert.deepStrictEqual(seen, range(1, 4))
      const told = yield* Effect.promise(() =>
        Promise.all(
          range(1, 4).map(async (sequence) => {
            const dead = await manager.streams.getMessage("DEAD", { last_by_subj: `dead.${sequence}` })
            return dead?.header.get("Parti-Error")
          })
        )
      )
      assert.deepStrictEqual(told, ["", "bad", "bad", ""])
    })
  )

  it.live("is not delivered again while its handler, or the one before it, takes longer than the deadline", () =>
    Effect.gen(function* () {
      const { process, publish } = yield* setUp()
      const { handler, seen, untilCount } = recorder()
      yield* publish(1, 4)
      const slow: Options["handler"] = (message, context) =>
        Effect.andThen(Effect.sleep("700 millis"), handler(message, context))
      const owner = yield* own(yield* process({ handler: slow, ackWait: "500 millis" }), 1)
      yield* untilCount(4)
      yield* owner.revoke
      assert.deepStrictEqual(seen, [1, 2, 3, 4])
    })
  )

  it.live("in hand when the partition is revoked is finished first", () =>
    Effect.gen(function* () {
      const { process, publish } = yield* setUp()
      const { handler, seen, untilCount } = recorder()
      const started = yield* Deferred.make<void>()
      const goOn = yield* Deferred.make<void>()
      const held: Options["handler"] = (message, context) =>
        Deferred.succeed(started, undefined).pipe(
          Effect.andThen(Deferred.await(goOn)),
          Effect.andThen(handler(message, context))
        )
      yield* publish(1, 3)
      const owner = yield* own(yield* process({ handler: held }), 1)
      yield* Deferred.await(started)
      const revoking = yield* Effect.forkChild(owner.revoke, { startImmediately: true })
      yield* Deferred.succeed(goOn, undefined)
      yield* Fiber.join(revoking)
      assert.deepStrictEqual(seen, [1])
      const next = yield* own(yield* process({ handler }), 2)
      yield* untilCount(3)
      yield* next.revoke
      assert.deepStrictEqual(seen, [1, 2, 3])
    })
  )
})
