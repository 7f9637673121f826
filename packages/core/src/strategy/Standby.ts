/**
 * Who takes over what when a worker is lost.
 *
 * An index in range always has a value; `?? 0` only says so to the compiler.
 *
 * @since 0.1.0
 */
import * as Radix from "../model/Radix.ts"
import * as FairShare from "./FairShare.ts"
import type { StrategyInput, StrategyWorker } from "./Strategy.ts"

interface Spread {
  readonly previous: ArrayLike<number> | null
  readonly standby: Int32Array
  /** How many partitions each worker stands by for, over all owners so far. */
  readonly totals: Int32Array
}

const isUsable = (workers: ReadonlyArray<StrategyWorker>): ReadonlyArray<boolean> =>
  Array.from(FairShare.capacities(workers), (capacity) => capacity > 0)

/** Who may stand by for each owner: workers of other zones if there are any, else all others. Zone by zone the same. */
const candidates = (workers: ReadonlyArray<StrategyWorker>): ReadonlyArray<ReadonlyArray<number>> => {
  const usable = isUsable(workers)
  const all = workers.map((_, j) => j).filter((j) => usable[j] === true)
  const byZone = new Map<string | null, ReadonlyArray<number>>()
  for (const { zone } of workers) {
    if (!byZone.has(zone))
      byZone.set(
        zone,
        all.filter((j) => workers[j]?.zone !== zone)
      )
  }
  return workers.map(({ zone }, owner) => {
    const elsewhere = byZone.get(zone) ?? []
    return elsewhere.length > 0 ? elsewhere : all.filter((j) => j !== owner)
  })
}

const partitionsByOwner = (
  order: ArrayLike<number>,
  owner: Int32Array,
  workers: number
): ReadonlyArray<Array<number>> => {
  const lists = Array.from({ length: workers }, (): Array<number> => [])
  for (let k = 0; k < order.length; k++) lists[owner[order[k] ?? 0] ?? 0]?.push(order[k] ?? 0)
  return lists
}

/**
 * How many partitions of one owner each candidate stands by for: all the same, but for one more where they do not divide.
 * Those get it who stand by for so many already, then those who stand by for the least in all.
 */
const quotas = (spread: Spread, able: ReadonlyArray<number>, count: number, now: Int32Array): Int32Array => {
  const each = Math.floor(count / able.length)
  const quota = now.map(() => 0)
  for (const j of able) quota[j] = each
  let extra = count - each * able.length
  const grant = (isNext: (j: number) => boolean): void => {
    for (let at = 0; extra > 0 && at < able.length; at++) {
      const j = able[at] ?? 0
      if (quota[j] !== each || !isNext(j)) continue
      quota[j] = each + 1
      extra -= 1
    }
  }
  grant((j) => (now[j] ?? 0) > each)
  // Totals differ by little, so a few rounds find the lowest; which is quicker than sorting for each owner.
  while (extra > 0) {
    let lowest = Infinity
    for (const j of able) if (quota[j] === each) lowest = Math.min(lowest, spread.totals[j] ?? 0)
    grant((j) => spread.totals[j] === lowest)
  }
  return quota
}

const count = (previous: ArrayLike<number> | null, mine: ReadonlyArray<number>, workers: number): Int32Array => {
  const counts = new Int32Array(workers)
  if (previous === null) return counts
  for (const i of mine) {
    const j = previous[i] ?? -1
    if (j >= 0) counts[j] = (counts[j] ?? 0) + 1
  }
  return counts
}

/** Standbys within their quota stay; the others' partitions are dealt in turn, back and forth, to those with room. */
const deal = (spread: Spread, able: ReadonlyArray<number>, mine: ReadonlyArray<number>): void => {
  const { previous, standby, totals } = spread
  const room = quotas(spread, able, mine.length, count(previous, mine, totals.length))
  for (const j of able) totals[j] = (totals[j] ?? 0) + (room[j] ?? 0)
  for (const i of mine) {
    const j = previous?.[i] ?? -1
    if (j < 0 || (room[j] ?? 0) === 0) continue
    standby[i] = j
    room[j] = (room[j] ?? 0) - 1
  }
  let turn = 0
  const next = (): number => {
    const place = turn % (2 * able.length)
    turn += 1
    return able[place < able.length ? place : 2 * able.length - 1 - place] ?? 0
  }
  for (const i of mine) {
    if ((standby[i] ?? -1) >= 0) continue
    let j = next()
    while ((room[j] ?? 0) === 0) j = next()
    standby[i] = j
    room[j] = (room[j] ?? 0) - 1
  }
}

/**
 * Plans a standby for each partition: never its owner, in another zone where there is one; -1 when there is nobody else.
 *
 * **Details**
 *
 * The partitions of each owner are spread evenly over all who may stand by, so that the load of a lost worker falls on all
 * of them alike. A standby stays as long as that allows. Limits on counts are not minded: a standby owns nothing yet.
 *
 * @category constructors
 * @since 0.1.0
 */
export const make = (input: StrategyInput, owner: Int32Array): Int32Array => {
  const { workers, partitions, previousStandby } = input
  const able = candidates(workers)
  const order = partitions.equalWeights ? Radix.ascending(partitions.size) : partitions.heaviestFirst
  const standby = new Int32Array(owner.length).fill(-1)
  const spread = { previous: previousStandby, standby, totals: new Int32Array(workers.length) }
  partitionsByOwner(order, owner, workers.length).forEach((mine, j) => {
    const others = able[j] ?? []
    if (others.length > 0 && mine.length > 0) deal(spread, others, mine)
  })
  return standby
}
