/**
 * The unit of work that has one owner.
 *
 * @since 0.1.0
 */
import type * as Brand from "effect/Brand"
import * as Data from "effect/Data"
import * as Result from "effect/Result"
import * as CanonicalOrder from "./CanonicalOrder.ts"
import * as Column from "./Column.ts"
import * as Hash from "./Hash.ts"
import * as Lazy from "./Lazy.ts"
import * as SubjectToken from "./SubjectToken.ts"

/**
 * A partition: the keys that say which one it is, and how heavy its work is compared with that of others. Plain JSON.
 *
 * `keys` has 1 to 16 entries, any strings. `weight` is finite and not negative; 0 means "counts for nothing, but has an
 * owner".
 *
 * @category models
 * @since 0.1.0
 */
export interface Partition {
  readonly keys: ReadonlyArray<string>
  readonly weight: number
}

/**
 * A partition's keys in one string: no two lists of keys share one, and it is legal as tokens of a NATS subject and as a
 * key of a KV bucket.
 *
 * @category models
 * @since 0.1.0
 */
export type PartitionId = string & Brand.Brand<"PartitionId">

/**
 * A partition as callers write it: without a weight it weighs 1.
 *
 * @category models
 * @since 0.1.0
 */
export interface PartitionInput {
  readonly keys: ReadonlyArray<string>
  readonly weight?: number | undefined
}

/**
 * A partition breaks a rule; the message names the field, the rule and the value.
 *
 * @category errors
 * @since 0.1.0
 */
export class PartitionInvalid extends Data.TaggedError("PartitionInvalid")<{
  readonly keys: ReadonlyArray<string>
  readonly field: "keys" | "weight"
  readonly rule: string
  readonly value: unknown
}> {
  override get message(): string {
    const shown = typeof this.value === "number" ? String(this.value) : String(JSON.stringify(this.value))
    const named = this.field === "keys" ? "" : ` of partition ${String(JSON.stringify(this.keys)).slice(0, 120)}`
    return `${this.field} ${shown.slice(0, 120)}${named} not usable: ${this.rule}`
  }
}

/**
 * A partition is listed twice, with different weights. Listed twice with one weight it counts once.
 *
 * @category errors
 * @since 0.1.0
 */
export class DuplicatePartition extends Data.TaggedError("DuplicatePartition")<{
  readonly id: PartitionId
  readonly weights: readonly [number, number]
}> {
  override get message(): string {
    const [one, other] = this.weights
    return `partition ${this.id} is listed with weight ${one} and with weight ${other}; list it once`
  }
}

/** More keys than any hierarchy needs: a list that is longer was built by mistake. */
const maxKeys = 16

/** Keeps a subject or a bucket key that contains an id well below the limits of servers. */
const maxIdLength = 256

const arePlain = (keys: ReadonlyArray<string>): boolean => {
  for (const key of keys) if (SubjectToken.escape(key) !== key) return false
  return true
}

const idOfKeys = (keys: ReadonlyArray<string>): PartitionId => {
  const [first = ""] = keys
  // Most partitions have one, and then nothing is to be joined.
  if (keys.length === 1) return SubjectToken.escape(first) as PartitionId
  // Joined at once an id is one run of characters; pieced together it would be slower to hash, now and ever after.
  const joined = (arePlain(keys) ? keys : keys.map(SubjectToken.escape)).join(".")
  // The one place where parts become an id.
  return joined as PartitionId
}

/**
 * The partition's id.
 *
 * **Details**
 *
 * Keys are joined by `.`. In each, ASCII letters, digits, `_` and `-` stand for themselves, other ASCII characters are
 * written `=hh`, other UTF-16 code units `=uhhhh`, and the empty key is `=`. Nothing is normalised: strings that look
 * alike may be different partitions.
 *
 * **Example**
 *
 * ```ts
 * import { Partition } from "@parti/core"
 *
 * Partition.id({ keys: ["tool-7", "chamber 1"], weight: 1 }) // "tool-7.chamber=201"
 * ```
 *
 * @category getters
 * @since 0.1.0
 */
export const id = (partition: Partition): PartitionId => idOfKeys(partition.keys)

const invalid = (input: PartitionInput, field: "keys" | "weight", rule: string): PartitionInvalid =>
  new PartitionInvalid({ keys: input.keys, field, rule, value: input[field] })

const areStrings = (keys: unknown): keys is ReadonlyArray<string> => {
  if (!Array.isArray(keys)) return false
  for (let i = 0; i < keys.length; i++) if (typeof keys[i] !== "string") return false
  return true
}

const checkKeys = (input: PartitionInput): PartitionId | PartitionInvalid => {
  const { keys } = input
  if (!areStrings(keys)) return invalid(input, "keys", "they are an array of strings")
  if (keys.length === 0) return invalid(input, "keys", "there must be at least one")
  if (keys.length > maxKeys) return invalid(input, "keys", `there may be at most ${maxKeys}`)
  const joined = idOfKeys(keys)
  return joined.length > maxIdLength
    ? invalid(input, "keys", `escaped and joined they may have at most ${maxIdLength} characters, not ${joined.length}`)
    : joined
}

const checkWeight = (input: PartitionInput): PartitionInvalid | null => {
  const weight = input.weight ?? 1
  return Number.isFinite(weight) && weight >= 0 ? null : invalid(input, "weight", "it must be finite and not negative")
}

// Most have one key, and a copy that is written out costs a fraction of one that is asked for.
const copied = (keys: ReadonlyArray<string>): ReadonlyArray<string> => {
  const first = keys[0]
  return keys.length === 1 && first !== undefined ? [first] : keys.slice()
}

// Adding 0 turns -0 into 0, so that equal weights are equal in every sense.
const weightOf = (input: PartitionInput): number => (input.weight ?? 1) + 0

const build = (input: PartitionInput): Partition => ({ keys: copied(input.keys), weight: weightOf(input) })

/**
 * Checks the keys and the weight of one partition.
 *
 * **Example**
 *
 * ```ts
 * import { Partition } from "@parti/core"
 *
 * Partition.make({ keys: ["tool-7", "chamber-1"], weight: 2.5 })
 * ```
 *
 * @category constructors
 * @since 0.1.0
 */
export const make = (input: PartitionInput): Result.Result<Partition, PartitionInvalid> => {
  const fault = checkWeight(input)
  if (fault !== null) return Result.fail(fault)
  const checked = checkKeys(input)
  return typeof checked === "string" ? Result.succeed(build(input)) : Result.fail(checked)
}

/**
 * Ids, hashes and weights, in parallel to a list of partitions.
 *
 * @category models
 * @since 0.1.0
 */
export interface PartitionIndex {
  readonly ids: ReadonlyArray<PartitionId>
  readonly hashes: Uint32Array
  readonly weights: Float64Array
}

// Computed once for each list, and dropped with it. Lists are never changed, so nobody can tell.
const indices = new WeakMap<ReadonlyArray<Partition>, PartitionIndex>()

/**
 * The ids and hashes of a list, computed once for each list.
 *
 * @category getters
 * @since 0.1.0
 */
export const index = (list: ReadonlyArray<Partition>): PartitionIndex => {
  const known = indices.get(list)
  if (known !== undefined) return known
  const ids = list.map(id)
  const hashes = Uint32Array.from(ids, (one) => Hash.murmur3(one))
  const made = { ids, hashes, weights: Float64Array.from(list, ({ weight }) => weight) }
  indices.set(list, made)
  return made
}

/** The same partition, at two places of the input. */
const contradiction = ({ ids, weights }: PartitionIndex, one: number, other: number): DuplicatePartition | null => {
  const id = ids[one]
  const [weight = 0, otherWeight = 0] = [weights[one], weights[other]]
  return id === undefined || weight === otherWeight
    ? null
    : new DuplicatePartition({ id, weights: [weight, otherWeight] })
}

/** Drops repetitions. */
const distinct = (
  { hashes, places }: CanonicalOrder.CanonicalOrder,
  columns: PartitionIndex
): CanonicalOrder.CanonicalOrder | DuplicatePartition => {
  const { ids } = columns
  let count = 0
  let last = 0
  for (let k = 0; k < places.length; k++) {
    const place = places[k] ?? 0
    if (count > 0 && hashes[k] === hashes[count - 1] && ids[place] === ids[last]) {
      const fault = contradiction(columns, last, place)
      if (fault === null) continue
      return fault
    }
    last = place
    places[count] = place
    hashes[count] = hashes[k] ?? 0
    count += 1
  }
  return count === places.length
    ? { places, hashes }
    : { places: places.slice(0, count), hashes: hashes.slice(0, count) }
}

/** Columns that are being filled. */
interface Columns extends PartitionIndex {
  readonly ids: Array<PartitionId>
}

// One piece of memory for both: to ask for another takes as long as to fill a hundred entries.
const columnsOf = (count: number): Columns => {
  const bytes = new ArrayBuffer(count * (Float64Array.BYTES_PER_ELEMENT + Uint32Array.BYTES_PER_ELEMENT))
  const weights = new Float64Array(bytes, 0, count)
  return { ids: Column.ofLength(count), hashes: new Uint32Array(bytes, weights.byteLength), weights }
}

/** The hash of an only key that stands for itself; of what has to be written in another way, or refused, -1. */
const hashOfPlain = (keys: ReadonlyArray<string>): number => {
  if (!Array.isArray(keys) || keys.length !== 1) return -1
  const only: unknown = keys[0]
  return typeof only === "string" && only.length > 0 && only.length <= maxIdLength
    ? Hash.murmur3Unless(SubjectToken.escaped, only)
    : -1
}

/** Checks one partition and enters what it says. */
const enter = ({ hashes, ids, weights }: Columns, place: number, input: PartitionInput): PartitionInvalid | null => {
  const fault = checkWeight(input)
  if (fault !== null) return fault
  const plain = hashOfPlain(input.keys)
  // A key that stands for itself is the id.
  const id = plain >= 0 ? (input.keys[0] as PartitionId) : checkKeys(input)
  if (typeof id !== "string") return id
  ids[place] = id
  hashes[place] = plain >= 0 ? plain : Hash.murmur3(id)
  weights[place] = weightOf(input)
  return null
}

/** In the order of the input. */
const checkAll = (list: ReadonlyArray<PartitionInput>): Columns | PartitionInvalid => {
  const columns = columnsOf(list.length)
  let place = 0
  for (const input of list) {
    const fault = enter(columns, place++, input)
    if (fault !== null) return fault
  }
  return columns
}

interface Arranged extends PartitionIndex, CanonicalOrder.CanonicalOrder {}

/** All weights together must be a number; otherwise says so of the heaviest. */
const checkSum = ({ places, weights }: Arranged, list: ReadonlyArray<PartitionInput>): PartitionInvalid | null => {
  let sum = 0
  for (let i = 0; i < weights.length; i++) sum += weights[i] ?? 0
  if (Number.isFinite(sum)) return null
  const heaviest = weights.indexOf(weights.reduce((most, one) => Math.max(most, one)))
  return invalid(list[places[heaviest] ?? 0] ?? { keys: [] }, "weight", "all weights together must be finite")
}

/**
 * Brings them into order and drops repetitions. What the partitions say is read from columns: in this order each of them would
 * have to be fetched from another place in memory.
 */
const arrange = (columns: PartitionIndex): Arranged | DuplicatePartition => {
  const order = distinct(CanonicalOrder.of(columns), columns)
  if ("_tag" in order) return order
  const { places, hashes } = order
  return {
    places,
    hashes,
    ids: Column.gather(columns.ids, places),
    weights: Column.gatherNumbers(columns.weights, places)
  }
}

const read = (list: ReadonlyArray<PartitionInput>): Result.Result<Arranged, PartitionInvalid | DuplicatePartition> => {
  const columns = checkAll(list)
  if ("_tag" in columns) return Result.fail(columns)
  const arranged = arrange(columns)
  if ("_tag" in arranged) return Result.fail(arranged)
  const fault = checkSum(arranged, list)
  return fault === null ? Result.succeed(arranged) : Result.fail(fault)
}

/**
 * Partitions in canonical order, and their columns.
 *
 * @category models
 * @since 0.1.0
 */
export interface PartitionTable extends PartitionIndex {
  readonly partitions: ReadonlyArray<Partition>
}

/**
 * What `normalise` makes of a list, with its columns, for whoever needs them only while nobody changes the list: partitions
 * are copied when they are first asked for, and nothing is remembered.
 *
 * @category constructors
 * @since 0.1.0
 */
export const tabulate = (
  list: ReadonlyArray<PartitionInput>
): Result.Result<PartitionTable, PartitionInvalid | DuplicatePartition> =>
  Result.map(read(list), ({ hashes, ids, places, weights }) => {
    const partitions = Lazy.once(() => Column.gather(list, places).map(build))
    return {
      ids,
      hashes,
      weights,
      get partitions() {
        return partitions()
      }
    }
  })

/**
 * Checks a list of partitions, drops repetitions, and brings it into canonical order: by hash, then by id. The order of
 * the input does not matter.
 *
 * **Gotchas** The same partition with two weights is an error, since either choice would depend on the order.
 *
 * **Example**
 *
 * ```ts
 * import { Partition } from "@parti/core"
 * import { Result } from "effect"
 *
 * const list = Partition.normalise([{ keys: ["us"] }, { keys: ["eu"], weight: 3 }])
 * const ids = Result.getOrThrow(list).map(Partition.id)
 * ```
 *
 * @category constructors
 * @since 0.1.0
 */
export const normalise = (
  list: ReadonlyArray<PartitionInput>
): Result.Result<ReadonlyArray<Partition>, PartitionInvalid | DuplicatePartition> =>
  Result.map(read(list), ({ hashes, ids, places, weights }) => {
    // Copied in the order in which they lie in memory.
    const partitions = Column.gather(list.map(build), places)
    indices.set(partitions, { ids, hashes, weights })
    return partitions
  })
