/**
 * The one world that stands for all that have the same future.
 *
 * @since 0.1.0
 */
import * as Counters from "./Counters.ts"
import * as Landing from "./Landing.ts"
import type { Model } from "./Model.ts"
import * as Names from "./Names.ts"
import * as Revisions from "./Revisions.ts"
import type { World } from "./World.ts"

/**
 * Worlds as rows of numbers, and back.
 *
 * @category models
 * @since 0.1.0
 */
export interface Normal {
  /** The world that stands for this one. */
  readonly of: (world: World) => World
  /** The row of a world that stands for others. */
  readonly row: (world: World) => Int32Array
  readonly world: (row: Int32Array) => World
  readonly width: number
}

/**
 * The forms of a model's worlds.
 *
 * @category constructors
 * @since 0.1.0
 */
export const make = (model: Model): Normal => {
  const { interner } = model
  const { slots } = model.scenario
  const reorder = Revisions.make(model)
  const rename = Names.make(interner)
  const canonical = ({ budget, requests, slots, store, truth }: World): World => ({
    slots: slots.map(interner.canonical),
    store: interner.canonical(store),
    requests: interner.canonical(requests),
    truth: interner.canonical(truth),
    budget: interner.canonical(budget)
  })
  return {
    width: slots + 4,
    of: (world) => {
      const kept = world.requests.filter((one) => !one.isAnswered || Landing.mayLand(model, world, one))
      // Of what is canonical it is known what it names; few worlds have to be named anew.
      return canonical(rename(canonical(reorder(Counters.lower({ ...world, requests: kept })))))
    },
    row: (world) =>
      Int32Array.from([...world.slots, world.store, world.requests, world.truth, world.budget], interner.idOf),
    // A row is made of the numbers of a world's parts, in this order.
    world: (row) =>
      ({
        slots: Array.from(row.subarray(0, slots), interner.at),
        store: interner.at(row[slots] ?? -1),
        requests: interner.at(row[slots + 1] ?? -1),
        truth: interner.at(row[slots + 2] ?? -1),
        budget: interner.at(row[slots + 3] ?? -1)
      }) as unknown as World
  }
}
