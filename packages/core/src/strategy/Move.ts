/**
 * Which partitions go where, once it is known how many each worker is to own.
 *
 * An index in range always has a value; `?? 0` only says so to the compiler.
 *
 * @since 0.1.0
 */

import type { Wishes } from "./Affinity.ts"

/**
 * The present owners, how many each has, the homes, and the numbers to reach. Columns `owner` and `home` are by partition
 * (-1: none), the others by worker.
 *
 * @category models
 * @since 0.1.0
 */
export interface MoveInput {
  readonly owner: Int32Array
  readonly home: Int32Array | null
  readonly kept: Int32Array
  readonly targets: Int32Array
  readonly wishes: Wishes | null
}

interface Ledger {
  readonly owner: Int32Array
  /** How many each worker has yet to give away. */
  readonly surplus: Int32Array
  /** How many each worker has yet to get. */
  readonly room: Int32Array
}

const open = ({ owner, kept, targets }: MoveInput): Ledger => ({
  owner: owner.slice(),
  surplus: kept.map((count, j) => Math.max(0, count - (targets[j] ?? 0))),
  room: kept.map((count, j) => Math.max(0, (targets[j] ?? 0) - count))
})

/** Moves go home where there is room at home. */
const sendHome = ({ owner, surplus, room }: Ledger, home: Int32Array): void => {
  for (let i = 0; i < owner.length; i++) {
    const to = home[i] ?? -1
    const from = owner[i] ?? -1
    if (to < 0 || (room[to] ?? 0) === 0) continue
    if (from >= 0) {
      if ((surplus[from] ?? 0) === 0) continue
      surplus[from] = (surplus[from] ?? 0) - 1
    }
    room[to] = (room[to] ?? 0) - 1
    owner[i] = to
  }
}

/** A worker with room that suits each partition that moves and has a wish; what is given to one is taken from the room. */
const wishedHomes = ({ owner, surplus, room }: Ledger, { has, suits }: Wishes): Int32Array => {
  const spare = surplus.slice()
  const open = room.slice()
  return owner.map((from, i) => {
    const isMoving = from < 0 || ((spare[from] ?? 0) > 0 && !suits(i, from))
    const to = isMoving && has(i) ? open.findIndex((left, j) => left > 0 && suits(i, j)) : -1
    if (to < 0) return -1
    open[to] = (open[to] ?? 0) - 1
    if (from >= 0) spare[from] = (spare[from] ?? 0) - 1
    return to
  })
}

/** What is still too much is let go from the end, so that everybody keeps a run from the start. */
const release = ({ owner, surplus }: Ledger): void => {
  let left = surplus.reduce((sum, one) => sum + one, 0)
  for (let i = owner.length - 1; left > 0; i--) {
    const from = owner[i] ?? -1
    if (from < 0 || (surplus[from] ?? 0) === 0) continue
    surplus[from] = (surplus[from] ?? 0) - 1
    owner[i] = -1
    left -= 1
  }
}

/** One worker after the other takes what is free, in runs, which is what a run-length code likes. */
const take = ({ owner, room }: Ledger): void => {
  let i = 0
  for (let to = 0; to < room.length; to++) {
    for (let left = room[to] ?? 0; left > 0; left--) {
      while ((owner[i] ?? -1) >= 0) i++
      owner[i] = to
    }
  }
}

/**
 * Moves partitions until each worker owns its target. Those that find room at their home go there; nobody gives and takes
 * at once.
 *
 * @category constructors
 * @since 0.1.0
 */
export const apply = (input: MoveInput): Int32Array => {
  const ledger = open(input)
  if (input.home !== null) sendHome(ledger, input.home)
  if (input.wishes !== null) sendHome(ledger, wishedHomes(ledger, input.wishes))
  release(ledger)
  take(ledger)
  return ledger.owner
}
