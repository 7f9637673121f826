/**
 * Publishes numbered messages: for each partition 1, 2, 3, and so on.
 *
 * @since 0.1.0
 */
import { jetstream, type JetStreamClient } from "@nats-io/jetstream"
import type { Writer } from "@parti/testkit/FleetJournal"
import * as Arr from "effect/Array"
import * as Effect from "effect/Effect"
import * as Semaphore from "effect/Semaphore"
import * as Schedule from "effect/Schedule"
import type { NatsConnection } from "@parti/nats-adapter/NatsConnection"
import * as WorkerSettings from "./WorkerSettings.ts"

/**
 * A producer.
 *
 * - `publish`: so many more for each partition; ends when the server has all of them, however long it is away.
 * - `stream`: so many a second over all partitions, until it is interrupted.
 *
 * @category models
 * @since 0.1.0
 */
export interface Producer {
  readonly publish: (perPartition: number) => Effect.Effect<void>
  readonly stream: (perSecond: number) => Effect.Effect<never>
}

/** Of more partitions some have their turn after the others: all at once would only wait for each other. */
const maxAtOnce = 100

/**
 * A producer for a stream, which says in a journal what is there to be handled.
 *
 * @category constructors
 * @since 0.1.0
 */
export const make = (
  nats: NatsConnection["Service"],
  options: { readonly stream: string; readonly partitions: number; readonly journal: Pick<Writer, "write"> }
): Producer => {
  const client = jetstream(nats.connection, { timeout: 1_000 })
  const { journal, stream } = options
  const partitions = WorkerSettings.partitionIds(options.partitions).map((id) => {
    return { id, through: 0, told: 0, turn: Semaphore.makeUnsafe(1) }
  })

  // One after the other, whoever publishes: a number is taken when the one before is with the server. An attempt is not
  // cut off, or the server could have a message of which nobody is told.
  const publishOne = (partition: (typeof partitions)[number]): Effect.Effect<void> =>
    Effect.suspend(() => send(client, stream, partition.id, partition.through + 1)).pipe(
      Effect.map(() => {
        partition.through += 1
      }),
      Effect.uninterruptible,
      // One that comes a second time is known by its id, and stored once.
      Effect.retry(Schedule.spaced("50 millis")),
      Effect.orDie,
      Semaphore.withPermit(partition.turn)
    )
  const tell = Effect.sync(() => {
    for (const one of partitions) {
      if (one.told === one.through) continue
      one.told = one.through
      journal.write({ _tag: "Published", partition: one.id, through: one.through })
    }
  })
  const to = (some: typeof partitions, count: number): Effect.Effect<void> =>
    Effect.forEach(some, (one) => Effect.repeat(publishOne(one), { times: count - 1 }), {
      concurrency: "unbounded",
      discard: true
    })
  const turns = Arr.chunksOf(partitions, maxAtOnce)
  let turn = 0
  const next = Effect.suspend(() => to(turns[turn++ % turns.length] ?? [], 1))

  return {
    publish: (perPartition) =>
      Effect.ensuring(
        Effect.forEach(turns, (some) => to(some, perPartition), { discard: true }),
        tell
      ),
    stream: (perSecond) =>
      next.pipe(
        Effect.andThen(tell),
        Effect.schedule(Schedule.fixed((1_000 * partitions.length) / turns.length / perSecond)),
        Effect.andThen(Effect.never),
        Effect.ensuring(tell)
      )
  }
}

const send = (client: JetStreamClient, stream: string, partition: string, sequence: number) =>
  Effect.tryPromise(() =>
    client.publish(WorkerSettings.subjectOf(stream, partition), String(sequence), {
      msgID: `${partition} ${sequence}`
    })
  )
