/**
 * The partitions that there are to work on, and what a machine is told of them.
 *
 * @since 0.1.0
 */
import { Partition } from "@parti/core/Protocol"
import * as Result from "effect/Result"
import * as Random from "./Random.ts"
import type { Scenario } from "./Scenario.ts"
import type { Slot, Source, World } from "./World.ts"

/**
 * The partitions at the start.
 *
 * @category constructors
 * @since 0.1.0
 */
export const make = (scenario: Scenario): Source => {
  const random = Random.make(scenario.seed, "source")
  const isWeighted = random.chance(0.3)
  const partitions = Array.from({ length: scenario.partitions }, (_, index) =>
    partition(index, isWeighted ? random.between(0, 10) : 1)
  )
  return { partitions, listed: new Map(), failsUntil: 0, isBrokenUntil: 0 }
}

/**
 * Adds, removes or weighs partitions, as `salt` says. A removed one may come back.
 *
 * @category combinators
 * @since 0.1.0
 */
export const change = (world: World, salt: number): void => {
  const { source, scenario } = world
  const random = Random.make(salt, "change")
  const universe = Math.max(4, Math.ceil(scenario.partitions * 1.5))
  const chosen = new Map(source.partitions.map((one) => [one.keys[1] ?? "", one]))
  const changes = random.between(1, Math.ceil(universe / 3))
  for (let i = 0; i < changes; i++) {
    const one = partition(random.between(0, universe - 1), random.pick([1, 1, 1, 5]))
    const key = one.keys[1] ?? ""
    if (chosen.has(key) && chosen.size > 1 && random.chance(0.6)) chosen.delete(key)
    else chosen.set(key, one)
  }
  source.partitions = [...chosen.values()]
  source.listed.clear()
}

/**
 * What a machine is told now, in canonical order as the shell hands it on; `null` when it is told nothing but that it
 * failed.
 *
 * @category getters
 * @since 0.1.0
 */
export const listFor = (world: World, slot: Slot): ReadonlyArray<Partition.Partition> | null => {
  const { source } = world
  if (world.now < source.failsUntil || world.now < slot.sourceFailsUntil) return null
  const aspect = aspectFor(world, slot)
  const known = source.listed.get(aspect)
  if (known !== undefined) return known
  const listed = Result.getOrElse(Partition.normalise(raw(source, aspect)), () => null)
  source.listed.set(aspect, listed)
  return listed
}

type Aspect = "Whole" | "Empty" | "Doubled" | "Contradictory" | "Half"

const oddities = ["Empty", "Doubled", "Contradictory"] as const

const aspectFor = (world: World, slot: Slot): Aspect => {
  if (world.now < slot.sourceOddUntil) return oddities[slot.oddity % oddities.length] ?? "Empty"
  return world.now < slot.sourceDiffersUntil ? "Half" : "Whole"
}

const raw = ({ partitions }: Source, aspect: Aspect): ReadonlyArray<Partition.Partition> => {
  const first = partitions.slice(0, 1)
  switch (aspect) {
    case "Whole":
      return partitions
    case "Empty":
      return []
    case "Doubled":
      return [...partitions, ...first]
    case "Contradictory":
      return [...partitions, ...first.map((one) => ({ ...one, weight: one.weight + 1 }))]
    case "Half":
      return partitions.slice(0, Math.ceil(partitions.length / 2))
  }
}

const partition = (index: number, weight: number): Partition.Partition => ({ keys: ["tool", String(index)], weight })
