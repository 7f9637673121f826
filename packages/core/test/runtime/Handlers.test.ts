import { assert, describe, it } from "@effect/vitest"
import { Deferred, Effect, Exit, Result, Scope } from "effect"
import { TestClock } from "effect/testing"
import * as Partition from "../../src/model/Partition.ts"
import type { StopReason } from "../../src/protocol/Command.ts"
import type { Problem } from "../../src/runtime/Errors.ts"
import * as Handlers from "../../src/runtime/Handlers.ts"
import type { OwnedPartition, PartitionContext } from "../../src/runtime/OwnedPartition.ts"

const drainTimeoutMs = 10_000
const fenceLeadMs = 2_000

const owned = (key: string, token = 1): OwnedPartition => {
  const partition = Result.getOrThrow(Partition.make({ keys: [key] }))
  return { partition, id: Partition.id(partition), token, epoch: 1 }
}

/** The handlers of one worker, and a log of what they and the worker say. */
const setup = Effect.sync(() => {
  const log: Array<string> = []
  const problems: Array<Problem> = []
  const say = (what: string) => Effect.sync(() => void log.push(what))
  const handlers = Handlers.make({
    drainTimeoutMs,
    fenceLeadMs,
    firstWork: Effect.void,
    isCurrent: () => true,
    ended: (id, token) => say(`${id}@${token} ended`),
    problem: (problem) => Effect.sync(() => void problems.push(problem)),
    stuck: say("exit")
  })
  const stop = (one: OwnedPartition, reason: StopReason = "Revoked") => handlers.stop(one.id, one.token, reason)
  /** Says when it begins and when it is over, and runs until it is stopped. */
  const lasting = ({ id, token }: PartitionContext) =>
    Effect.acquireRelease(say(`${id}@${token} begins`), () => say(`${id}@${token} over`)).pipe(
      Effect.andThen(Effect.never)
    )
  return { handlers, lasting, log, problems, say, stop }
})

const a = owned("a")
const turn = TestClock.adjust(0)

describe("Handlers", () => {
  it.effect("run while the partition is owned, and are interrupted before the end is told", () =>
    Effect.gen(function* () {
      const { handlers, lasting, log, stop } = yield* setup
      yield* handlers.register(lasting)
      yield* handlers.start(a)
      assert.deepStrictEqual(log, [], "the user's code does not run inside the loop's turn")
      yield* turn
      yield* stop(a)
      yield* turn
      assert.deepStrictEqual(log, ["a@1 begins", "a@1 over", "a@1 ended"])
    })
  )

  it.effect("end at once where nothing is registered", () =>
    Effect.gen(function* () {
      const { handlers, log, stop } = yield* setup
      yield* handlers.start(a)
      yield* stop(a)
      assert.deepStrictEqual(log, ["a@1 ended"])
    })
  )

  it.effect("keep open what a handler has set up and returned from", () =>
    Effect.gen(function* () {
      const { handlers, log, say, stop } = yield* setup
      yield* handlers.register(() => Effect.acquireRelease(say("open"), () => say("closed")))
      yield* handlers.start(a)
      yield* TestClock.adjust("1 hour")
      assert.deepStrictEqual(log, ["open"])
      yield* stop(a)
      yield* turn
      assert.deepStrictEqual(log, ["open", "closed", "a@1 ended"])
    })
  )

  it.effect("start what is owned already when they are registered late, but nothing that is being given up", () =>
    Effect.gen(function* () {
      const { handlers, lasting, log, stop } = yield* setup
      const b = owned("b")
      yield* handlers.register(({ id }) =>
        Effect.never.pipe(Effect.onInterrupt(() => (id === b.id ? Effect.sleep("1 second") : Effect.void)))
      )
      yield* handlers.start(a)
      yield* handlers.start(b)
      yield* turn
      yield* stop(b)
      yield* turn
      yield* handlers.register(lasting)
      yield* TestClock.adjust("1 second")
      assert.deepStrictEqual(log, ["a@1 begins", "b@1 ended"])
    })
  )

  it.effect("do not begin any more once they were abandoned, also those that are registered later", () =>
    Effect.gen(function* () {
      const { handlers, lasting, log } = yield* setup
      yield* handlers.start(a)
      yield* handlers.abandon
      yield* handlers.register(lasting)
      yield* turn
      assert.deepStrictEqual(log, [])
    })
  )

  it.effect("do not begin for a scope that is closed already", () =>
    Effect.gen(function* () {
      const { handlers, lasting, log } = yield* setup
      const scope = yield* Scope.make()
      yield* Scope.close(scope, Exit.void)
      yield* handlers.start(a)
      yield* Scope.provide(handlers.register(lasting), scope)
      yield* handlers.start(owned("b"))
      yield* turn
      assert.deepStrictEqual(log, [])
    })
  )

  it.effect("all have to end before the partition has", () =>
    Effect.gen(function* () {
      const { handlers, lasting, log, stop } = yield* setup
      yield* handlers.register(lasting)
      yield* handlers.register(() => Effect.never.pipe(Effect.onInterrupt(() => Effect.sleep("3 seconds"))))
      yield* handlers.start(a)
      yield* turn
      yield* stop(a)
      yield* TestClock.adjust("2999 millis")
      assert.deepStrictEqual(log, ["a@1 begins", "a@1 over"])
      yield* TestClock.adjust("1 millis")
      assert.deepStrictEqual(log, ["a@1 begins", "a@1 over", "a@1 ended"])
    })
  )

  it.effect("end with the scope they were registered in, while the partition stays owned", () =>
    Effect.gen(function* () {
      const { handlers, lasting, log, stop } = yield* setup
      const scope = yield* Scope.make()
      yield* Scope.provide(handlers.register(lasting), scope)
      yield* handlers.start(a)
      yield* turn
      yield* Scope.close(scope, Exit.void)
      assert.deepStrictEqual(log, ["a@1 begins", "a@1 over"])
      yield* handlers.start(owned("b"))
      yield* turn
      assert.lengthOf(log, 2, "nothing is started for a handler that is gone")
      yield* stop(a)
      assert.deepStrictEqual(log.at(-1), "a@1 ended")
    })
  )

  it.effect("are given the services of the one who registered them", () =>
    Effect.gen(function* () {
      const { handlers, log, say } = yield* setup
      const scoped = Effect.gen(function* () {
        yield* Effect.addFinalizer(() => say("own scope closed"))
        return yield* Effect.fail("again")
      })
      yield* handlers.register(() => scoped)
      yield* handlers.start(a)
      yield* turn
      assert.deepStrictEqual(log, ["own scope closed"], "each run has a scope of its own")
    })
  )
})

describe("A handler that fails", () => {
  it.effect("is reported and started again after a growing, bounded delay, without end", () =>
    Effect.gen(function* () {
      const { handlers, problems, stop } = yield* setup
      let runs = 0
      yield* handlers.register(() => Effect.suspend(() => (++runs % 2 === 0 ? Effect.fail("no") : Effect.die("bug"))))
      yield* handlers.start(a)
      yield* TestClock.adjust("1 hour")
      assert.isAtLeast(runs, 3600 / 36)
      assert.lengthOf(problems, runs)
      const delays = problems.map((problem) => (problem._tag === "HandlerFailed" ? problem.retryInMs : assert.fail()))
      assert.isBelow(delays[0] ?? NaN, 121)
      assert.isTrue(delays.every((delay) => delay !== null && delay >= 80 && delay <= 36_000))
      assert.isAbove(delays.at(-1) ?? NaN, 23_999)
      yield* stop(a)
      yield* TestClock.adjust("1 hour")
      assert.lengthOf(problems, runs, "it is not started again after its stop")
    })
  )

  it.effect("counts as one that begins anew after it ran well for a while", () =>
    Effect.gen(function* () {
      const { handlers, problems } = yield* setup
      yield* handlers.register(() => Effect.andThen(Effect.sleep("31 seconds"), Effect.fail("no")))
      yield* handlers.start(a)
      yield* TestClock.adjust("10 minutes")
      assert.isAbove(problems.length, 10)
      for (const problem of problems) {
        assert.isBelow((problem._tag === "HandlerFailed" ? problem.retryInMs : null) ?? NaN, 121)
      }
    })
  )

  it.effect("in its finalizer is reported, and the partition ends all the same", () =>
    Effect.gen(function* () {
      const { handlers, log, problems, stop } = yield* setup
      yield* handlers.register(() => Effect.never.pipe(Effect.onInterrupt(() => Effect.die("bug"))))
      yield* handlers.start(a)
      yield* turn
      yield* stop(a)
      yield* turn
      assert.deepStrictEqual(log, ["a@1 ended"])
      assert.deepStrictEqual(
        problems.map((problem) => problem._tag),
        ["HandlerFailed"]
      )
    })
  )
})

describe("A handler that drains", () => {
  const draining = (say: (what: string) => Effect.Effect<void>, takes: number) => (context: PartitionContext) =>
    Effect.flatMap(context.revoked, (reason) => Effect.andThen(say(reason), Effect.sleep(takes))).pipe(
      Effect.onInterrupt(() => say("cut"))
    )

  it.effect("finishes by itself what it has in hand", () =>
    Effect.gen(function* () {
      const { handlers, log, say, stop } = yield* setup
      yield* handlers.register(draining(say, drainTimeoutMs - 1), { onRevoke: "drain" })
      yield* handlers.start(a)
      yield* turn
      yield* stop(a)
      yield* TestClock.adjust(drainTimeoutMs - 2)
      assert.deepStrictEqual(log, ["Revoked"])
      yield* TestClock.adjust(1)
      assert.deepStrictEqual(log, ["Revoked", "a@1 ended"])
    })
  )

  it.effect.each([
    { takes: drainTimeoutMs - 1, ends: ["Stopping"] },
    { takes: 60_000, ends: ["Stopping", "cut"] }
  ])("is given its time when the scope is closed that it was registered in ($takes ms)", ({ ends, takes }) =>
    Effect.gen(function* () {
      const { handlers, log, say, stop } = yield* setup
      const scope = yield* Scope.make()
      yield* Scope.provide(handlers.register(draining(say, takes), { onRevoke: "drain" }), scope)
      yield* handlers.start(a)
      yield* turn
      const closing = yield* Effect.forkChild(Scope.close(scope, Exit.void), { startImmediately: true })
      yield* TestClock.adjust(drainTimeoutMs - 2)
      assert.deepStrictEqual(log, ["Stopping"])
      assert.isUndefined(closing.pollUnsafe())
      yield* TestClock.adjust(2)
      assert.isDefined(closing.pollUnsafe(), "whoever closes the scope waits for no longer than that")
      assert.deepStrictEqual(log, ends)
      yield* stop(a)
      assert.deepStrictEqual(log.at(-1), "a@1 ended")
    })
  )

  const limits = {
    Revoked: drainTimeoutMs,
    Stopping: drainTimeoutMs,
    LeaseEnding: fenceLeadMs / 2,
    LeaseLost: 0
  } as const
  it.effect.each(["Revoked", "Stopping", "LeaseEnding", "LeaseLost"] as const)(
    "is interrupted when its time is up, which depends on the reason: %s",
    (reason) =>
      Effect.gen(function* () {
        const { handlers, log, say, stop } = yield* setup
        yield* handlers.register(draining(say, 60_000), { onRevoke: "drain" })
        yield* handlers.start(a)
        yield* turn
        yield* stop(a, reason)
        if (limits[reason] > 0) {
          yield* TestClock.adjust(limits[reason] - 1)
          assert.deepStrictEqual(log, [reason])
        }
        yield* TestClock.adjust(1)
        assert.deepStrictEqual(log.slice(-2), ["cut", "a@1 ended"])
      })
  )

  it.effect("has less time left when the lease begins to end meanwhile, and none when it is lost", () =>
    Effect.gen(function* () {
      const { handlers, log, say, stop } = yield* setup
      const b = owned("b")
      yield* handlers.register(draining(say, 60_000), { onRevoke: "drain" })
      yield* handlers.start(a)
      yield* handlers.start(b)
      yield* turn
      yield* stop(a)
      yield* stop(b)
      yield* TestClock.adjust(1000)
      yield* stop(a, "LeaseEnding")
      yield* stop(b, "LeaseLost")
      yield* turn
      assert.deepStrictEqual(log, ["Revoked", "Revoked", "cut", "b@1 ended"])
      yield* TestClock.adjust(fenceLeadMs / 2 - 1)
      assert.lengthOf(log, 4)
      yield* TestClock.adjust(1)
      assert.deepStrictEqual(log.slice(4), ["cut", "a@1 ended"])
    })
  )

  it.effect("may be told of a lease that ends when it has ended already, and says so once", () =>
    Effect.gen(function* () {
      const { handlers, log, stop } = yield* setup
      const again = owned("a", 2)
      yield* handlers.register(({ revoked }) => revoked, { onRevoke: "drain" })
      yield* handlers.start(a)
      yield* turn
      yield* stop(a)
      yield* turn
      assert.deepStrictEqual(log, ["a@1 ended"])
      // The worker takes one fact after the other: the lease's end came before the answer.
      yield* stop(a, "LeaseEnding")
      yield* stop(a, "LeaseLost")
      yield* handlers.start(again)
      yield* turn
      const late = yield* Effect.exit(stop(a, "LeaseLost"))
      assert.isTrue(Exit.isFailure(late), "under the new token the old one is a mistake again")
      yield* stop(again)
      yield* turn
      assert.deepStrictEqual(log, ["a@1 ended", "a@2 ended"])
    })
  )

  it.effect("is remembered when it has ended, until the worker has taken note of that", () =>
    Effect.gen(function* () {
      const { handlers, stop } = yield* setup
      yield* handlers.start(a)
      yield* stop(a)
      yield* handlers.forget(a.id, a.token - 1)
      assert.isTrue(Exit.isSuccess(yield* Effect.exit(stop(a, "LeaseEnding"))), "of another run there was a note")
      yield* handlers.forget(a.id, a.token)
      assert.isTrue(Exit.hasDies(yield* Effect.exit(stop(a, "LeaseLost"))), "the run is unknown")
    })
  )

  it.effect("is not started again when it fails while it drains", () =>
    Effect.gen(function* () {
      const { handlers, log, problems, say, stop } = yield* setup
      yield* handlers.register(
        ({ revoked }) => Effect.andThen(revoked, Effect.andThen(say("last"), Effect.fail("no"))),
        {
          onRevoke: "drain"
        }
      )
      yield* handlers.start(a)
      yield* turn
      yield* stop(a)
      yield* TestClock.adjust("1 minute")
      assert.deepStrictEqual(log, ["last", "a@1 ended"])
      assert.deepStrictEqual(
        problems.map((problem) => problem._tag === "HandlerFailed" && problem.retryInMs),
        [null]
      )
    })
  )

  it.effect("ends at once while it waits to be started again", () =>
    Effect.gen(function* () {
      const { handlers, log, stop } = yield* setup
      yield* handlers.register(() => Effect.fail("no"), { onRevoke: "drain" })
      yield* handlers.start(a)
      yield* TestClock.adjust("1 minute")
      yield* stop(a)
      yield* turn
      assert.deepStrictEqual(log, ["a@1 ended"])
    })
  )
})

describe("A handler that ignores its signal", () => {
  it.effect("is reported once, may end the process, and is awaited still", () =>
    Effect.gen(function* () {
      const { handlers, log, problems, stop } = yield* setup
      const gate = yield* Deferred.make<void>()
      yield* handlers.register(() => Effect.uninterruptible(Deferred.await(gate)))
      yield* handlers.start(a)
      yield* turn
      yield* stop(a)
      yield* TestClock.adjust(drainTimeoutMs - 1)
      assert.lengthOf(problems, 0)
      yield* TestClock.adjust("1 hour")
      assert.deepStrictEqual(log, ["exit"])
      assert.deepStrictEqual(
        problems.map((problem) => problem._tag === "ProblemReported" && problem.report),
        [{ _tag: "HandlerStuck", partition: a.id, forMs: drainTimeoutMs }]
      )
      yield* Deferred.succeed(gate, undefined)
      yield* turn
      assert.deepStrictEqual(log, ["exit", "a@1 ended"])
    })
  )

  it.effect("does not hold up the others, nor the one who abandons them all", () =>
    Effect.gen(function* () {
      const { handlers, log, lasting } = yield* setup
      const gate = yield* Deferred.make<void>()
      yield* handlers.register((context) =>
        context.id === a.id ? Effect.uninterruptible(Deferred.await(gate)) : lasting(context)
      )
      yield* handlers.start(a)
      yield* handlers.start(owned("b"))
      yield* turn
      const abandoned = yield* Effect.forkChild(handlers.abandon)
      yield* turn
      assert.isDefined(abandoned.pollUnsafe())
      assert.deepStrictEqual(log, ["b@1 begins", "b@1 over"])
      // The test's own scope waits for what it registered.
      yield* Deferred.succeed(gate, undefined)
    })
  )
})

describe("A mistake of the program", () => {
  it.effect("is told: a partition started while its older run has not ended", () =>
    Effect.gen(function* () {
      const { handlers } = yield* setup
      yield* handlers.start(a)
      const exit = yield* Effect.exit(handlers.start(owned("a", 2)))
      assert.isTrue(Exit.hasDies(exit))
    })
  )

  it.effect("is told: a partition stopped that does not run under this token", () =>
    Effect.gen(function* () {
      const { handlers, stop } = yield* setup
      yield* handlers.start(a)
      assert.isTrue(Exit.hasDies(yield* Effect.exit(stop(owned("a", 2)))))
      assert.isTrue(Exit.hasDies(yield* Effect.exit(stop(owned("b")))))
      assert.isTrue(Exit.isSuccess(yield* Effect.exit(stop(a))))
    })
  )
})
