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

const plain = /^[A-Za-z0-9_-]+$/

const escapeUnit = (unit: number): string =>
  unit < 0x80 ? `=${unit.toString(16).padStart(2, "0")}` : `=u${unit.toString(16).padStart(4, "0")}`

const escapeKey = (key: string): string => {
  if (plain.test(key)) return key
  if (key === "") return "="
  let escaped = ""
  for (let i = 0; i < key.length; i++) {
    const character = key.charAt(i)
    escaped += plain.test(character) ? character : escapeUnit(key.charCodeAt(i))
  }
  return escaped
}

const idOfKeys = (keys: ReadonlyArray<string>): PartitionId => {
  let joined = ""
  for (const key of keys) joined = joined === "" ? escapeKey(key) : `${joined}.${escapeKey(key)}`
  // An escaped key is never empty, so this is the one place where the parts become an id.
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
 * Partition.id({ keys: ["tool-7", "chamber 1"], weight: 1 }) // "tool-7.chamber=201"
 * ```
 *
 * @category getters
 * @since 0.1.0
 */
export const id = (partition: Partition): PartitionId => idOfKeys(partition.keys)

const invalid = (input: PartitionInput, field: "keys" | "weight", rule: string): PartitionInvalid =>
  new PartitionInvalid({ keys: input.keys, field, rule, value: input[field] })

const checkKeys = (input: PartitionInput): PartitionId | PartitionInvalid => {
  const keys: unknown = input.keys
  if (!Array.isArray(keys) || keys.some((key) => typeof key !== "string")) {
    return invalid(input, "keys", "they are an array of strings")
  }
  if (keys.length === 0) return invalid(input, "keys", "there must be at least one")
  if (keys.length > maxKeys) return invalid(input, "keys", `there may be at most ${maxKeys}`)
  const joined = idOfKeys(input.keys)
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
 * Ids and hashes, in parallel to a list of partitions.
 *
 * @category models
 * @since 0.1.0
 */
export interface PartitionIndex {
  readonly ids: ReadonlyArray<PartitionId>
  readonly hashes: Uint32Array
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
  const made = { ids, hashes: Uint32Array.from(ids, (one) => Hash.murmur3(one)) }
  indices.set(list, made)
  return made
}

interface Entry {
  readonly id: PartitionId
  readonly hash: number
  readonly partition: Partition
}

const byId = (a: Entry, b: Entry): number => (a.id < b.id ? -1 : a.id > b.id ? 1 : 0)

// Different ids with one hash are rare but real: about a hundred pairs among a million.
const sortTies = (sorted: Array<Entry>): void => {
  let start = 0
  for (let end = 1; end <= sorted.length; end++) {
    if (sorted[end]?.hash === sorted[start]?.hash) continue
    if (end - start > 1) sorted.splice(start, end - start, ...sorted.slice(start, end).sort(byId))
    start = end
  }
}

const sort = (entries: ReadonlyArray<Entry>): Array<Entry> => {
  const sorted: Array<Entry> = []
  for (const place of Radix.order(Uint32Array.from(entries, (entry) => entry.hash))) {
    const entry = entries[place]
    if (entry !== undefined) sorted.push(entry)
  }
  sortTies(sorted)
  return sorted
}

const collapse = (sorted: ReadonlyArray<Entry>): ReadonlyArray<Entry> | DuplicatePartition => {
  const distinct: Array<Entry> = []
  for (const entry of sorted) {
    const last = distinct.at(-1)
    if (last === undefined || last.id !== entry.id) {
      distinct.push(entry)
    } else if (last.partition.weight !== entry.partition.weight) {
      return new DuplicatePartition({ id: entry.id, weights: [last.partition.weight, entry.partition.weight] })
    }
  }
  return distinct
}

const finiteSum = (entries: ReadonlyArray<Entry>): PartitionInvalid | null => {
  let sum = 0
  for (const { partition } of entries) {
    sum += partition.weight
    if (!Number.isFinite(sum)) return invalid(partition, "weight", "all weights together must be finite")
  }
  return null
}

/**
 * Checks a list of partitions, drops repetitions, and brings it into canonical order: by hash, then by id. The order of
 * the input does not matter.
 *
 * **Gotchas** The same partition with two weights is an error, since either choice would depend on the order.
 *
 * @category constructors
 * @since 0.1.0
 */
export const normalise = (
  list: ReadonlyArray<PartitionInput>
): Result.Result<ReadonlyArray<Partition>, PartitionInvalid | DuplicatePartition> => {
  const entries: Array<Entry> = []
  for (const input of list) {
    const checked = check(input)
    if (typeof checked !== "string") return Result.fail(checked)
    entries.push({ id: checked, hash: Hash.murmur3(checked), partition: build(input) })
  }
  const distinct = collapse(sort(entries))
  if ("_tag" in distinct) return Result.fail(distinct)
  const infinite = finiteSum(distinct)
  if (infinite !== null) return Result.fail(infinite)
  const partitions = distinct.map((entry) => entry.partition)
  indices.set(partitions, {
    ids: distinct.map((entry) => entry.id),
    hashes: Uint32Array.from(distinct, (entry) => entry.hash)
  })
  return Result.succeed(partitions)
}
