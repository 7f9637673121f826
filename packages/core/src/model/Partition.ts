/**
 * The unit of work that has one owner.
 *
 * @since 0.1.0
 */
import type * as Brand from "effect/Brand"
import * as Data from "effect/Data"
import * as Result from "effect/Result"
import * as Hash from "./Hash.ts"
import * as Radix from "./Radix.ts"
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

const check = (input: PartitionInput): PartitionId | PartitionInvalid => {
  const weight = input.weight ?? 1
  return Number.isFinite(weight) && weight >= 0
    ? checkKeys(input)
    : invalid(input, "weight", "it must be finite and not negative")
}

// Adding 0 turns -0 into 0, so that equal weights are equal in every sense.
const build = (input: PartitionInput): Partition => ({ keys: input.keys.slice(), weight: (input.weight ?? 1) + 0 })

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
  const checked = check(input)
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

// Different ids with one hash are rare but real: about a hundred pairs among a million.
const canonicalOrder = (ids: ReadonlyArray<PartitionId>, hashes: Uint32Array): Uint32Array => {
  const order = Radix.order(hashes)
  for (let k = 1; k < order.length; k++) {
    const item = order[k] ?? 0
    let place = k
    for (; place > 0; place--) {
      const before = order[place - 1] ?? 0
      if (hashes[before] !== hashes[item] || (ids[before] ?? "") <= (ids[item] ?? "")) break
      order[place] = before
    }
    order[place] = item
  }
  return order
}

/** Checked partitions, and their columns. */
interface Listed extends PartitionIndex {
  readonly partitions: ReadonlyArray<Partition>
}

/** In the order of the input. */
const checkAll = (list: ReadonlyArray<PartitionInput>): Listed | PartitionInvalid => {
  const partitions: Array<Partition> = []
  const ids: Array<PartitionId> = []
  const hashes = new Uint32Array(list.length)
  const weights = new Float64Array(list.length)
  for (const input of list) {
    const checked = check(input)
    if (typeof checked !== "string") return checked
    const partition = build(input)
    const place = ids.length
    hashes[place] = Hash.murmur3(checked)
    weights[place] = partition.weight
    partitions.push(partition)
    ids.push(checked)
  }
  return { partitions, ids, hashes, weights }
}

/**
 * Brings them into order, drops repetitions, and adds up the weights. What the partitions say is read from columns: in this
 * order each of them would have to be fetched from another place in memory.
 */
const collapse = (checked: Listed): Listed | PartitionInvalid | DuplicatePartition => {
  const order = canonicalOrder(checked.ids, checked.hashes)
  const partitions: Array<Partition> = []
  const ids: Array<PartitionId> = []
  const hashes = new Uint32Array(order.length)
  const weights = new Float64Array(order.length)
  let sum = 0
  for (const place of order) {
    const id = checked.ids[place]
    const partition = checked.partitions[place]
    if (id === undefined || partition === undefined) continue
    const hash = checked.hashes[place] ?? 0
    const weight = checked.weights[place] ?? 0
    const count = ids.length
    if (count > 0 && hash === hashes[count - 1] && id === ids[count - 1]) {
      const before = weights[count - 1] ?? 0
      if (before === weight) continue
      return new DuplicatePartition({ id, weights: [before, weight] })
    }
    sum += weight
    if (!Number.isFinite(sum)) return invalid(partition, "weight", "all weights together must be finite")
    hashes[count] = hash
    weights[count] = weight
    partitions.push(partition)
    ids.push(id)
  }
  return { partitions, ids, hashes: hashes.slice(0, ids.length), weights: weights.slice(0, ids.length) }
}

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
): Result.Result<ReadonlyArray<Partition>, PartitionInvalid | DuplicatePartition> => {
  const checked = checkAll(list)
  if ("_tag" in checked) return Result.fail(checked)
  const distinct = collapse(checked)
  if ("_tag" in distinct) return Result.fail(distinct)
  const { partitions, ids, hashes, weights } = distinct
  indices.set(partitions, { ids, hashes, weights })
  return Result.succeed(partitions)
}
