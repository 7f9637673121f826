import { assert, describe, it } from "@effect/vitest"
import * as Metrics from "@parti/core/Metrics"
import { FirstWork } from "@parti/core/Parti"
import { Effect, Metric } from "effect"
import { own, recorder, setUp } from "./Consuming.ts"

const labels = { stream: "EV", consumption: "test" }

/** What a metric shows; of a histogram, how many values it has. */
const shown = (name: Metrics.MetricName, own: Readonly<Record<string, string>> = {}) =>
  Effect.map(Metric.snapshot, (snapshot) => {
    const wanted = { ...labels, ...own, unit: Metrics.entryOf(name).unit }
    const found = snapshot.find(({ attributes, id }) => id === name && isSame(attributes ?? {}, wanted))
    if (found === undefined) return null
    return found.type === "Gauge" ? found.state.value : found.type === "Frequency" ? null : found.state.count
  })

/** What all series of a metric show together. */
const sum = (name: Metrics.MetricName) =>
  Effect.map(Metric.snapshot, (snapshot) => {
    const found = snapshot.filter(({ id }) => id === name)
    return found.length === 0 ? null : found.reduce((all, one) => all + numberOf(one), 0)
  })

const numberOf = (one: Metric.Metric.Snapshot): number => {
  if (one.type === "Gauge") return Number(one.state.value)
  return one.type === "Frequency" ? assert.fail("there is none of this kind") : Number(one.state.count)
}

const consuming = Metrics.names.filter((name) => Metrics.entryOf(name).scope === "consumption")

const isSame = (one: Readonly<Record<string, string>>, other: Readonly<Record<string, string>>): boolean =>
  Object.keys(one).length === Object.keys(other).length &&
  Object.entries(one).every(([name, value]) => other[name] === value)

describe("The metrics of a consumption", () => {
  it.live("count every message, every attempt, and what is left", () =>
    Effect.gen(function* () {
      const { nats, process, publish } = yield* setUp()
      const { handler: remember, untilCount } = recorder()
      yield* publish(1, 10)
      yield* publish(100, 100, "ev.dead")
      let attempts = 0
      const consume = yield* process({
        prefetch: 4,
        maxDeliver: 2,
        backoff: ["1 milli"],
        deadLetterSubject: (message) => `ev.dead.${message.seq}`,
        handler: (message, context) =>
          Effect.gen(function* () {
            attempts += 1
            if (attempts === 1) {
              // The server is told that it is not wanted, and delivers it once more.
              const { consumer, deliverySequence, pending, stream, timestampNanos } = message.info
              const place = [1, message.seq, deliverySequence, timestampNanos, pending].join(".")
              nats.connection.publish(`$JS.ACK.${stream}.${consumer}.${place}`, "-NAK")
              yield* Effect.repeat(shown("parti_messages_redelivered_total"), { until: (count) => count === 1 })
            }
            yield* remember(message, context)
            if (message.seq === 3) return yield* Effect.fail("no")
          })
      })
      const owner = yield* own(consume, 1)
      yield* untilCount(11)
      yield* owner.revoke
      assert.strictEqual(yield* shown("parti_messages_handled_total"), 9)
      assert.strictEqual(yield* shown("parti_message_failures_total"), 2)
      assert.strictEqual(yield* shown("parti_messages_dead_lettered_total"), 1)
      assert.strictEqual(yield* shown("parti_messages_redelivered_total"), 1)
      assert.strictEqual(yield* shown("parti_message_ack_latency_seconds"), 10)
      assert.strictEqual(yield* shown("parti_message_handler_duration_seconds", { outcome: "succeeded" }), 9)
      assert.strictEqual(yield* shown("parti_message_handler_duration_seconds", { outcome: "failed" }), 2)
      assert.strictEqual(yield* shown("parti_messages_in_flight"), 0)
      assert.strictEqual(yield* shown("parti_consumer_lag"), 0)
      assert.strictEqual(yield* shown("parti_consumers_made_total"), 1)
      assert.strictEqual(yield* shown("parti_consumer_runs_ended_total", { ending: "Revoked" }), 1)
      const values = yield* Effect.forEach(consuming, (name) =>
        Effect.map(sum(name), (value) => [name, value] as const)
      )
      const gauges = consuming.filter((name) => Metrics.entryOf(name).kind === "gauge")
      const silent = values.filter(([name, value]) => value === null || (value === 0 && !gauges.includes(name)))
      assert.deepStrictEqual(silent, [["parti_messages_discarded_total", 0]], "all others have counted something")
    }).pipe(Effect.provideService(Metric.MetricRegistry, new Map()))
  )

  it.live("show what waits on the server and what is in hand, and judge no attempt that is interrupted", () =>
    Effect.gen(function* () {
      const { process, publish } = yield* setUp()
      const { handler: remember, untilCount } = recorder()
      yield* publish(1, 10)
      const consume = yield* process({
        prefetch: 4,
        maxDeliver: 1,
        handler: (message, context) =>
          Effect.andThen(remember(message, context), message.seq === 1 ? Effect.fail("no") : Effect.never)
      })
      const owner = yield* own(consume, 1)
      yield* untilCount(2)
      // The first was given up, with nowhere to go, and another has come in its place.
      yield* Effect.repeat(shown("parti_consumer_lag"), { until: (count) => count === 5 })
      assert.strictEqual(yield* shown("parti_messages_in_flight"), 4)
      assert.strictEqual(yield* shown("parti_messages_discarded_total"), 1)
      owner.fiber.interruptUnsafe()
      yield* owner.revoke
      assert.strictEqual(yield* shown("parti_messages_in_flight"), 0)
      assert.strictEqual(yield* shown("parti_consumer_lag"), 0)
      // The second was being handled, and interrupted: that is neither a success nor a failure.
      assert.strictEqual(yield* shown("parti_messages_handled_total"), 0)
      assert.isNull(yield* shown("parti_message_handler_duration_seconds", { outcome: "succeeded" }))
      assert.strictEqual(yield* shown("parti_message_failures_total"), 1)
      assert.strictEqual(yield* shown("parti_message_handler_duration_seconds", { outcome: "failed" }), 1)
    }).pipe(Effect.provideService(Metric.MetricRegistry, new Map()))
  )

  it.live("begin with the first message, of which the worker is told once", () =>
    Effect.gen(function* () {
      const { process, publish } = yield* setUp()
      const { handler, untilCount } = recorder()
      yield* publish(1, 5)
      const consume = yield* process({ handler })
      let told = 0
      const firstWork = Effect.sync(() => void (told += 1))
      const owner = yield* own((context) => Effect.provideService(consume(context), FirstWork, firstWork), 1)
      yield* untilCount(5)
      yield* owner.revoke
      assert.strictEqual(told, 1)
    })
  )
})
