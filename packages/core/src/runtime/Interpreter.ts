/**
 * Carries out what the machine orders, and decides nothing.
 *
 * @since 0.1.0
 */
import * as Effect from "effect/Effect"
import { assert } from "../model/Assert.ts"
import * as ListCodec from "../model/ListCodec.ts"
import type { Compression } from "../model/Compression.ts"
import * as Partition from "../model/Partition.ts"
import type { Plan } from "../model/Plan.ts"
import type { Command } from "../protocol/Command.ts"
import type { Holding, NodeView } from "../protocol/View.ts"
import type { Handlers } from "./Handlers.ts"
import type { OwnedPartition } from "./OwnedPartition.ts"
import type { Listing } from "./Listing.ts"
import type { Timer } from "./Timer.ts"
import type { Watcher } from "./Watcher.ts"
import type { Writer } from "./Writer.ts"

/**
 * Everything that orders are carried out with.
 *
 * @category models
 * @since 0.1.0
 */
export interface Tools {
  readonly compression: Compression
  readonly handlers: Handlers
  readonly listing: Listing
  readonly timer: Timer
  readonly watcher: Watcher
  readonly writer: Writer
}

/**
 * Carries out one order; what takes time is left running.
 *
 * @category running
 * @since 0.1.0
 */
export const execute = (tools: Tools, command: Command, after: NodeView): Effect.Effect<void> => {
  const { handlers, listing, timer, watcher, writer } = tools
  switch (command._tag) {
    case "SetTimer":
      return timer.set(command.at)
    case "Watch":
      return watcher.watchLive(command.scope, command.serial)
    case "WriteWorker":
    case "WriteLeader":
    case "WritePlan":
    case "WriteControl":
      return writer.write(command)
    case "RemoveLists":
      return Effect.suspend(() => writer.remove(watcher.staleKeys(command.olderThan)))
    case "StartPartition":
      return handlers.start(owned(command, after.plan))
    case "StopPartition":
      return handlers.stop(command.partition, command.token, command.reason)
    case "ReadPartitions":
      return listing.read
    case "Report":
    case "Halt":
      // Said to those who observe; there is nothing to do.
      return Effect.void
  }
}

/**
 * Puts back the pieces of the list in force that are gone from the bucket: without them nobody can join.
 *
 * @category running
 * @since 0.1.0
 */
export const restoreList = ({ compression, watcher, writer }: Tools, plan: Plan): Effect.Effect<void> =>
  Effect.suspend(() => {
    const missing = new Set(watcher.missingKeys())
    if (missing.size === 0) return Effect.void
    return writer.create(ListCodec.encode(plan.list, compression).filter(({ key }) => missing.has(key)))
  })

const places = new WeakMap<Plan["list"], ReadonlyMap<Partition.PartitionId, number>>()

/** Where each partition stands in a list; worked out once for each list. */
const placesIn = (list: Plan["list"]): ReadonlyMap<Partition.PartitionId, number> => {
  const known = places.get(list)
  if (known !== undefined) return known
  const made = new Map(Partition.index(list.partitions).ids.map((id, place) => [id, place]))
  places.set(list, made)
  return made
}

/**
 * A partition that runs here, with all there is to know about it. A plan that starts it lists it.
 *
 * @category conversions
 * @since 0.1.0
 */
export const owned = ({ epoch, partition: id, token }: Holding, plan: Plan | null): OwnedPartition => {
  const place = plan === null ? undefined : placesIn(plan.list).get(id)
  const partition = plan?.list.partitions[place ?? -1]
  assert(partition !== undefined, `partition ${id} is started under a plan that lists it`)
  return { partition, id, token, epoch }
}
