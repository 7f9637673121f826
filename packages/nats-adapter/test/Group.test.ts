import { assert, describe, it } from "@effect/vitest"
import { jetstream, jetstreamManager } from "@nats-io/jetstream"
import { CoordinationStore } from "@parti/core/CoordinationStore"
import * as Parti from "@parti/core/Parti"
import * as HashedPartitions from "@parti/nats-adapter/HashedPartitions"
import * as JetStreamPartitions from "@parti/nats-adapter/JetStreamPartitions"
import * as NatsConnection from "@parti/nats-adapter/NatsConnection"
import * as NatsStore from "@parti/nats-adapter/NatsStore"
import * as NatsServer from "@parti/testkit/NatsServer"
import { Effect, Exit, Fiber, References, Schedule, Scope } from "effect"

interface Handled {
  readonly worker: string
  readonly partition: string
  readonly customer: string
  readonly number: number
}

const hashed = HashedPartitions.make({ count: 16, source: "orders.*.*", by: [1], prefix: "hashed" })

const config = {
  heartbeatIntervalMs: 300,
  leaseMs: 2_000,
  marginMs: 200,
  requestTimeoutMs: 500,
  degradedAfterMs: 1_000,
  recoverAfterMs: 500,
  fenceLeadMs: 300,
  coldStartWindowMs: 100,
  plannedWindowMs: 100,
  minRebalanceIntervalMs: 100
}

/** A worker on connections of its own, that handles what it owns and remembers it. */
const work = (servers: string, worker: string, handled: Array<Handled>) =>
  Effect.gen(function* () {
    const nats = yield* NatsConnection.make({ servers, name: worker })
    const store = yield* Effect.provideService(
      NatsStore.make({ group: "g", requestTimeout: "400 millis" }),
      NatsConnection.NatsConnection,
      nats
    )
    const parti = yield* Effect.provideService(
      Parti.make({ group: "g", partitions: hashed.partitions, config }),
      CoordinationStore,
      store
    )
    yield* JetStreamPartitions.forEachMessage({
      stream: "ORDERS",
      name: "g",
      subject: hashed.subject,
      handler: (message, { id }) =>
        Effect.sync(() => {
          const [, , customer = ""] = message.subject.split(".")
          handled.push({ worker, partition: id, customer, number: Number(message.string()) })
        })
    }).pipe(Effect.provideService(Parti.Parti, parti), Effect.provideService(NatsConnection.NatsConnection, nats))
    return parti
  })

describe("A group", () => {
  it.live("shares a stream's messages, in order for each customer, while a worker joins and leaves", () =>
    Effect.gen(function* () {
      const server = yield* NatsServer.make()
      const { connection } = yield* NatsConnection.make({ servers: server.url })
      const manager = yield* Effect.promise(() => jetstreamManager(connection))
      yield* Effect.promise(() =>
        manager.streams.add({ name: "ORDERS", subjects: ["orders.*.*"], subject_transform: hashed.transform })
      )
      let isPublishing = true
      let published = 0
      const publishing = yield* Effect.forkChild(
        Effect.promise(async () => {
          for (; isPublishing; published++) {
            await jetstream(connection).publish(`orders.customer-${published % 50}.new`, String(published))
          }
        })
      )
      const handled: Array<Handled> = []
      const told = () => {
        const seen = new Set(handled.map(({ number }) => number))
        const missing = Array.from({ length: published }, (_, number) => number).filter((number) => !seen.has(number))
        const by = ["one", "two"].map((worker) => handled.filter((each) => each.worker === worker).length)
        return `of ${published} published, handled ${by.join(" and ")}; missing ${missing.length}: ${missing.slice(0, 20).join()}`
      }
      const until = (isTrue: () => boolean) =>
        Effect.repeat(Effect.sync(isTrue), { until: (answer) => answer, schedule: Schedule.spaced("5 millis") }).pipe(
          Effect.timeoutOrElse({ duration: "20 seconds", orElse: () => Effect.sync(() => assert.fail(told())) })
        )
      const isHandledBy = (worker: string, count: number) => () =>
        handled.filter((each) => each.worker === worker).length >= count

      yield* work(server.url, "one", handled)
      yield* until(isHandledBy("one", 100))
      const stay = yield* Scope.make()
      yield* Scope.provide(work(server.url, "two", handled), stay)
      yield* until(isHandledBy("two", 100))
      yield* Scope.close(stay, Exit.void)
      isPublishing = false
      yield* Fiber.join(publishing)
      yield* until(() => handled.length >= published)

      const numbers = handled.map(({ number }) => number)
      assert.lengthOf(numbers, published)
      assert.lengthOf(new Set(numbers), published)
      const lastOf = new Map<string, number>()
      for (const { customer, number } of handled) {
        assert.isAbove(number, lastOf.get(customer) ?? -1)
        lastOf.set(customer, number)
      }
      assert.isAbove(new Set(handled.map(({ partition }) => partition)).size, 8)
    }).pipe(Effect.provideService(References.MinimumLogLevel, "Error"))
  )
})
