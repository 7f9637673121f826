/**
 * What people and the sources of partitions ask of a group.
 *
 * @since 0.1.0
 */
import type { ControlRecord } from "@parti/core/Protocol"
import type { Group } from "./Group.ts"
import type { Random } from "./Random.ts"
import * as Shell from "./Shell.ts"
import * as Store from "./Store.ts"
import * as Value from "./Value.ts"
import { processes, type Process } from "./World.ts"

/**
 * Gives the group an order through one of its workers: to pause or go on, to drain a worker or no longer, to rebalance, to
 * read its partitions again.
 *
 * @category combinators
 * @since 0.1.0
 */
export const order = (group: Group, process: Process, random: Random): boolean => {
  const control = draw(group, process, random)
  if (control === null) return false
  Shell.tell(group, process, { _tag: "ControlRequested", control })
  return true
}

// A drain is drawn as often as all that it may interfere with.
const orders = ["Drain", "Drain", "Pause", "Rebalance", "Refresh"] as const satisfies ReadonlyArray<
  ControlRecord["_tag"]
>

const draw = (group: Group, process: Process, random: Random): ControlRecord | null => {
  const { world } = group
  const serial = process.slot.clock.wall(world.now)
  switch (random.pick(orders)) {
    case "Pause":
      return { _tag: "Pause", paused: random.chance(0.5) }
    case "Drain": {
      const { session, workerId } = world.reducers.view(process.state, process.lastAt)
      if (session === null || workerId === null) return null
      return { _tag: "Drain", workerId, session, draining: random.chance(0.6) }
    }
    case "Rebalance":
      return { _tag: "Rebalance", serial }
    case "Refresh":
      return { _tag: "Refresh", serial }
  }
}

/**
 * Takes back every order that would keep the group from coming to rest.
 *
 * @category combinators
 * @since 0.1.0
 */
export const revokeAll = (group: Group): void => {
  const { store, world } = group
  for (const [key, { value }] of world.plan.entries) {
    if (value._tag !== "Control") continue
    const control = undone(value.control)
    if (control === null || !isInForce(group, control)) continue
    const [process] = processes(world)
    if (process === undefined) continue
    const opposite: Value.Value = { _tag: "Control", control }
    Store.apply(world, store, {
      process,
      bucket: "plan",
      key,
      value: opposite,
      expected: null,
      life: null,
      issuedAt: 0
    })
  }
}

/** A drain of a session that is no more binds nobody, and is left where it is. */
const isInForce = ({ leases }: Group, control: ControlRecord): boolean =>
  control._tag !== "Drain" || leases.all.get(control.session)?.process.status !== "Gone"

const undone = (control: ControlRecord): ControlRecord | null => {
  switch (control._tag) {
    case "Pause":
      return control.paused ? { ...control, paused: false } : null
    case "Drain":
      return control.draining ? { ...control, draining: false } : null
    case "Rebalance":
    case "Refresh":
      return null
  }
}
