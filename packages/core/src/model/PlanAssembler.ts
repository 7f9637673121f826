/**
 * What a reader of the `plan` bucket keeps, so that it can say which plan its entries make.
 *
 * **Table**
 *
 * | entry                     | no plan yet  | `Waiting`              | `Undecodable`  | `Complete`   |
 * | ------------------------- | ------------ | ---------------------- | -------------- | ------------ |
 * | `plan` with a value       | resolved     | resolved               | resolved       | resolved     |
 * | `plan` is gone            | `Absent`     | `Absent`               | `Absent`       | `Absent`     |
 * | a piece                   | kept         | resolved if waited for | resolved       | kept if newer |
 * | any other key             | nothing      | nothing                | nothing        | nothing      |
 *
 * @since 0.1.0
 */
import * as Result from "effect/Result"
import type * as Codec from "./Codec.ts"
import type { Compression } from "./Compression.ts"
import type { Version } from "./Epoch.ts"
import * as Key from "./Key.ts"
import * as ListCodec from "./ListCodec.ts"
import type { PartitionList, Plan } from "./Plan.ts"
import * as PlanCodec from "./PlanCodec.ts"
import * as Revision from "./Revision.ts"

/**
 * What a watch showed of one key: its newest value, or `null` when it is gone.
 *
 * @category models
 * @since 0.1.0
 */
export interface Entry {
  readonly key: string
  readonly revision: Revision.Revision
  readonly value: Uint8Array | null
}

/**
 * What the entries make. `revision` is always that of the key `plan`: what the next plan is compared and set against.
 *
 * - `Absent`: there is no plan.
 * - `Complete`: this one. Its list is the identical object as before as long as the plan names the same list.
 * - `Waiting`: a plan whose piece under `key` has not been shown yet.
 * - `Undecodable`: a plan that cannot be read; the reason names the piece, if it is not the plan's own key.
 *
 * **Gotchas** `Waiting` is not `Absent`: there is a plan. When a listing ends with it, the piece is lost, and the plan is to
 * be treated as one that cannot be read.
 *
 * @category models
 * @since 0.1.0
 */
export type Answer =
  | { readonly _tag: "Absent"; readonly revision: Revision.Revision }
  | { readonly _tag: "Complete"; readonly revision: Revision.Revision; readonly plan: Plan }
  | { readonly _tag: "Waiting"; readonly revision: Revision.Revision; readonly key: string }
  | { readonly _tag: "Undecodable"; readonly revision: Revision.Revision; readonly reason: string }

/** A part or a chunk that is in the bucket; its bytes are `null` once nobody will ask for them. */
interface Piece {
  readonly kind: "PlanPart" | "ListChunk"
  readonly version: Version
  readonly bytes: Uint8Array | null
}

/**
 * What is kept: the newest value of `plan`, the pieces that are in the bucket, and the list that was read last.
 *
 * @category models
 * @since 0.1.0
 */
export interface PlanAssembler {
  readonly answer: Answer
  readonly plan: Uint8Array | null
  readonly pieces: ReadonlyMap<string, Piece>
  /** The name is that which a plan bore. */
  readonly list: { readonly name: ListCodec.ListName; readonly list: PartitionList } | null
}

/**
 * Knows nothing.
 *
 * @category constructors
 * @since 0.1.0
 */
export const empty: PlanAssembler = {
  answer: { _tag: "Absent", revision: Revision.absent },
  plan: null,
  pieces: new Map(),
  list: null
}

/**
 * A listing begins anew: what was in the bucket is forgotten, since all of it will be shown again. The list that was
 * read last is kept, for whoever compares by identity.
 *
 * @category transitions
 * @since 0.1.0
 */
export const reopen = (assembler: PlanAssembler): PlanAssembler => ({ ...empty, list: assembler.list })

/**
 * The keys of pieces in the bucket that nobody reads any more: lists older than `olderThan`, and the parts of plans older
 * than the one in force. Sorted by code units.
 *
 * @category getters
 * @since 0.1.0
 */
export const staleKeys = ({ answer, pieces }: PlanAssembler, olderThan: Version): ReadonlyArray<string> => {
  const inForce = answer._tag === "Complete" ? answer.plan.version : 0
  const isStale = ({ kind, version }: Piece) => version < (kind === "ListChunk" ? olderThan : inForce)
  return [...pieces].flatMap(([key, piece]) => (isStale(piece) ? [key] : [])).sort()
}

/**
 * The keys of the list in force that are not in the bucket: a worker that joins cannot read the plan before somebody has
 * put them back.
 *
 * @category getters
 * @since 0.1.0
 */
export const missingKeys = ({ answer, list, pieces }: PlanAssembler): ReadonlyArray<string> =>
  answer._tag === "Complete" && list !== null ? chunkKeys(list.name).filter((key) => !pieces.has(key)) : []

/**
 * Takes in one entry. The answer is `null` when there is nothing new to say; an entry of the key `plan` always has one.
 *
 * @category transitions
 * @since 0.1.0
 */
export const observe = (
  assembler: PlanAssembler,
  entry: Entry,
  compression: Compression
): { readonly assembler: PlanAssembler; readonly answer: Answer | null } => {
  const { answer } = assembler
  // A revision is shown again only with the value that it had.
  if (entry.key === Key.plan && answer._tag === "Complete" && answer.revision === entry.revision) {
    return { assembler, answer }
  }
  if (entry.key === Key.plan) {
    const next = resolve({ ...assembler, plan: entry.value }, entry.revision, compression)
    return { assembler: next, answer: next.answer }
  }
  const kept = keep(assembler, entry)
  if (!isAwaited(answer, entry)) return { assembler: kept, answer: null }
  const next = resolve(kept, answer.revision, compression)
  return { assembler: next, answer: isSame(answer, next.answer) ? null : next.answer }
}

const chunkKeys = (name: ListCodec.ListName): ReadonlyArray<string> =>
  Array.from({ length: name.chunks }, (_, chunk) => Key.listChunk(name.version, chunk))

const isAwaited = (answer: Answer, entry: Entry): boolean => {
  switch (answer._tag) {
    case "Absent":
    case "Complete":
      return false
    case "Waiting":
      return answer.key === entry.key
    case "Undecodable":
      // A damaged piece may be replaced.
      return true
  }
}

const isSame = (before: Answer, after: Answer): boolean =>
  before._tag === "Undecodable" && after._tag === "Undecodable" && before.reason === after.reason

const keep = (assembler: PlanAssembler, { key, value }: Entry): PlanAssembler => {
  const parsed = Result.getOrElse(Key.parsePlan(key), () => null)
  if (parsed === null || (parsed._tag !== "PlanPart" && parsed._tag !== "ListChunk")) return assembler
  const pieces = new Map(assembler.pieces)
  if (value === null) pieces.delete(key)
  else pieces.set(key, { kind: parsed._tag, version: parsed.version, bytes: value })
  return forget({ ...assembler, pieces })
}

/** Lets go of the bytes that the plan in force was made of, and of older ones. */
const forget = (assembler: PlanAssembler): PlanAssembler => {
  const { answer, pieces } = assembler
  if (answer._tag !== "Complete") return assembler
  const doneUpTo = { PlanPart: answer.plan.version, ListChunk: answer.plan.list.version }
  const isDone = ({ bytes, kind, version }: Piece) => bytes !== null && version <= doneUpTo[kind]
  const kept = new Map<string, Piece>()
  for (const [key, piece] of pieces) kept.set(key, isDone(piece) ? { ...piece, bytes: null } : piece)
  return { ...assembler, pieces: kept }
}

/** A piece that has not been shown yet. */
interface Missing {
  readonly _tag: "Missing"
  readonly key: string
}

type Found<A> = Result.Result<A, Missing | Codec.RecordUndecodable>

const resolve = (assembler: PlanAssembler, revision: Revision.Revision, compression: Compression): PlanAssembler => {
  if (assembler.plan === null) return { ...assembler, answer: { _tag: "Absent", revision } }
  const found = Result.flatMap(findHead(assembler.plan, assembler.pieces, compression), (head) =>
    Result.map(findList(assembler, head.list, compression), (list) => ({ head, list }))
  )
  return Result.match(found, {
    onFailure: (obstacle): PlanAssembler => ({ ...assembler, answer: answerTo(obstacle, revision) }),
    onSuccess: ({ head, list }) => {
      const plan = { ...head, list }
      return forget({ ...assembler, answer: { _tag: "Complete", revision, plan }, list: { name: head.list, list } })
    }
  })
}

const answerTo = (obstacle: Missing | Codec.RecordUndecodable, revision: Revision.Revision): Answer =>
  obstacle._tag === "Missing"
    ? { _tag: "Waiting", revision, key: obstacle.key }
    : { _tag: "Undecodable", revision, reason: obstacle.reason }

const gather = (pieces: PlanAssembler["pieces"], keys: ReadonlyArray<string>): Found<ReadonlyArray<Uint8Array>> => {
  const values: Array<Uint8Array> = []
  for (const key of keys) {
    const bytes = pieces.get(key)?.bytes ?? null
    if (bytes === null) return Result.fail({ _tag: "Missing", key })
    values.push(bytes)
  }
  return Result.succeed(values)
}

const findHead = (
  value: Uint8Array,
  pieces: PlanAssembler["pieces"],
  compression: Compression
): Found<PlanCodec.PlanHead> =>
  Result.flatMap(PlanCodec.decode(value, compression), (document): Found<PlanCodec.PlanHead> => {
    if (document._tag === "Head") return Result.succeed(document.head)
    const { parts, version } = document
    const keys = Array.from({ length: parts }, (_, part) => Key.planPart(version, part))
    return Result.flatMap(gather(pieces, keys), (values) => PlanCodec.decodeParts(version, values, compression))
  })

const findList = (
  { list: known, pieces }: PlanAssembler,
  name: ListCodec.ListName,
  compression: Compression
): Found<PartitionList> =>
  known !== null && known.name.version === name.version && known.name.fingerprint === name.fingerprint
    ? Result.succeed(known.list)
    : Result.flatMap(gather(pieces, chunkKeys(name)), (values) => ListCodec.decode(name, values, compression))
