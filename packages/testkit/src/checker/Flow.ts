/**
 * What happens of itself: everything that is under way arrives at once and in a fixed order, unless it is held up.
 *
 * **Details**
 *
 * The fixed order is no restriction of what is checked: any other order is had by holding something up for a moment, and
 * how often that may happen is the bound of the search.
 *
 * @since 0.1.0
 */
import { type Fact, Node } from "@parti/core/Protocol"
import { Breach } from "./Breach.ts"
import * as Landing from "./Landing.ts"
import type { Model } from "./Model.ts"
import * as Process from "./Process.ts"
import * as Runs from "./Runs.ts"
import { slotAt, withSlot, type Mail, type Request, type Slot, type World } from "./World.ts"

/**
 * What comes next.
 *
 * - `Due`: a held fact may be held no longer. `Expired`: the writer of a held write has waited long enough.
 *
 * @category models
 * @since 0.1.0
 */
export type Next =
  | { readonly _tag: "Due"; readonly slot: number; readonly mail: Mail }
  | { readonly _tag: "Expired"; readonly request: Request }
  | { readonly _tag: "Request"; readonly request: Request }
  | { readonly _tag: "Mail"; readonly slot: number; readonly mail: Mail }
  | { readonly _tag: "Shown"; readonly slot: number; readonly bucket: "live" | "plan" }
  | { readonly _tag: "Listing"; readonly slot: number }
  | { readonly _tag: "Timer"; readonly slot: number }

/**
 * What comes next by itself at this instant; `null` when everything is quiet.
 *
 * @category combinators
 * @since 0.1.0
 */
export const next = (model: Model, world: World): Next | null => {
  const request = world.requests.find((one) => !one.isHeld || (one.until <= 0 && !one.isAnswered))
  if (request !== undefined) return request.isHeld ? { _tag: "Expired", request } : { _tag: "Request", request }
  for (let index = 0; index < world.slots.length; index++) {
    const slot = slotAt(world, index)
    const one = slot.status === "Up" ? nextOf(slot, index) : null
    if (one !== null) return one
  }
  for (let index = 0; index < world.slots.length; index++) {
    const { node, status } = slotAt(world, index)
    if (status !== "Up") continue
    if (wantsListing(model, world, index)) return { _tag: "Listing", slot: index }
    if (node.timerAt !== null && node.timerAt <= 0) return { _tag: "Timer", slot: index }
  }
  return null
}

const nextOf = (slot: Slot, index: number): Next | null => {
  const mail = slot.inbox.find((one) => !one.isHeld || one.until <= 0)
  if (mail !== undefined) return { _tag: mail.isHeld ? "Due" : "Mail", slot: index, mail }
  if (slot.isCut) return null
  if (!slot.live.isHeld && slot.live.items.length > 0) return { _tag: "Shown", slot: index, bucket: "live" }
  return !slot.plan.isHeld && slot.plan.items.length > 0 ? { _tag: "Shown", slot: index, bucket: "plan" } : null
}

/** A source speaks to whoever leads, when it has something new to say. */
const wantsListing = (model: Model, world: World, index: number): boolean => {
  const { inbox, node } = slotAt(world, index)
  if (node.leadership._tag !== "Acting" || inbox.some(({ fact }) => fact._tag === "PartitionsListed")) return false
  const partitions = model.listings[world.store.listing]
  return node.source.partitions !== partitions && Node.view(node, 0).isLeader
}

/**
 * Lets it come.
 *
 * @category combinators
 * @since 0.1.0
 */
export const proceed = (model: Model, world: World, one: Next): World => {
  switch (one._tag) {
    case "Due":
      return replace(world, one.slot, one.mail, { ...one.mail, isHeld: false, fact: overdue(one.mail.fact) })
    case "Expired":
      return Landing.expire(world, one.request)
    case "Request":
      return Landing.land(model, world, one.request, false)
    case "Mail":
      return deliver(model, world, one.slot, one.mail)
    case "Shown":
      return show(model, world, one.slot, one.bucket)
    case "Listing":
      return Process.list(model, world, one.slot)
    case "Timer":
      return Process.take(model, world, one.slot, { _tag: "TimerFired" })
  }
}

/**
 * A process is given a fact that is not from a watch.
 *
 * @category combinators
 * @since 0.1.0
 */
export const deliver = (model: Model, world: World, index: number, mail: Mail): World => {
  const rest = replace(world, index, mail, null)
  const { fact } = mail
  return Process.take(model, fact._tag === "PartitionEnded" ? Runs.ended(rest, index, fact) : rest, index, fact)
}

/** A watch shows what it has had for longest. */
const show = (model: Model, world: World, index: number, bucket: "live" | "plan"): World => {
  const slot = slotAt(world, index)
  const channel = slot[bucket]
  const [first, ...items] = channel.items
  if (first === undefined) throw new Error(`slot ${index} has nothing to show`)
  const rest = withSlot(world, index, { ...slot, [bucket]: { ...channel, items } })
  return Process.take(model, rest, index, first.fact)
}

/**
 * Another mail in the place of one, or none.
 *
 * @category combinators
 * @since 0.1.0
 */
export const replace = (world: World, index: number, mail: Mail, by: Mail | null): World => {
  const slot = slotAt(world, index)
  const inbox = slot.inbox.flatMap((one) => (one !== mail ? [one] : by === null ? [] : [by]))
  return withSlot(world, index, { ...slot, inbox })
}

/**
 * Everything that comes of itself at this instant, for as long as `goesOn` says so. `null` where the way joins one that was
 * gone before (`isNew` says so): what follows is the same. A world that does not come to rest at one instant is broken.
 *
 * @category combinators
 * @since 0.1.0
 */
export const run = (
  model: Model,
  world: World,
  goesOn: (next: Next, world: World) => boolean,
  isNew: (world: World) => boolean
): World | null => {
  let here = world
  for (let steps = 0; steps < mostAtOnce; steps++) {
    const one = next(model, here)
    if (one === null) {
      Runs.checkRest(here)
      return here
    }
    if (!goesOn(one, here)) return here
    if (!isNew(here)) return null
    here = proceed(model, here, one)
  }
  throw new Breach("Contract", `there is no rest: more than ${mostAtOnce} steps at one instant`)
}

/**
 * Everything that comes of itself at this instant.
 *
 * @category combinators
 * @since 0.1.0
 */
export const settle = (model: Model, world: World): World => run(model, world, always, always) ?? world

const always = (): boolean => true

const mostAtOnce = 1000

/** An answer that has not come in time is none. */
const overdue = (fact: Fact): Fact =>
  fact._tag === "WriteAccepted" || fact._tag === "WriteRejected" ? { _tag: "WriteUnknown", write: fact.write } : fact
