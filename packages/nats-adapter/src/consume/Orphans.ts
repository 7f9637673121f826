/**
 * Consumers of partitions that are no more.
 *
 * @since 0.1.0
 */
import type { JetStreamManager } from "@nats-io/jetstream"
import type { PartitionId } from "@parti/core/Partition"
import type { PartiService } from "@parti/core/Parti"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as NatsFailure from "../connection/NatsFailure.ts"
import type { ConsumerListing } from "./ConsumerListing.ts"
import * as ConsumerName from "./ConsumerName.ts"

/**
 * What is cleaned up, and how patiently.
 *
 * @category models
 * @since 0.1.0
 */
export interface Cleaning {
  readonly manager: JetStreamManager
  readonly listing: ConsumerListing
  readonly stream: string
  readonly consumption: string
  /** For how long a partition must have been out of the plan. */
  readonly graceMs: number
}

/**
 * Those of the names that belong to the consumption and to none of the partitions.
 *
 * @category getters
 * @since 0.1.0
 */
export const among = (
  names: ReadonlyArray<string>,
  consumption: string,
  partitions: ReadonlyArray<PartitionId>
): ReadonlyArray<string> => {
  const known = new Set(partitions.map((id) => ConsumerName.prefix(consumption, id)))
  return names.filter((name) => {
    const prefix = ConsumerName.prefixIn(name)
    return prefix !== null && prefix.startsWith(`${consumption}+`) && !known.has(prefix)
  })
}

// Deleting is no hurry, and a server that does much else should not notice.
const pauseMs = 20

const longestRoundMs = 60_000

/**
 * Removes orphans for as long as it runs, wherever the group's leader is.
 *
 * **Details**
 *
 * What an owner leaves behind that died amid a hand-over is removed by the partition's next owner. So only partitions that have
 * left the plan keep consumers, and with them their position. Each is kept for the grace period, in which the partition
 * may come back and go on where it was. A new leader begins to count anew. A plan that lists no partition at all orphans
 * nothing: that is more likely a mistake than an intention.
 *
 * @category running
 * @since 0.1.0
 */
export const clean = (cleaning: Cleaning, parti: PartiService): Effect.Effect<never> =>
  Effect.gen(function* () {
    const since = new Map<string, number>()
    const everyMs = Math.min(longestRoundMs, Math.max(pauseMs, cleaning.graceMs / 4))
    for (;;) {
      yield* Effect.sleep(everyMs)
      const orphans = yield* find(cleaning, parti)
      for (const name of since.keys()) if (!orphans.includes(name)) since.delete(name)
      const now = yield* monotonicMs
      for (const name of orphans) if (!since.has(name)) since.set(name, now)
      const due = orphans.filter((name) => now - (since.get(name) ?? now) >= cleaning.graceMs)
      yield* Effect.forEach(due, (name) => remove(cleaning, parti, name), { discard: true })
    }
  })

const monotonicMs = Effect.map(Clock.monotonicTimeNanos, (nanos) => Number(nanos) / 1e6)

const find = ({ consumption, listing }: Cleaning, parti: PartiService): Effect.Effect<ReadonlyArray<string>> =>
  Effect.gen(function* () {
    const partitions = (yield* parti.group).ids()
    if (!(yield* parti.isLeader) || partitions.length === 0) return []
    return among(yield* listing, consumption, partitions)
  }).pipe(
    Effect.catch((error) =>
      Effect.as(Effect.logWarning(`consumers of partitions that are no more could not be listed: ${error.message}`), [])
    )
  )

const remove = (cleaning: Cleaning, parti: PartiService, name: string): Effect.Effect<void> =>
  Effect.gen(function* () {
    yield* Effect.sleep(pauseMs)
    // The partition may have come back since.
    const partitions = (yield* parti.group).ids()
    if (among([name], cleaning.consumption, partitions).length === 0 || !(yield* parti.isLeader)) return
    yield* NatsFailure.attempt(() => cleaning.manager.consumers.delete(cleaning.stream, name))
    yield* Effect.logInfo(`removed ${name}: its partition has left`)
  }).pipe(
    // The next round tries again.
    Effect.catch((error) => Effect.logWarning(`${name} could not be removed: ${error.message}`))
  )
