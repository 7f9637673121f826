/**
 * A list of partitions and its bytes: chunks that are created before the plan that names them.
 *
 * **Details**
 *
 * A chunk is `{v, version, chunk, partitions: [[weight, key, …], …]}`, a stretch of the list in canonical order. Where one
 * chunk ends and the next begins depends on the partitions alone: every release cuts the same list in the same places, so
 * that a chunk that was lost can be put back by anybody.
 *
 * @since 0.1.0
 */
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import * as Codec from "./Codec.ts"
import * as Compression from "./Compression.ts"
import type { Version } from "./Epoch.ts"
import * as Key from "./Key.ts"
import * as Limit from "./Limit.ts"
import * as Partition from "./Partition.ts"
import * as PartitionSet from "./PartitionSet.ts"
import type { PartitionList } from "./Plan.ts"

/**
 * How a plan names its list: enough to find the chunks, and to know them for the right ones.
 *
 * @category models
 * @since 0.1.0
 */
export interface ListName {
  readonly version: Version
  readonly count: number
  readonly chunks: number
  readonly fingerprint: string
}

/**
 * A value and the key to write it under.
 *
 * @category models
 * @since 0.1.0
 */
export interface Piece {
  readonly key: string
  readonly bytes: Uint8Array
}

/** Room for the fields around the partitions. */
const headBytes = 128

const entryOf = ({ keys, weight }: Partition.Partition): string => JSON.stringify([weight, ...keys])

/** Cuts a list's entries into stretches that fit into one value each. */
const cut = (partitions: ReadonlyArray<Partition.Partition>): ReadonlyArray<ReadonlyArray<string>> => {
  const stretches: Array<Array<string>> = []
  let room = 0
  for (const partition of partitions) {
    const entry = entryOf(partition)
    const size = Codec.textBytes(entry).length + 1
    if (size > room) {
      stretches.push([])
      room = Limit.maxValueBytes - headBytes
    }
    stretches.at(-1)?.push(entry)
    room -= size
  }
  return stretches
}

// Counted once for each list, and dropped with it. Lists are never changed, so nobody can tell.
const chunkCounts = new WeakMap<ReadonlyArray<Partition.Partition>, number>()

const chunksOf = (partitions: ReadonlyArray<Partition.Partition>): number =>
  chunkCounts.get(partitions) ?? cutAndCount(partitions).length

const cutAndCount = (partitions: ReadonlyArray<Partition.Partition>): ReadonlyArray<ReadonlyArray<string>> => {
  const stretches = cut(partitions)
  chunkCounts.set(partitions, stretches.length)
  return stretches
}

/**
 * The name of a list. It is computed once for each list.
 *
 * @category getters
 * @since 0.1.0
 */
export const name = (list: PartitionList): ListName => ({
  version: list.version,
  count: list.partitions.length,
  chunks: chunksOf(list.partitions),
  fingerprint: PartitionSet.of(list.partitions).fingerprint
})

/**
 * Writes a list: no chunk for no partitions, else as many as it takes.
 *
 * **Gotchas** A key that exists already with other bytes belongs to another leader's list: the plan must not name it.
 *
 * @category encoding
 * @since 0.1.0
 */
export const encode = (list: PartitionList, compression: Compression.Compression): ReadonlyArray<Piece> =>
  cutAndCount(list.partitions).map((entries, chunk) => {
    // The entries are JSON already; parsing them only to write them again would cost more than all the rest.
    const text = `{"v":${Codec.version},"version":${list.version},"chunk":${chunk},"partitions":[${entries.join(",")}]}`
    return { key: Key.listChunk(list.version, chunk), bytes: Compression.pack(compression, Codec.textBytes(text)) }
  })

const checkChunk = Codec.checker(
  Schema.Struct({ version: Schema.Natural, chunk: Schema.Natural, partitions: Schema.Array(Schema.Unknown) })
)

const isText = (value: unknown): value is string => typeof value === "string"

// By hand rather than by schema: a list may have a million entries.
const inputOf = (entry: unknown): Partition.PartitionInput | null => {
  if (!Array.isArray(entry)) return null
  const [weight, ...keys]: ReadonlyArray<unknown> = entry
  return typeof weight === "number" && keys.every(isText) ? { keys, weight } : null
}

/**
 * Reads entries of the form `[weight, key, …]`.
 *
 * @category decoding
 * @since 0.1.0
 */
export const inputsOf = (entries: ReadonlyArray<unknown>): Codec.Decoded<ReadonlyArray<Partition.PartitionInput>> => {
  const inputs: Array<Partition.PartitionInput> = []
  for (const entry of entries) {
    const input = inputOf(entry)
    if (input === null) return Codec.undecodable("an entry is not [weight, key, …]")
    inputs.push(input)
  }
  return Result.succeed(inputs)
}

const decodeChunk = (
  list: ListName,
  chunk: number,
  bytes: Uint8Array,
  compression: Compression.Compression
): Codec.Decoded<ReadonlyArray<Partition.PartitionInput>> =>
  Result.gen(function* () {
    const fields = yield* checkChunk(yield* Compression.read(compression, bytes, Limit.maxReadBytes))
    if (fields.version !== list.version || fields.chunk !== chunk) {
      return yield* Codec.undecodable(`it says it is chunk ${fields.chunk} of version ${fields.version}`)
    }
    return yield* inputsOf(fields.partitions)
  })

const blame = (key: string) => (failure: Codec.RecordUndecodable) =>
  new Codec.RecordUndecodable({ reason: `${key}: ${failure.reason}` })

/**
 * Reads a list from all of its chunks, in order. The reason of a failure tells the key of the chunk.
 *
 * @category decoding
 * @since 0.1.0
 */
export const decode = (
  list: ListName,
  chunks: ReadonlyArray<Uint8Array>,
  compression: Compression.Compression
): Codec.Decoded<PartitionList> =>
  Result.gen(function* () {
    const inputs: Array<Partition.PartitionInput> = []
    for (const [chunk, bytes] of chunks.entries()) {
      const found = decodeChunk(list, chunk, bytes, compression)
      for (const input of yield* Result.mapError(found, blame(Key.listChunk(list.version, chunk)))) inputs.push(input)
      if (inputs.length > list.count)
        return yield* Codec.undecodable(`its chunks list more than ${list.count} partitions`)
    }
    const partitions = yield* Result.mapError(
      Partition.normalise(inputs),
      ({ message }) => new Codec.RecordUndecodable({ reason: message })
    )
    if (partitions.length !== list.count) {
      return yield* Codec.undecodable(`its chunks list ${partitions.length} different partitions, not ${list.count}`)
    }
    if (PartitionSet.of(partitions).fingerprint !== list.fingerprint) {
      return yield* Codec.undecodable("its chunks list other partitions than those that the plan names")
    }
    // Whoever wrote them cut them in the same places as we would.
    chunkCounts.set(partitions, chunks.length)
    return { version: list.version, partitions }
  })
