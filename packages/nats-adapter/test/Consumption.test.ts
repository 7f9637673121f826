import { assert, describe, it } from "@effect/vitest"
import { StorageType } from "@nats-io/jetstream"
import { CoordinationStore } from "@parti/core/CoordinationStore"
import * as MemoryStore from "@parti/core/MemoryStore"
import * as Parti from "@parti/core/Parti"
import * as JetStreamPartitions from "@parti/nats-adapter/JetStreamPartitions"
import { NatsConnection } from "@parti/nats-adapter/NatsConnection"
import { Deferred, Effect, Exit, Fiber, Layer, Schedule, Scope, Stream } from "effect"
import { type Options, own, range, recorder, setUp } from "./Consuming.ts"

describe.concurrent("An owner", () => {
  it.live("with a concurrency handles so many messages at a time, and each of them once", () =>
    Effect.gen(function* () {
      const { process, publish } = yield* setUp()
      const { handler, seen, untilCount } = recorder()
      const full = yield* Deferred.make<void>()
      let running = 0
      let most = 0
      const held: Options["handler"] = (message, context) =>
        Effect.gen(function* () {
          running += 1
          most = Math.max(most, running)
          if (running === 4) yield* Deferred.succeed(full, undefined)
          yield* Deferred.await(full)
          yield* handler(message, context)
          running -= 1
        })
      yield* publish(1, 100)
      const owner = yield* own(yield* process({ handler: held, concurrency: 4 }), 1)
      yield* untilCount(100)
      yield* owner.revoke
      assert.strictEqual(most, 4)
      assert.sameMembers(seen, range(1, 100))
      assert.lengthOf(seen, 100)
    })
  )

  it.live("keeps a message whose dead letter was refused, and does not handle it again when it is stored", () =>
    Effect.gen(function* () {
      const { manager, process, publish } = yield* setUp()
      const { handler, seen, untilCount } = recorder()
      const failing: Options["handler"] = (message, context) =>
        Effect.andThen(handler(message, context), message.string() === "1" ? Effect.fail("no") : Effect.void)
      const consume = yield* process({
        handler: failing,
        maxDeliver: 2,
        backoff: ["1 millis"],
        deadLetterSubject: "dead"
      })
      yield* publish(1, 2)
      const refused = yield* own(consume, 1)
      assert.deepInclude(yield* Effect.flip(Fiber.join(refused.fiber)), { _tag: "DeadLetterRefused", subject: "dead" })
      yield* Effect.promise(() => manager.streams.add({ name: "DEAD", subjects: ["dead"] }))
      const owner = yield* own(consume, 1)
      yield* untilCount(3)
      yield* owner.revoke
      assert.deepStrictEqual(seen, [1, 1, 2])
      const dead = yield* Effect.promise(() => manager.streams.getMessage("DEAD", { last_by_subj: "dead" }))
      assert.strictEqual(dead?.header.get("Parti-Attempts"), "2")
    })
  )

  it.live("begins no message once its lease is over, though nobody has revoked the partition yet", () =>
    Effect.gen(function* () {
      const { process, publish } = yield* setUp()
      const { handler, seen, untilCount } = recorder()
      let isCurrent = true
      const asked = yield* Deferred.make<void>()
      const consume = yield* process({ handler })
      const owner = yield* own(consume, 1, undefined, () => {
        if (!isCurrent) Deferred.doneUnsafe(asked, Effect.void)
        return isCurrent
      })
      yield* publish(1, 10)
      yield* untilCount(10)
      isCurrent = false
      yield* publish(11, 20)
      yield* Deferred.await(asked)
      yield* owner.revoke
      assert.deepStrictEqual(seen, range(1, 10))
      isCurrent = true
      const next = yield* own(consume, 2)
      yield* untilCount(20)
      yield* next.revoke
      assert.deepStrictEqual(seen, range(1, 20))
    })
  )

  it.live("of 256 partitions makes at most 16 consumers at a time", () =>
    Effect.gen(function* () {
      const { consumers, nats, process } = yield* setUp({ storage: StorageType.Memory })
      const { connection } = nats
      const request = connection.request.bind(connection)
      let pending = 0
      let most = 0
      connection.request = async (subject, ...rest) => {
        if (!subject.startsWith("$JS.API.CONSUMER.CREATE.")) return request(subject, ...rest)
        pending += 1
        most = Math.max(most, pending)
        return request(subject, ...rest).finally(() => (pending -= 1))
      }
      const consume = yield* process({ handler: () => Effect.void })
      const owners = yield* Effect.forEach(range(1, 256), (i) => own(consume, 1, { keys: [`p${i}`], weight: 1 }))
      yield* Effect.repeat(consumers, { until: ({ length }) => length === 256 })
      yield* Effect.forEach(owners, ({ revoke }) => revoke, { concurrency: "unbounded" })
      assert.isAtLeast(most, 2)
      assert.isAtMost(most, 16)
    })
  )
})

describe("A worker", () => {
  it.live("without partitions receives nothing", () =>
    Effect.gen(function* () {
      const { nats, publish } = yield* setUp()
      const store = yield* CoordinationStore
      const windows = {
        coldStart: "eager",
        coldStartWindowMs: 0,
        plannedWindowMs: 0,
        minRebalanceIntervalMs: 0
      } as const
      const config = { preset: "development", ...windows } as const
      const work = Effect.gen(function* () {
        const parti = yield* Parti.make({ group: "g", partitions: [{ keys: ["a"] }], config }).pipe(
          Effect.provideService(CoordinationStore, store)
        )
        const { handler, seen, untilCount } = recorder()
        yield* JetStreamPartitions.forEachMessage<unknown, never>({
          stream: "EV",
          name: "test",
          subject: "ev.{id}",
          handler
        }).pipe(Effect.provideService(Parti.Parti, parti), Effect.provideService(NatsConnection, nats))
        return { parti, seen, untilCount }
      })
      const owner = yield* work
      // While nothing is granted yet, whoever comes second may be the one that gets it.
      yield* owner.parti.assignmentChanges.pipe(
        Stream.takeUntil(({ assignment }) => assignment.length === 1),
        Stream.runDrain
      )
      const idle = yield* work
      yield* idle.parti.groupChanges.pipe(
        Stream.takeUntil(({ workers }) => workers.length === 2),
        Stream.runDrain
      )
      yield* publish(1, 100)
      yield* publish(101, 110, "ev.b")
      yield* owner.untilCount(100)
      assert.deepStrictEqual([owner.seen, idle.seen], [range(1, 100), []])
    }).pipe(Effect.provide(MemoryStore.layer()))
  )

  it.live("is stopped when the layer that consumes for it ends, so that another gets its partitions", () =>
    Effect.gen(function* () {
      const { nats, publish } = yield* setUp()
      const store = yield* CoordinationStore
      const config = { preset: "development", coldStart: "eager", coldStartWindowMs: 0, plannedWindowMs: 0 } as const
      const options = { group: "g", partitions: [{ keys: ["a"] }], config }
      const make = Effect.provideService(Parti.make(options), CoordinationStore, store)
      const { handler, seen, untilCount } = recorder()
      const consuming = yield* Scope.make()
      const first = yield* make
      const consumption = { stream: "EV", name: "test", subject: "ev.{id}" }
      yield* Layer.buildWithScope(
        JetStreamPartitions.layer<unknown, never>({ ...consumption, handler }).pipe(
          Layer.provide(Layer.succeed(Parti.Parti, first)),
          Layer.provide(Layer.succeed(NatsConnection, nats))
        ),
        consuming
      )
      yield* publish(1, 10)
      yield* untilCount(10)
      const second = yield* make
      yield* Scope.close(consuming, Exit.void)
      assert.strictEqual(yield* first.state, "Shutdown")
      yield* Effect.repeat(second.assignment, { until: ({ length }) => length === 1, schedule: Schedule.spaced(5) })
      assert.deepStrictEqual(seen, range(1, 10))
    }).pipe(Effect.provide(MemoryStore.layer()))
  )
})
