/** What the tests of consumption share: a stream, processes that own a partition of it, and a handler that remembers. */
import { jetstream, jetstreamManager, StorageType, type StreamConfig } from "@nats-io/jetstream"
import type { PartitionContext, StopReason } from "@parti/core/Parti"
import * as Partition from "@parti/core/Partition"
import type { ConsumptionError } from "@parti/nats-adapter/ConsumptionError"
import * as JetStreamPartitions from "@parti/nats-adapter/JetStreamPartitions"
import * as NatsConnection from "@parti/nats-adapter/NatsConnection"
import * as NatsServer from "@parti/testkit/NatsServer"
import { Deferred, Effect, type Exit, Fiber, type Scope } from "effect"

export type Options = JetStreamPartitions.JetStreamPartitionsOptions<unknown, never>

const a = { keys: ["a"], weight: 1 }

/** A server with a stream of two partitions, and a process that may own them. */
export const setUp = (config: Partial<StreamConfig> = {}, on: Parameters<typeof NatsServer.make>[0] = {}) =>
  Effect.gen(function* () {
    const server = yield* NatsServer.make(on)
    const nats = yield* NatsConnection.make({ servers: server.url, pingInterval: "250 millis" })
    const manager = yield* Effect.promise(() => jetstreamManager(nats.connection))
    const client = jetstream(nats.connection)
    yield* Effect.promise(() =>
      manager.streams.add({ name: "EV", subjects: ["ev.>"], storage: StorageType.File, ...config })
    )
    const publish = (from: number, to: number, subject = "ev.a") =>
      Effect.promise(async () => {
        for (let i = from; i <= to; i++) await client.publish(subject, String(i))
      })
    const consumers = Effect.promise(async () => {
      const names: Array<string> = []
      for await (const { name } of manager.consumers.list("EV")) names.push(name)
      return names
    })
    const process = (options: Partial<Options> & Pick<Options, "handler">, on = nats) =>
      JetStreamPartitions.make<unknown, never>({ stream: "EV", name: "test", subject: "ev.{id}", ...options }).pipe(
        Effect.map(({ consume }) => consume),
        Effect.provideService(NatsConnection.NatsConnection, on)
      )
    return { server, nats, manager, client, publish, consumers, process }
  })

export type Consume = (context: PartitionContext) => Effect.Effect<void, ConsumptionError, Scope.Scope>

export interface Owner {
  readonly revoke: Effect.Effect<Exit.Exit<void, ConsumptionError>>
  readonly fiber: Fiber.Fiber<void, ConsumptionError>
}

/** Owns a partition under a token, as the runtime would, until it is revoked. */
export const own = (
  consume: Consume,
  token: number,
  partition = a,
  isCurrent: () => boolean = () => true
): Effect.Effect<Owner> =>
  Effect.gen(function* () {
    const revoked = yield* Deferred.make<StopReason>()
    const context: PartitionContext = {
      partition,
      id: Partition.id(partition),
      token,
      epoch: 1,
      revoked: Deferred.await(revoked),
      isCurrent
    }
    const fiber = yield* Effect.forkDetach(Effect.scoped(consume(context)), { startImmediately: true })
    const revoke = Effect.andThen(Deferred.succeed(revoked, "Revoked"), Fiber.await(fiber))
    return { revoke, fiber }
  })

/** Remembers what was handled, and wakes who waits for it. */
export const recorder = () => {
  const seen: Array<number> = []
  const waiting = new Set<() => void>()
  const handler: Options["handler"] = (message) =>
    Effect.sync(() => {
      seen.push(Number(message.string()))
      for (const check of waiting) check()
    })
  const until = (predicate: () => boolean): Effect.Effect<void> =>
    Effect.callback((resume) => {
      const check = (): void => {
        if (!predicate()) return
        waiting.delete(check)
        resume(Effect.void)
      }
      waiting.add(check)
      check()
    })
  return { seen, handler, until, untilCount: (count: number) => until(() => seen.length >= count) }
}

export const range = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, i) => from + i)
