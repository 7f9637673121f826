/**
 * The evidence of decisions as bytes.
 *
 * **Details** One JSON object, written once: columns as runs, `target` as what must be added to `from`, standbys as what must be added to the
 * one before; partitions as `[weight, key, …]`; compressed above 4 KiB.
 *
 * @since 0.1.0
 */
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import * as Codec from "../model/Codec.ts"
import * as Compression from "../model/Compression.ts"
import * as Limit from "../model/Limit.ts"
import * as ListCodec from "../model/ListCodec.ts"
import * as Partition from "../model/Partition.ts"
import * as PartitionSet from "../model/PartitionSet.ts"
import { nobody } from "../model/Plan.ts"
import * as RunLength from "../model/RunLength.ts"
import { type Decision, type Evidence, moveReasons } from "./Decision.ts"

const Amount = Schema.Finite.check(Schema.isGreaterThanOrEqualTo(0))

const steps = (column: ReadonlyArray<number>): ReadonlyArray<number> =>
  column.map((index, i) => index - (column[i - 1] ?? nobody))

const documentOf = (evidence: Evidence, hasList: boolean): Uint8Array => {
  const { count, fingerprint, former, from, hints, partitions, previousStandby, reasons, removed } = evidence
  const { standby, target, version, workers } = evidence
  return Codec.write({
    version,
    workers: workers.map(({ capacity, id, maxPartitions, zone }) => [id, capacity, maxPartitions, zone]),
    former,
    fingerprint,
    count,
    ...(partitions === null || !hasList ? {} : { partitions: partitions.map(({ keys, weight }) => [weight, ...keys]) }),
    from: RunLength.encode(from),
    hints: RunLength.encode(hints),
    ...(previousStandby === null ? {} : { previousStandby: RunLength.encode(steps(previousStandby)) }),
    target: RunLength.encode(target.map((index, i) => index - (from[i] ?? nobody))),
    ...(standby === null ? {} : { standby: RunLength.encode(steps(standby)) }),
    reasons: RunLength.encode(reasons),
    removed: removed.map(({ from: index, id }) => [index, id])
  })
}

/**
 * Writes evidence, as much of it as fits: without the list of partitions if need be, or nothing.
 *
 * @category encoding
 * @since 0.1.0
 */
export const encode = (
  evidence: Evidence,
  compression: Compression.Compression
): { readonly kept: Decision["evidence"]; readonly bytes: Uint8Array | null } => {
  const fits = (bytes: Uint8Array) => bytes.length <= Limit.maxEvidenceBytes
  const whole = Compression.pack(compression, documentOf(evidence, true))
  if (fits(whole)) return { kept: "Whole", bytes: whole }
  const bare = Compression.pack(compression, documentOf(evidence, false))
  return fits(bare) ? { kept: "WithoutList", bytes: bare } : { kept: "TooLarge", bytes: null }
}

const Limited = Schema.NullOr(Schema.Natural)

const WorkerRow = Schema.Tuple([Schema.String, Amount, Limited, Schema.NullOr(Codec.Text(Limit.maxZoneLength))])

const checkEvidence = Codec.checker(
  Schema.Struct({
    version: Schema.Natural,
    workers: Schema.Array(WorkerRow).check(Schema.isMaxLength(Limit.maxWorkers)),
    former: Schema.Array(Codec.Id).check(Schema.isMaxLength(Limit.maxWorkers)),
    fingerprint: Codec.Text(64),
    count: Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: Limit.maxPartitions })),
    partitions: Schema.optionalKey(Schema.Array(Schema.Unknown)),
    from: Schema.String,
    hints: Schema.String,
    previousStandby: Schema.optionalKey(Schema.String),
    target: Schema.String,
    standby: Schema.optionalKey(Schema.String),
    reasons: Schema.String,
    removed: Schema.Array(Schema.Tuple([Schema.Int, Schema.String]))
  })
)

type Fields = Result.Result.Success<ReturnType<typeof checkEvidence>>

const column = (text: string, length: number, minimum: number, maximum: number) =>
  RunLength.decode(text, { length, minimum, maximum })

/** A column of indices; `count` is the number of those that there are. */
const indices = (text: string, { count: length }: Fields, count: number) => column(text, length, nobody, count - 1)

const within = (values: ReadonlyArray<number>, count: number): Codec.Decoded<ReadonlyArray<number>> => {
  const stray = values.find((index) => index < nobody || index >= count)
  return stray === undefined ? Result.succeed(values) : Codec.undecodable(`there is no worker ${stray}`)
}

const standbysOf = (text: string | undefined, { count: length }: Fields, workers: number) => {
  if (text === undefined) return Result.succeed(null)
  let index: number = nobody
  return Result.flatMap(column(text, length, -workers, workers), (moves) =>
    within(
      moves.map((move) => (index += move)),
      workers
    )
  )
}

const partitionsOf = (fields: Fields): Codec.Decoded<Evidence["partitions"]> => {
  if (fields.partitions === undefined) return Result.succeed(null)
  return Result.gen(function* () {
    const inputs = yield* ListCodec.inputsOf(fields.partitions ?? [])
    const partitions = yield* Result.mapError(
      Partition.normalise(inputs),
      ({ message }) => new Codec.RecordUndecodable({ reason: message })
    )
    const isSame = partitions.length === fields.count && PartitionSet.of(partitions).fingerprint === fields.fingerprint
    return isSame ? partitions : yield* Codec.undecodable("its list is not the one that it names")
  })
}

const ordered = (ids: ReadonlyArray<string>): boolean => ids.every((id, i) => i === 0 || (ids[i - 1] ?? "") < id)

/**
 * Reads evidence.
 *
 * @category decoding
 * @since 0.1.0
 */
export const decode = (bytes: Uint8Array, compression: Compression.Compression): Codec.Decoded<Evidence> =>
  Result.gen(function* () {
    const fields = yield* checkEvidence(yield* Compression.read(compression, bytes, Limit.maxReadBytes))
    const workers = fields.workers.map(([id, capacity, maxPartitions, zone]) => ({ id, capacity, maxPartitions, zone }))
    // Strategies rely on it.
    if (!ordered(workers.map(({ id }) => id))) return yield* Codec.undecodable("its workers are not in order")
    const known = workers.length + fields.former.length
    const from = yield* indices(fields.from, fields, known)
    const moves = yield* column(fields.target, fields.count, -known, known)
    return {
      version: fields.version,
      workers,
      former: fields.former,
      fingerprint: fields.fingerprint,
      count: fields.count,
      partitions: yield* partitionsOf(fields),
      from,
      hints: yield* indices(fields.hints, fields, workers.length),
      previousStandby: yield* standbysOf(fields.previousStandby, fields, workers.length),
      target: yield* within(
        moves.map((move, i) => move + (from[i] ?? nobody)),
        workers.length
      ),
      standby: yield* standbysOf(fields.standby, fields, workers.length),
      reasons: yield* column(fields.reasons, fields.count, nobody, moveReasons.length - 1),
      removed: fields.removed.map(([index, id]) => ({ id: id as Partition.PartitionId, from: index }))
    }
  })
