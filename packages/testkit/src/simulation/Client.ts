/**
 * How a process's writes reach the store, and what it hears of them.
 *
 * @since 0.1.0
 */
import type { Revision } from "@parti/core/Protocol"
import * as Network from "./Network.ts"
import * as Store from "./Store.ts"
import { afterwards, count, later, say, type World } from "./World.ts"

/**
 * The one answer to a write.
 *
 * @category models
 * @since 0.1.0
 */
export type Answer =
  | { readonly _tag: "Accepted"; readonly revision: Revision.Revision }
  | { readonly _tag: "Conflict" }
  | { readonly _tag: "NotApplied" }
  | { readonly _tag: "Unknown" }

/**
 * Sends a write, and answers exactly once: with what the store said, or `Unknown` when that took too long. What the
 * store does with the write is another matter: it may take it much later.
 *
 * @category combinators
 * @since 0.1.0
 */
export const send = (
  world: World,
  store: Store.Store,
  request: Store.Request,
  answer: (answer: Answer) => void
): void => {
  const { process } = request
  let isAnswered = false
  const once = (one: Answer): void => {
    if (isAnswered) return
    isAnswered = true
    answer(one)
  }
  const { clock } = process.slot
  const timeoutAt = clock.whenOwn(clock.own(world.now) + process.config.requestTimeoutMs)
  later(world, timeoutAt, () => {
    if (!isAnswered) count(world, "request timed out")
    once({ _tag: "Unknown" })
  })
  if (isRefused(world, store, request)) {
    count(world, "request not sent")
    return later(world, world.now + world.random.between(1, 50), () => once({ _tag: "NotApplied" }))
  }
  transport(world, store, request, "toStore", () => {
    if (world.now < store.watches.storeDownUntil) return count(world, "request lost at a store that is down")
    if (request.life !== null && request.life !== world[request.bucket].life)
      return count(world, "request to a lost bucket")
    if (world.now >= timeoutAt) count(world, "late write")
    const revision = Store.apply(world, store, request)
    transport(world, store, request, "fromStore", () => {
      if (isAnswered) count(world, "late reply")
      once(revision === null ? { _tag: "Conflict" } : { _tag: "Accepted", revision })
    })
  })
}

/** A client that knows that it is cut off sends nothing. */
const isRefused = (world: World, store: Store.Store, { process }: Store.Request): boolean =>
  (world.now < store.watches.storeDownUntil || Network.isCut(store.watches.network, process.slot.index, world.now)) &&
  world.random.chance(0.2)

const transport = (
  world: World,
  store: Store.Store,
  { key, process }: Store.Request,
  direction: Network.Direction,
  arrived: () => void
): void => {
  const fate = Network.send(store.watches.network, process.slot.index, direction, world.now)
  switch (fate._tag) {
    case "Arrives":
      return later(world, fate.at, arrived)
    case "Strays":
      count(world, `${direction} strays`)
      say(world, () => `${key} of ${process.name} strays ${direction} until ${fate.at}`)
      return afterwards(world, fate.at, arrived)
    case "Lost":
      count(world, `${direction} lost`)
      return say(world, () => `${key} of ${process.name} is lost ${direction}`)
  }
}
