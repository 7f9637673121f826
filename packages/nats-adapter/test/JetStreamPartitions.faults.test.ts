import { assert, describe, it } from "@effect/vitest"
import { AckPolicy, RetentionPolicy, StorageType } from "@nats-io/jetstream"
import * as NatsConnection from "@parti/nats-adapter/NatsConnection"
import * as TcpProxy from "@parti/testkit/TcpProxy"
import { Effect, Fiber, Schedule } from "effect"
import { type Options, own, type Owner, range, recorder, setUp } from "./Consuming.ts"

describe.concurrent("When something is taken away,", () => {
  const failure = ({ fiber }: Owner) => Effect.flip(Fiber.join(fiber))

  it.live("a deleted consumer is named, and the next run goes on where this process was", () =>
    Effect.gen(function* () {
      const { manager, process, publish } = yield* setUp()
      const { handler, seen, untilCount } = recorder()
      yield* publish(1, 20)
      const consume = yield* process({ handler })
      const owner = yield* own(consume, 1)
      yield* untilCount(20)
      yield* Effect.promise(() => manager.consumers.delete("EV", "test+a+1+1"))
      assert.strictEqual((yield* failure(owner))._tag, "ConsumerUnavailable")
      yield* publish(21, 30)
      const again = yield* own(consume, 1)
      yield* untilCount(30)
      yield* again.revoke
      assert.deepStrictEqual(seen, range(1, 30))
    })
  )

  it.live("a missing stream is named", () =>
    Effect.gen(function* () {
      const { manager, process } = yield* setUp()
      const consume = yield* process({ handler: () => Effect.void })
      yield* Effect.promise(() => manager.streams.delete("EV"))
      assert.strictEqual((yield* failure(yield* own(consume, 1)))._tag, "StreamUnusable")
      assert.strictEqual((yield* Effect.flip(process({ handler: () => Effect.void })))._tag, "StreamUnusable")
    })
  )

  it.live("a stream that takes no more consumers is named", () =>
    Effect.gen(function* () {
      const { manager, process } = yield* setUp({ max_consumers: 1 })
      yield* Effect.promise(() => manager.consumers.add("EV", { durable_name: "other" }))
      const consume = yield* process({ handler: () => Effect.void })
      assert.strictEqual((yield* failure(yield* own(consume, 1)))._tag, "ConsumerLimitReached")
    })
  )

  it.live("a stream that is full of what dead owners have left is made room in, and nothing is handled again", () =>
    Effect.gen(function* () {
      const { consumers, manager, process, publish } = yield* setUp({ max_consumers: 3 })
      const { handler, seen, untilCount } = recorder()
      yield* publish(1, 20)
      const consume = yield* process({ handler })
      const owner = yield* own(consume, 1)
      yield* untilCount(20)
      yield* owner.revoke
      // Of owners that were killed, or told of nothing, after they had claimed; the first consumer remembers most.
      for (const name of ["test+a+2+1", "test+a+2+2"]) {
        yield* Effect.promise(() =>
          manager.consumers.add("EV", { durable_name: name, ack_policy: AckPolicy.Explicit, filter_subject: "ev.a" })
        )
      }
      yield* publish(21, 30)
      yield* own(yield* process({ handler }), 3)
      yield* untilCount(30)
      assert.deepStrictEqual(seen, range(1, 30))
      assert.deepStrictEqual(yield* consumers, ["test+a+3+1"])
    })
  )

  it.live("a stream that is deleted and made again is consumed from its beginning, also with another retention", () =>
    Effect.gen(function* () {
      const { manager, process, publish } = yield* setUp()
      const { handler, seen, untilCount } = recorder()
      yield* publish(1, 20)
      const consume = yield* process({ handler })
      const owner = yield* own(consume, 1)
      yield* untilCount(20)
      yield* Effect.promise(() => manager.streams.delete("EV"))
      assert.include(["ConsumerUnavailable", "StreamUnusable"], (yield* failure(owner))._tag)
      yield* Effect.promise(() =>
        manager.streams.add({ name: "EV", subjects: ["ev.>"], retention: RetentionPolicy.Workqueue })
      )
      yield* publish(21, 30)
      for (const token of [1, 2]) {
        const again = yield* own(consume, token)
        yield* publish(10 * token + 21, 10 * token + 30)
        yield* untilCount(20 + 10 * (token + 1))
        yield* again.revoke
      }
      assert.deepStrictEqual(seen, range(1, 50))
    })
  )

  it.live("a connection that loses deliveries costs neither order nor a repetition nor the deadline of messages", () =>
    Effect.gen(function* () {
      const { process, publish, server } = yield* setUp()
      const proxy = yield* TcpProxy.make({ targetPort: server.port })
      const nats = yield* NatsConnection.make({ servers: proxy.url, pingInterval: "250 millis" })
      const { handler, seen, until, untilCount } = recorder()
      const slow: Options["handler"] = (message, context) =>
        Effect.andThen(Effect.sleep("1 millis"), handler(message, context))
      // No message can come again by its deadline within this test.
      const owner = yield* own(yield* process({ handler: slow, ackWait: "1 hour" }, nats), 1)
      const publishing = yield* Effect.forkChild(publish(1, 1_500))
      for (let cut = 1; cut <= 3; cut++) {
        yield* untilCount(200 * cut)
        const lostBefore = yield* proxy.lostCount
        yield* proxy.cut("toClient")
        yield* Effect.repeat(proxy.lostCount, {
          until: (count) => count > lostBefore + 2,
          schedule: Schedule.spaced(1)
        })
        yield* proxy.heal()
        const before = seen.length
        yield* until(() => seen.length > before + 50)
      }
      yield* Fiber.join(publishing)
      yield* untilCount(1_500)
      yield* owner.revoke
      assert.deepStrictEqual(seen, range(1, 1_500))
    })
  )

  it.live("a stream that was in the memory of a killed server is named until it is there again", () =>
    Effect.gen(function* () {
      const { manager, nats, process, publish, server } = yield* setUp({ storage: StorageType.Memory })
      const { handler, seen, untilCount } = recorder()
      yield* publish(1, 10)
      const consume = yield* process({ handler })
      const owner = yield* own(consume, 1)
      yield* untilCount(10)
      yield* server.restart
      assert.include(["ConsumerUnavailable", "StreamUnusable"], (yield* failure(owner))._tag)
      yield* nats.link.up
      yield* Effect.promise(() => manager.streams.add({ name: "EV", subjects: ["ev.>"] }))
      yield* publish(11, 20)
      const again = yield* own(consume, 1)
      yield* untilCount(20)
      yield* again.revoke
      assert.deepStrictEqual(seen, range(1, 20))
    })
  )

  it.live("a server that is killed and comes back costs at most a repetition of what was in hand", () =>
    Effect.gen(function* () {
      const { nats, process, publish, server } = yield* setUp()
      const { handler, seen, until } = recorder()
      yield* publish(1, 50)
      const consume = yield* process({ handler })
      const owner = yield* own(consume, 1)
      yield* until(() => seen.length >= 50)
      yield* server.kill
      // Before it is back: a busy process may notice both at once.
      yield* Effect.repeat(Effect.sync(nats.link.isUp), { until: (isUp) => !isUp, schedule: Schedule.spaced(1) })
      yield* server.start
      yield* nats.link.up
      yield* publish(51, 100)
      yield* until(() => seen.includes(100))
      yield* owner.revoke
      assert.deepStrictEqual([...new Set(seen)], range(1, 100))
    })
  )
})
