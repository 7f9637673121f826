/**
 * How a process follows its source of partitions: only while it leads, since nobody else has a use for the list.
 *
 * @since 0.1.0
 */
import type { Fact } from "@parti/core/Protocol"
import * as Source from "./Source.ts"
import { later, type Process, type World } from "./World.ts"

/** How often a source is looked at by whoever follows it. */
const everyMs = 3000

/** It is not at once that a process finds out that it leads. */
const lookMs = 20

/**
 * After a step: whoever has begun to lead begins to follow, and whoever leads no longer stops.
 *
 * @category combinators
 * @since 0.1.0
 */
export const proceed = (world: World, process: Process, tell: (fact: Fact) => void): void => {
  if (world.now < process.lookedAt + lookMs) return
  process.lookedAt = world.now
  const { isLeader } = world.reducers.view(process.state, process.lastAt)
  if (isLeader === process.isLeader) return
  process.isLeader = isLeader
  process.following += 1
  process.told = null
  if (isLeader) look(world, process, process.following, tell)
}

/**
 * Lists the partitions once, on order.
 *
 * @category combinators
 * @since 0.1.0
 */
export const read = (world: World, process: Process, tell: (fact: Fact) => void): void =>
  later(world, world.now + delay(process), () => {
    const partitions = Source.listFor(world, process.slot)
    tell(
      partitions === null
        ? { _tag: "PartitionsFailed", reason: "the source is away" }
        : { _tag: "PartitionsListed", partitions }
    )
  })

const look = (world: World, process: Process, following: number, tell: (fact: Fact) => void): void =>
  later(world, world.now + delay(process), () => {
    if (process.following !== following || process.status === "Gone") return
    const partitions = Source.listFor(world, process.slot)
    if (partitions === null) tell({ _tag: "PartitionsFailed", reason: "the source is away" })
    else if (partitions !== process.told) {
      process.told = partitions
      tell({ _tag: "PartitionsListed", partitions })
    }
    later(world, world.now + everyMs, () => look(world, process, following, tell))
  })

const delay = ({ slot }: Process): number =>
  slot.random.chance(0.05) ? slot.random.between(1000, 8000) : slot.random.between(1, 100)
