/** Messages per second through owners, beside bare pull consumers of the same shape, on one server, taken in turns. */
import { AckPolicy, jetstream, jetstreamManager, StorageType } from "@nats-io/jetstream"
import * as Partition from "@parti/core/Partition"
import * as JetStreamPartitions from "@parti/nats-adapter/JetStreamPartitions"
import * as NatsConnection from "@parti/nats-adapter/NatsConnection"
import * as NatsServer from "@parti/testkit/NatsServer"
import { Deferred, Effect } from "effect"
import type { StopReason } from "@parti/core/Parti"
import { perSecond, quantile, type Row } from "./Row.ts"

type Connection = NatsConnection.NatsConnection["Service"]["connection"]

const partitions = 16
const each = 4_000
const total = partitions * each
const prefetch = 64
const rounds = 13

const fill = async (connection: Connection): Promise<void> => {
  const manager = await jetstreamManager(connection)
  await manager.streams.add({ name: "EV", subjects: ["ev.>"], storage: StorageType.Memory })
  const client = jetstream(connection)
  const payload = new Uint8Array(200).fill(7)
  for (let i = 0; i < each; i++) {
    await Promise.all(Array.from({ length: partitions }, (_, partition) => client.publish(`ev.${partition}`, payload)))
  }
}

/** One durable consumer for each partition, acknowledged one by one: what a program without Parti would write. */
const bare = async (connection: Connection, round: number): Promise<number> => {
  const manager = await jetstreamManager(connection)
  const client = jetstream(connection)
  const startedAt = performance.now()
  let seen = 0
  const done = Promise.withResolvers<void>()
  const pulls = await Promise.all(
    Array.from({ length: partitions }, async (_, partition) => {
      const name = `bare-${round}-${partition}`
      const settings = { ack_policy: AckPolicy.Explicit, max_ack_pending: prefetch, filter_subject: `ev.${partition}` }
      await manager.consumers.add("EV", { durable_name: name, ...settings })
      const consumer = await client.consumers.get("EV", name)
      const callback = (message: { readonly ack: () => void }) => {
        message.ack()
        if (++seen === total) done.resolve()
      }
      return { name, messages: await consumer.consume({ max_messages: prefetch, callback }) }
    })
  )
  await done.promise
  const rate = (1_000 * total) / (performance.now() - startedAt)
  for (const { messages, name } of pulls) {
    messages.stop()
    await manager.consumers.delete("EV", name)
  }
  return rate
}

const owned = (nats: NatsConnection.NatsConnection["Service"], round: number, concurrency: number) =>
  Effect.gen(function* () {
    const done = yield* Deferred.make<void>()
    const revoked = yield* Deferred.make<StopReason>()
    let seen = 0
    const { consume } = yield* JetStreamPartitions.make<never, never>({
      stream: "EV",
      name: `owned-${round}-${concurrency}`,
      subject: "ev.{id}",
      prefetch,
      concurrency,
      handler: () => {
        if (++seen === total) Deferred.doneUnsafe(done, Effect.void)
        return Effect.void
      }
    }).pipe(Effect.provideService(NatsConnection.NatsConnection, nats))
    const startedAt = performance.now()
    const runs = Array.from({ length: partitions }, (_, i) => {
      const partition = { keys: [String(i)], weight: 1 }
      const context = {
        partition,
        id: Partition.id(partition),
        token: 1,
        epoch: 1,
        revoked: Deferred.await(revoked),
        isCurrent: () => true
      }
      return Effect.scoped(consume(context))
    })
    yield* Effect.forkScoped(Effect.all(runs, { concurrency: "unbounded" }))
    yield* Deferred.await(done)
    const rate = (1_000 * total) / (performance.now() - startedAt)
    yield* Deferred.succeed(revoked, "Stopping")
    return rate
  }).pipe(Effect.scoped)

export const run: Effect.Effect<ReadonlyArray<Row>, unknown> = Effect.gen(function* () {
  const server = yield* NatsServer.make()
  const nats = yield* NatsConnection.make({ servers: server.url })
  yield* Effect.promise(() => fill(nats.connection))
  const rates = { bare: new Array<number>(), one: new Array<number>(), eight: new Array<number>() }
  // The first round warms up; they take turns, so that what else the machine does hurts all.
  for (let round = 0; round < rounds; round++) {
    const bareRate = yield* Effect.promise(() => bare(nats.connection, round))
    const one = yield* owned(nats, round, 1)
    const eight = yield* owned(nats, round, 8)
    if (round === 0) continue
    rates.bare.push(bareRate)
    rates.one.push(one)
    rates.eight.push(eight)
  }
  const median = quantile(rates.bare, 0.5)
  const row = (what: string, samples: ReadonlyArray<number>): Row => {
    const ratio = quantile(samples, 0.5) / median
    return {
      what,
      value: ratio.toFixed(2),
      aim: "≥ 0.8",
      note: `${perSecond(quantile(samples, 0.5))}, bare ${perSecond(median)}`
    }
  }
  return [
    row(`messages through owners of ${partitions} partitions, in order, beside bare consumers`, rates.one),
    row("  the same with a concurrency of 8", rates.eight)
  ]
}).pipe(Effect.scoped)
