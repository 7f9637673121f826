/**
 * The passing of time, from one instant at which something is due to the next.
 *
 * @since 0.1.0
 */
import type { Model } from "./Model.ts"
import * as Tenures from "./Tenures.ts"
import type { World } from "./World.ts"

/**
 * How long it is until something is due; `Infinity` if nothing ever will be.
 *
 * @category combinators
 * @since 0.1.0
 */
export const untilNext = ({ requests, slots }: World): number => {
  let first = Number.POSITIVE_INFINITY
  const consider = (at: number): void => {
    if (at > 0 && at < first) first = at
  }
  for (const { isAnswered, until } of requests) if (!isAnswered) consider(until)
  for (const { inbox, node, status } of slots) {
    if (status === "Down" || status === "Gone") continue
    // What a paused process would do next is an instant at which it may well go on.
    if (node.timerAt !== null) consider(node.timerAt)
    for (const { isHeld, until } of inbox) if (isHeld) consider(until)
  }
  return first < never ? first : Number.POSITIVE_INFINITY
}

/**
 * So much time passes.
 *
 * @category combinators
 * @since 0.1.0
 */
export const advance = (model: Model, world: World, ms: number): World => {
  model.tell?.(() => `  ${ms} ms pass`)
  const { canonical } = model.interner
  return Tenures.withoutForgotten({
    ...world,
    slots: world.slots.map((slot) => model.shift(canonical(slot), ms)),
    requests: model.shift(canonical(world.requests), ms),
    truth: model.shift(canonical(world.truth), ms)
  })
}

const never = 1_000_000_000
