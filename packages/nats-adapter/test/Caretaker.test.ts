import { assert, describe, it } from "@effect/vitest"
import { AckPolicy, RetentionPolicy, type StreamConfig } from "@nats-io/jetstream"
import * as MemoryStore from "@parti/core/MemoryStore"
import * as Parti from "@parti/core/Parti"
import * as PartitionSource from "@parti/core/PartitionSource"
import { ConsumerLimitTooLow } from "@parti/nats-adapter/ConsumptionError"
import * as JetStreamPartitions from "@parti/nats-adapter/JetStreamPartitions"
import { NatsConnection } from "@parti/nats-adapter/NatsConnection"
import { Effect, Logger, Schedule } from "effect"
import { type Options, range, recorder, setUp } from "./Consuming.ts"

const oldest = process.env["OLDEST_NATS_SERVER_BIN"]

const config = { preset: "development", coldStart: "eager", coldStartWindowMs: 0, plannedWindowMs: 0 } as const

const partitionsOf = (...keys: ReadonlyArray<string>) => keys.map((key) => ({ keys: [key] }))

/** A worker of a group in memory that owns everything, on a stream of a real server. */
const lead = (
  options: Partial<Options>,
  partitions: ReadonlyArray<{ readonly keys: ReadonlyArray<string> }>,
  stream: Partial<StreamConfig> = {},
  on: Parameters<typeof setUp>[1] = {}
) =>
  Effect.gen(function* () {
    const tools = yield* setUp(stream, on)
    const source = yield* PartitionSource.fixed(partitions)
    const warnings: Array<unknown> = []
    const logger = Logger.make(({ message }) => {
      warnings.push(...(Array.isArray(message) ? message : [message]))
    })
    const parti = yield* Parti.make({ group: "g", partitions: source, config }).pipe(
      Effect.provide(MemoryStore.layer())
    )
    const { handler, seen, untilCount } = recorder()
    yield* JetStreamPartitions.forEachMessage<unknown, never>({
      stream: "EV",
      name: "test",
      subject: "ev.{id}",
      handler,
      sweepEvery: "100 millis",
      ...options
    }).pipe(
      Effect.provideService(Parti.Parti, parti),
      Effect.provideService(NatsConnection, tools.nats),
      Effect.provide(Logger.layer([logger]))
    )
    const untilConsumers = (isRight: (names: ReadonlyArray<string>) => boolean) =>
      Effect.repeat(tools.consumers, { until: isRight, schedule: Schedule.spaced("20 millis") })
    const limit = Effect.map(
      Effect.promise(() => tools.manager.streams.info("EV")),
      (info) => info.config.max_consumers
    )
    const warning = Effect.repeat(
      Effect.sync(() => warnings.find((one) => one instanceof ConsumerLimitTooLow)),
      { until: (found) => found !== undefined, schedule: Schedule.spaced("20 millis") }
    )
    const leaves = (id: string, ...stay: ReadonlyArray<string>) =>
      Effect.andThen(
        source.update(partitionsOf(...stay)),
        Effect.repeat(parti.group, {
          until: ({ ids }) => !ids().some((one) => one === id),
          schedule: Schedule.spaced("20 millis")
        })
      )
    return { ...tools, source, seen, untilCount, untilConsumers, limit, warning, leaves }
  })

const isOf = (partition: string) => (name: string) => name.startsWith(`test+${partition}+`)

describe.concurrent("The leader", () => {
  it.live("warns, with figures and advice, of a limit of consumers that is too low", () =>
    Effect.gen(function* () {
      const { limit, warning } = yield* lead({}, partitionsOf("a", "b", "c"), { max_consumers: 4 })
      const found = yield* warning
      assert.deepInclude(found, { stream: "EV", limit: 4, needed: 6, partitions: 3, others: 0 })
      assert.match(String(found?.message), /max_consumers to 6 or more/)
      assert.strictEqual(yield* limit, 4)
    })
  )

  it.live("raises the limit if it is told to", () =>
    Effect.gen(function* () {
      const { limit } = yield* lead({ maxConsumers: "raise" }, partitionsOf("a", "b", "c"), { max_consumers: 4 })
      yield* Effect.repeat(limit, { until: (found) => found === 6, schedule: Schedule.spaced("20 millis") })
    })
  )

  it.live.skipIf(oldest === undefined)("says so when the oldest supported server does not let it", () =>
    Effect.gen(function* () {
      const on = oldest === undefined ? {} : { binary: oldest }
      const { limit, warning } = yield* lead(
        { maxConsumers: "raise" },
        partitionsOf("a", "b", "c"),
        { max_consumers: 4 },
        on
      )
      assert.match(String((yield* warning)?.message), /could not be raised: .+; older servers/)
      assert.strictEqual(yield* limit, 4)
    })
  )

  it.live("knows the limit of newer servers that a stream does not show", () =>
    Effect.gen(function* () {
      const { warning } = yield* lead({}, partitionsOf(...range(1, 501).map(String)))
      assert.deepInclude(yield* warning, { limit: 1_000, needed: 1_002 })
    })
  )

  it.live("removes the consumer of a partition that left; when it comes back it begins anew, and loses nothing", () =>
    Effect.gen(function* () {
      const { consumers, leaves, manager, publish, seen, source, untilConsumers, untilCount } = yield* lead(
        { forgetAfter: 0 },
        partitionsOf("a", "b")
      )
      yield* untilConsumers(({ length }) => length === 2)
      // Of others, by names that look alike.
      const others = ["test", "test+b", "test-2+b+1+1", "other+b+1+1", "test+b+1+1+1"]
      for (const name of others) {
        const settings = { durable_name: name, ack_policy: AckPolicy.Explicit }
        yield* Effect.promise(() => manager.consumers.add("EV", settings))
      }
      yield* publish(1, 10, "ev.b")
      yield* untilCount(10)
      yield* leaves("b", "a")
      yield* untilConsumers((names) => !names.some((name) => isOf("b")(name) && !others.includes(name)))
      assert.includeMembers(yield* consumers, others)
      assert.isTrue((yield* consumers).some(isOf("a")))
      yield* publish(11, 20, "ev.b")
      yield* source.update(partitionsOf("a", "b"))
      yield* untilCount(30)
      assert.deepStrictEqual(seen, [...range(1, 10), ...range(1, 20)])
    })
  )

  it.live("keeps the position of a partition that left for as long as it is told to", () =>
    Effect.gen(function* () {
      const { leaves, manager, publish, seen, source, untilConsumers, untilCount } = yield* lead(
        {},
        partitionsOf("a", "b")
      )
      yield* untilConsumers(({ length }) => length === 2)
      yield* publish(1, 10, "ev.b")
      yield* untilCount(10)
      yield* leaves("b", "a")
      // A sweep has taken place when the owner has removed what is below its rank.
      const below = { durable_name: "test+a+1+1", ack_policy: AckPolicy.Explicit }
      yield* Effect.promise(() => manager.consumers.add("EV", below))
      yield* untilConsumers((names) => !names.includes(below.durable_name))
      yield* publish(11, 20, "ev.b")
      yield* source.update(partitionsOf("a", "b"))
      yield* untilCount(20)
      assert.deepStrictEqual(seen, range(1, 20))
    })
  )

  it.live("leaves a consumer alone that somebody pulls from, until nobody does", () =>
    Effect.gen(function* () {
      const { client, consumers, manager, untilConsumers } = yield* lead({ forgetAfter: 0 }, partitionsOf("a"))
      const names = ["test+pulled+1+1", "test+idle+1+1"]
      let stopPulling = Effect.void
      for (const name of names) {
        const settings = { durable_name: name, ack_policy: AckPolicy.Explicit, filter_subject: "ev.none" }
        yield* Effect.promise(() => manager.consumers.add("EV", settings))
        if (name === "test+pulled+1+1") {
          const pulled = yield* Effect.promise(() => client.consumers.get("EV", name))
          const messages = yield* Effect.promise(() => pulled.consume({ callback: () => undefined }))
          stopPulling = Effect.promise(async () => void (await messages.close()))
          yield* Effect.addFinalizer(() => stopPulling)
        }
      }
      yield* untilConsumers((found) => !found.includes("test+idle+1+1"))
      assert.include(yield* consumers, "test+pulled+1+1")
      yield* stopPulling
      yield* untilConsumers((found) => !found.includes("test+pulled+1+1"))
    })
  )

  it.live("keeps consumers on a stream with interest retention, since the messages go with them", () =>
    Effect.gen(function* () {
      const { leaves, manager, publish, seen, source, untilConsumers, untilCount } = yield* lead(
        { forgetAfter: 0 },
        partitionsOf("a", "b"),
        { retention: RetentionPolicy.Interest }
      )
      yield* untilConsumers(({ length }) => length === 2)
      yield* leaves("b", "a")
      yield* publish(1, 10, "ev.b")
      const below = { durable_name: "test+a+1+1", ack_policy: AckPolicy.Explicit, filter_subject: "ev.a" }
      yield* Effect.promise(() => manager.consumers.add("EV", below))
      yield* untilConsumers((names) => !names.includes(below.durable_name))
      yield* source.update(partitionsOf("a", "b"))
      yield* untilCount(10)
      assert.deepStrictEqual(seen, range(1, 10))
    })
  )
})
