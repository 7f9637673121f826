/**
 * A list of partitions, prepared for assignment.
 *
 * An index in range always has a value; `?? 0` only says so to the compiler.
 *
 * @since 0.1.0
 */
import { assert } from "./Assert.ts"
import * as Hash from "./Hash.ts"
import * as Lazy from "./Lazy.ts"
import * as Partition from "./Partition.ts"
import * as Radix from "./Radix.ts"

/**
 * Partitions in canonical order, with what strategies need to know of them in columns that run in parallel.
 *
 * @category models
 * @since 0.1.0
 */
export interface PartitionSet {
  readonly partitions: ReadonlyArray<Partition.Partition>
  readonly size: number
  readonly ids: ReadonlyArray<Partition.PartitionId>
  /** 32 bits of each id, ascending. Different ids may share one. */
  readonly hashes: Uint32Array
  readonly weights: Float64Array
  readonly totalWeight: number
  /** All weights are the same, so that balance is a matter of counting. */
  readonly equalWeights: boolean
  /** Indices, the heaviest partition first; equals in canonical order. */
  readonly heaviestFirst: Uint32Array
  /** At `k`, the weight of all but the `k` heaviest. Summed from the light end, so that small weights are not lost. */
  readonly restWeights: Float64Array
  /** Equal for equal lists of ids and weights; different for different ones but for one chance in 2^64. */
  readonly fingerprint: string
  /** The partition's place in the list, or -1. */
  readonly indexOf: (id: string) => number
}

/** Where hashes with each pattern of leading bits begin: as many patterns as partitions, so each has about one. */
interface Directory {
  readonly shift: number
  readonly starts: Uint32Array
}

const directory = (hashes: Uint32Array): Directory => {
  const shift = Math.max(1, Math.clz32(hashes.length))
  const starts = new Uint32Array(2 ** (32 - shift) + 1)
  let at = 0
  for (let bits = 0; bits < starts.length; bits++) {
    while (at < hashes.length && (hashes[at] ?? 0) >>> shift < bits) at += 1
    starts[bits] = at
  }
  return { shift, starts }
}

const find = (ids: ReadonlyArray<string>, hashes: Uint32Array, { shift, starts }: Directory, id: string): number => {
  const hash = Hash.murmur3(id)
  for (let i = starts[hash >>> shift] ?? 0; i < hashes.length && (hashes[i] ?? 0) <= hash; i++) {
    if (hashes[i] === hash && ids[i] === id) return i
  }
  return -1
}

const hex = (bits: number): string => bits.toString(16).padStart(8, "0")

const fingerprintOf = (ids: ReadonlyArray<string>, weights: Float64Array): string => {
  const bytes = new DataView(new ArrayBuffer(8))
  let one = ids.length
  let other = ~ids.length
  ids.forEach((id, i) => {
    bytes.setFloat64(0, weights[i] ?? 0)
    const high = bytes.getUint32(0)
    const low = bytes.getUint32(4)
    one = Hash.mix(Hash.murmur3(id, one) ^ Hash.mix(high) ^ low)
    other = Hash.mix(Hash.murmur3(id, other) ^ Hash.mix(low) ^ high)
  })
  return hex(one >>> 0) + hex(other >>> 0)
}

// The bits of floats that are not negative sort as the floats do; their complement sorts the other way.
const byWeight = (weights: Float64Array): Uint32Array => {
  const bytes = new DataView(new ArrayBuffer(8))
  const high = new Uint32Array(weights.length)
  const low = new Uint32Array(weights.length)
  for (let i = 0; i < weights.length; i++) {
    bytes.setFloat64(0, weights[i] ?? 0)
    high[i] = ~bytes.getUint32(0)
    low[i] = ~bytes.getUint32(4)
  }
  return Radix.order(high, Radix.order(low))
}

const rests = (weights: Float64Array, heaviestFirst: Uint32Array): Float64Array => {
  const sums = new Float64Array(weights.length + 1)
  for (let k = weights.length - 1; k >= 0; k--) sums[k] = (sums[k + 1] ?? 0) + (weights[heaviestFirst[k] ?? 0] ?? 0)
  return sums
}

const checkOrder = (ids: ReadonlyArray<string>, hashes: Uint32Array): void => {
  for (let i = 1; i < ids.length; i++) {
    const before = hashes[i - 1] ?? 0
    const here = hashes[i] ?? 0
    if (before < here) continue
    assert(
      before === here && (ids[i - 1] ?? "") < (ids[i] ?? ""),
      `partitions ${ids[i - 1]} and ${ids[i]} are not in canonical order; make lists with Partition.normalise`
    )
  }
}

// One pass: methods of typed arrays call their function anew for each number, which costs as much as to hash an id.
const weigh = (weights: Float64Array) => {
  const first = weights[0] ?? 0
  let totalWeight = 0
  let equalWeights = true
  for (let i = 0; i < weights.length; i++) {
    const weight = weights[i] ?? 0
    totalWeight += weight
    equalWeights &&= weight === first
  }
  return { totalWeight, equalWeights }
}

/**
 * Prepares what is in a table already; remembers nothing.
 *
 * @category constructors
 * @since 0.1.0
 */
export const ofTable = (table: Partition.PartitionTable): PartitionSet => {
  const { hashes, ids, weights } = table
  const { totalWeight, equalWeights } = weigh(weights)
  const places = Lazy.once(() => directory(hashes))
  const fingerprint = Lazy.once(() => fingerprintOf(ids, weights))
  const heaviestFirst = Lazy.once(() => byWeight(weights))
  const restWeights = Lazy.once(() => rests(weights, heaviestFirst()))
  // Only some readers want the lazy ones, and each costs as much as all the rest.
  return {
    get partitions() {
      return table.partitions
    },
    size: ids.length,
    ids,
    hashes,
    weights,
    totalWeight,
    equalWeights,
    get heaviestFirst() {
      return heaviestFirst()
    },
    get restWeights() {
      return restWeights()
    },
    get fingerprint() {
      return fingerprint()
    },
    indexOf: (id) => find(ids, hashes, places(), id)
  }
}

// Prepared once for each list, and dropped with it. Lists are never changed, so nobody can tell.
const prepared = new WeakMap<ReadonlyArray<Partition.Partition>, PartitionSet>()

/**
 * Prepares a list that `Partition.normalise` made. The same list gives the same set again, at no cost.
 *
 * **Gotchas** A list in any other order is a mistake of the program, not bad input: it dies.
 *
 * @category constructors
 * @since 0.1.0
 */
export const of = (partitions: ReadonlyArray<Partition.Partition>): PartitionSet => {
  const known = prepared.get(partitions)
  if (known !== undefined) return known
  const index = Partition.index(partitions)
  checkOrder(index.ids, index.hashes)
  const made = ofTable({ ...index, partitions })
  prepared.set(partitions, made)
  return made
}

/**
 * The set without partitions.
 *
 * @category constructors
 * @since 0.1.0
 */
export const empty: PartitionSet = of([])

const comesFirst = (a: PartitionSet, i: number, b: PartitionSet, j: number): boolean => {
  const one = a.hashes[i] ?? 0
  const other = b.hashes[j] ?? 0
  return one < other || (one === other && (a.ids[i] ?? "") <= (b.ids[j] ?? ""))
}

/**
 * The partitions of two lists in canonical order. One that is in both comes from the first.
 *
 * @category combining
 * @since 0.1.0
 */
export const merge = (
  first: ReadonlyArray<Partition.Partition>,
  second: ReadonlyArray<Partition.Partition>
): ReadonlyArray<Partition.Partition> => {
  const a = of(first)
  const b = of(second)
  const merged: Array<Partition.Partition> = []
  let j = 0
  first.forEach((partition, i) => {
    for (; j < second.length && !comesFirst(a, i, b, j); j++) merged.push(...second.slice(j, j + 1))
    if (a.ids[i] === b.ids[j]) j += 1
    merged.push(partition)
  })
  return [...merged, ...second.slice(j)]
}
