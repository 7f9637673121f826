/**
 * The small records and their bytes: workers, the leader's office, controls.
 *
 * @since 0.1.0
 */
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import * as Codec from "./Codec.ts"
import type * as Key from "./Key.ts"
import * as Limit from "./Limit.ts"
import type { ControlRecord, LeaderRecord, WorkerRecord } from "./Record.ts"

const workerFields = Schema.Struct({
  state: Schema.Literals(["live", "released", "evicted", "fenced"]),
  session: Codec.Session,
  after: Schema.NullOr(Codec.Session),
  attempt: Schema.Natural,
  leaseMs: Codec.LeaseSpan,
  marginMs: Codec.LeaseSpan,
  instance: Codec.Text(Limit.maxInstanceLength),
  applied: Schema.Struct({ epoch: Schema.Natural, version: Schema.Natural }),
  draining: Schema.Boolean,
  capacity: Schema.Finite.check(Schema.isBetween({ minimum: 0, maximum: Limit.maxCapacity })),
  maxPartitions: Schema.optionalKey(Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: Limit.maxPartitions }))),
  zone: Schema.NullOr(Codec.Text(Limit.maxZoneLength)),
  version: Schema.optionalKey(Codec.Text(Limit.maxSoftwareVersionLength)),
  loopDelayMs: Schema.optionalKey(Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: Limit.maxSpanMs })))
})

const checkWorker = Codec.checker(workerFields)

/** Deeper than any field of ours will be. What is written again must not exhaust the stack of who writes it. */
const maxDepth = 16

const isDeep = (value: unknown, depth = 0): boolean =>
  typeof value === "object" &&
  value !== null &&
  (depth === maxDepth || Object.values(value).some((inner) => isDeep(inner, depth + 1)))

const withExtra = (record: WorkerRecord, fields: Codec.Fields): Codec.Decoded<WorkerRecord> => {
  const isExtra = ([name]: [string, unknown]) =>
    name !== "v" && name !== "__proto__" && !Object.hasOwn(workerFields.fields, name)
  const unknown = Object.entries(fields).filter(isExtra)
  if (unknown.length === 0) return Result.succeed(record)
  const extra = Object.fromEntries(unknown)
  return isDeep(extra)
    ? Codec.undecodable(`its unknown fields are nested more than ${maxDepth} deep`)
    : Result.succeed({ ...record, extra })
}

/**
 * Writes a worker's record, and after its fields those that a later release had added.
 *
 * @category encoding
 * @since 0.1.0
 */
export const encodeWorker = (record: WorkerRecord): Uint8Array => {
  const { state, session, after, attempt, leaseMs, marginMs, instance, applied, draining } = record
  const { capacity, loopDelayMs, maxPartitions, version, zone } = record
  const times = { attempt, leaseMs, marginMs, instance, applied: { epoch: applied.epoch, version: applied.version } }
  const limit = maxPartitions === undefined ? {} : { maxPartitions }
  const told = { ...(version === undefined ? {} : { version }), ...(loopDelayMs === undefined ? {} : { loopDelayMs }) }
  const known = { v: Codec.version, state, session, after, ...times, draining, capacity, ...limit, zone, ...told }
  // The known fields stand first, and no unknown one gets the better of them.
  return Codec.write({ ...known, ...record.extra, ...known })
}

/**
 * Reads a worker's record. Fields of a later release are kept in `extra`.
 *
 * @category decoding
 * @since 0.1.0
 */
export const decodeWorker = (bytes: Uint8Array): Codec.Decoded<WorkerRecord> =>
  Result.flatMap(Codec.read(bytes, Limit.maxRecordBytes), (fields) =>
    Result.flatMap(checkWorker(fields), (record) => withExtra(record, fields))
  )

const checkLeader = Codec.checker(
  Schema.Struct({
    state: Schema.Literals(["live", "released"]),
    workerId: Codec.Id,
    session: Codec.Session,
    epoch: Schema.Natural,
    attempt: Schema.Natural,
    leaseMs: Codec.LeaseSpan,
    marginMs: Codec.LeaseSpan
  })
)

/**
 * Writes the record of the leader's office.
 *
 * @category encoding
 * @since 0.1.0
 */
export const encodeLeader = (record: LeaderRecord): Uint8Array => {
  const { state, workerId, session, epoch, attempt, leaseMs, marginMs } = record
  return Codec.write({ state, workerId, session, epoch, attempt, leaseMs, marginMs })
}

/**
 * Reads the record of the leader's office.
 *
 * **Details** Fields of a later release are dropped: nobody rewrites a record of this kind but its own writer.
 *
 * @category decoding
 * @since 0.1.0
 */
export const decodeLeader = (bytes: Uint8Array): Codec.Decoded<LeaderRecord> =>
  Result.flatMap(Codec.read(bytes, Limit.maxRecordBytes), checkLeader)

/**
 * Writes a control. `Key.control` says under which key it goes; a drained worker's name stands there alone.
 *
 * @category encoding
 * @since 0.1.0
 */
export const encodeControl = (record: ControlRecord): Uint8Array => {
  switch (record._tag) {
    case "Pause":
      return Codec.write({ paused: record.paused })
    case "Drain":
      return Codec.write({ session: record.session, draining: record.draining })
    case "Rebalance":
    case "Refresh":
      return Codec.write({ serial: record.serial })
  }
}

const checkPause = Codec.checker(Schema.Struct({ paused: Schema.Boolean }))

const checkDrain = Codec.checker(Schema.Struct({ session: Codec.Session, draining: Schema.Boolean }))

const checkSerial = Codec.checker(Schema.Struct({ serial: Schema.Natural }))

const checkControl = (key: Key.ControlKey, fields: Codec.Fields): Codec.Decoded<ControlRecord> => {
  switch (key._tag) {
    case "Pause":
      return Result.map(checkPause(fields), (order) => ({ ...key, ...order }))
    case "Drain":
      return Result.map(checkDrain(fields), (order) => ({ ...key, ...order }))
    case "Rebalance":
    case "Refresh":
      return Result.map(checkSerial(fields), (order) => ({ ...key, ...order }))
  }
}

/**
 * Reads the control that stands under a key.
 *
 * @category decoding
 * @since 0.1.0
 */
export const decodeControl = (key: Key.ControlKey, bytes: Uint8Array): Codec.Decoded<ControlRecord> =>
  Result.flatMap(Codec.read(bytes, Limit.maxRecordBytes), (fields) => checkControl(key, fields))
