/**
 * The plan and its bytes.
 *
 * **Details**
 *
 * One JSON object. `owner`, `next` and `token` are columns over the partitions in canonical order, written as runs:
 * `owner` by index into `workers`, `next` as what must be added to `owner`, `token` as what must be taken from `version`.
 * So all of them are a few runs while nothing moves. `standby`, which is there only if the strategy plans standbys, is
 * written as what must be added to the one before it, since standbys are dealt in turn. A worker is `[id, session, 1 if a member, else 0]`.
 *
 * Above 4 KiB the object is compressed. Above 512 KiB it is cut into parts, which are created before `plan` is written;
 * `plan` then holds `{v, version, parts}`.
 *
 * @since 0.1.0
 */
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import { assert } from "./Assert.ts"
import * as Chunk from "./Chunk.ts"
import * as Codec from "./Codec.ts"
import * as Compression from "./Compression.ts"
import type { Version } from "./Epoch.ts"
import * as Key from "./Key.ts"
import * as Limit from "./Limit.ts"
import * as ListCodec from "./ListCodec.ts"
import { nobody, type Phase, type Plan } from "./Plan.ts"
import * as RunLength from "./RunLength.ts"

/**
 * A plan that only names its list.
 *
 * @category models
 * @since 0.1.0
 */
export type PlanHead = Omit<Plan, "list"> & { readonly list: ListCodec.ListName }

/**
 * What stands under the key `plan`: a plan, or where the parts of one are.
 *
 * @category models
 * @since 0.1.0
 */
export type PlanDocument =
  | { readonly _tag: "Head"; readonly head: PlanHead }
  | { readonly _tag: "Manifest"; readonly version: Version; readonly parts: number }

/**
 * A plan as it is written: the parts first, then the head.
 *
 * @category models
 * @since 0.1.0
 */
export interface EncodedPlan {
  readonly head: Uint8Array
  readonly parts: ReadonlyArray<ListCodec.Piece>
}

const phaseFields = (phase: Phase): Codec.Fields => {
  switch (phase._tag) {
    case "Idle":
      return { state: phase._tag }
    case "Scaling":
      return { state: phase._tag, reason: phase.reason, windowMs: phase.windowMs, startedAt: phase.startedAt }
    case "Rebalancing":
    case "Emergency":
      return { state: phase._tag, reason: phase.reason, startedAt: phase.startedAt }
  }
}

// A plan that nobody can read would stop the group: better that the one who made it stops.
const checkColumns = ({ list, next, owner, standby, token, version, workers }: Plan): void => {
  const count = list.partitions.length
  assert(count <= Limit.maxPartitions, `a plan has at most ${Limit.maxPartitions} partitions, not ${count}`)
  assert(workers.length <= Limit.maxWorkers, `a plan has at most ${Limit.maxWorkers} workers, not ${workers.length}`)
  const isWorker = (index: number) => Number.isSafeInteger(index) && index >= nobody && index < workers.length
  const isToken = (value: number) => Number.isSafeInteger(value) && value >= 0 && value <= version
  assert(owner.length === count && owner.every(isWorker), "each partition has one owner among the workers, or nobody")
  assert(next.length === count && next.every(isWorker), "each partition has one next among the workers, or nobody")
  assert(
    token.length === count && token.every(isToken),
    "each partition has one token, the version of this plan at most"
  )
  const isStandby = (index: number, i: number) => isWorker(index) && (index === nobody || index !== next[i])
  assert(
    standby === undefined || (standby.length === count && standby.every(isStandby)),
    "each partition has one standby among the workers, who is not its next, or nobody"
  )
}

const steps = (column: ReadonlyArray<number>): ReadonlyArray<number> =>
  column.map((index, i) => index - (column[i - 1] ?? nobody))

const documentOf = (plan: Plan): Uint8Array => {
  const { epoch, version, leader, incarnation, recovering, phase, list, workers, handled } = plan
  const { owner, next, token, standby } = plan
  return Codec.write({
    epoch,
    version,
    leader: { id: leader.id, session: leader.session },
    incarnation,
    recovering,
    phase: phaseFields(phase),
    partitions: ListCodec.name(list),
    workers: workers.map(({ id, member, session }) => [id, session, member ? 1 : 0]),
    owner: RunLength.encode(owner),
    next: RunLength.encode(next.map((index, i) => index - (owner[i] ?? nobody))),
    token: RunLength.encode(token.map((since) => version - since)),
    ...(standby === undefined ? {} : { standby: RunLength.encode(steps(standby)) }),
    handled: { rebalance: handled.rebalance, refresh: handled.refresh }
  })
}

/**
 * Writes a plan; its list must have been written before.
 *
 * **Gotchas** A plan whose columns do not fit its list and workers is a mistake of the program: it dies.
 *
 * @category encoding
 * @since 0.1.0
 */
export const encode = (plan: Plan, compression: Compression.Compression): EncodedPlan => {
  checkColumns(plan)
  const bytes = Compression.pack(compression, documentOf(plan))
  if (bytes.length <= Limit.maxValueBytes) return { head: bytes, parts: [] }
  const parts = Chunk.split(bytes, Limit.maxValueBytes)
  return {
    head: Codec.write({ version: plan.version, parts: parts.length }),
    parts: parts.map((part, i) => ({ key: Key.planPart(plan.version, i), bytes: part }))
  }
}

const Reason = Schema.Literals(["cold_start", "restart", "emergency", "planned_scale"])

const ReasonOrRequest = Schema.Union([Reason, Schema.Literal("requested")])

const PhaseSchema = Schema.Union([
  Schema.TaggedStruct("Idle", {}).pipe(Schema.encodeKeys({ _tag: "state" })),
  Schema.TaggedStruct("Scaling", { reason: Reason, windowMs: Schema.Natural, startedAt: Schema.Natural }).pipe(
    Schema.encodeKeys({ _tag: "state" })
  ),
  Schema.Struct({
    _tag: Schema.Literals(["Rebalancing", "Emergency"]),
    reason: ReasonOrRequest,
    startedAt: Schema.Natural
  }).pipe(Schema.encodeKeys({ _tag: "state" }))
])

const upTo = (maximum: number) => Schema.Int.check(Schema.isBetween({ minimum: 0, maximum }))

const checkHead = Codec.checker(
  Schema.Struct({
    epoch: Schema.Natural,
    version: Schema.Natural,
    leader: Schema.Struct({ id: Codec.Id, session: Codec.Session }),
    incarnation: Codec.Text(Limit.maxIncarnationLength),
    recovering: Schema.Boolean,
    phase: PhaseSchema,
    partitions: Schema.Struct({
      version: Schema.Natural,
      count: upTo(Limit.maxPartitions),
      chunks: upTo(Limit.maxPieces),
      fingerprint: Codec.Text(64)
    }),
    workers: Schema.Array(Schema.Tuple([Codec.Id, Codec.Session, Schema.Literals([0, 1])])).check(
      Schema.isMaxLength(Limit.maxWorkers)
    ),
    owner: Schema.String,
    next: Schema.String,
    token: Schema.String,
    standby: Schema.optionalKey(Schema.String),
    handled: Schema.Struct({ rebalance: Schema.Natural, refresh: Schema.Natural })
  })
)

type HeadFields = Result.Result.Success<ReturnType<typeof checkHead>>

const columnOf = (name: string, text: string, bounds: RunLength.Bounds): Codec.Decoded<ReadonlyArray<number>> =>
  Result.mapError(
    RunLength.decode(text, bounds),
    ({ reason }) => new Codec.RecordUndecodable({ reason: `in ${name}: ${reason}` })
  )

const standbyOf = (fields: HeadFields, next: ReadonlyArray<number>): Codec.Decoded<Pick<Plan, "standby">> =>
  Result.gen(function* () {
    if (fields.standby === undefined) return {}
    const count = fields.workers.length
    const bounds = { length: fields.partitions.count, minimum: -count, maximum: count }
    let index: number = nobody
    const standby = (yield* columnOf("standby", fields.standby, bounds)).map((step) => (index += step))
    const stray = standby.find((one) => one < nobody || one >= count)
    if (stray !== undefined) return yield* Codec.undecodable(`in standby: there is no worker ${stray}`)
    const own = standby.findIndex((one, i) => one !== nobody && one === next[i])
    if (own >= 0) return yield* Codec.undecodable(`in standby: partition ${own} has its next owner for a standby`)
    return { standby }
  })

const columnsOf = (fields: HeadFields): Codec.Decoded<Pick<Plan, "owner" | "next" | "token" | "standby">> =>
  Result.gen(function* () {
    const length = fields.partitions.count
    const count = fields.workers.length
    const owner = yield* columnOf("owner", fields.owner, { length, minimum: nobody, maximum: count - 1 })
    const moves = yield* columnOf("next", fields.next, { length, minimum: -count, maximum: count })
    const next = moves.map((move, i) => move + (owner[i] ?? nobody))
    const stray = next.find((index) => index < nobody || index >= count)
    if (stray !== undefined) return yield* Codec.undecodable(`in next: there is no worker ${stray}`)
    const ages = yield* columnOf("token", fields.token, { length, minimum: 0, maximum: fields.version })
    const token = ages.map((age) => fields.version - age)
    return { owner, next, token, ...(yield* standbyOf(fields, next)) }
  })

const workersOf = (fields: HeadFields): Codec.Decoded<Plan["workers"]> => {
  const seen = new Set<string>()
  for (const [id, session] of fields.workers) seen.add(`${id} ${session}`)
  return seen.size < fields.workers.length
    ? Codec.undecodable("in workers: a session is listed twice")
    : Result.succeed(fields.workers.map(([id, session, member]) => ({ id, session, member: member === 1 })))
}

const headOf = (fields: Codec.Fields): Codec.Decoded<PlanHead> =>
  Result.gen(function* () {
    const head = yield* checkHead(fields)
    const { epoch, version, leader, incarnation, recovering, phase, partitions: list, handled } = head
    const workers = yield* workersOf(head)
    return {
      epoch,
      version,
      leader,
      incarnation,
      recovering,
      phase,
      list,
      workers,
      ...(yield* columnsOf(head)),
      handled
    }
  })

const checkManifest = Codec.checker(Schema.Struct({ version: Schema.Natural, parts: upTo(Limit.maxPieces) }))

/**
 * Reads the value of the key `plan`.
 *
 * **Details** Fields of a later release are dropped, also when this release goes on to lead: what they said of the old
 * plan need not hold for the next.
 *
 * @category decoding
 * @since 0.1.0
 */
export const decode = (bytes: Uint8Array, compression: Compression.Compression): Codec.Decoded<PlanDocument> =>
  bytes.length > Limit.maxReadBytes
    ? Codec.undecodable(`it has ${bytes.length} bytes, and no more than ${Limit.maxReadBytes} are read`)
    : Result.flatMap(Compression.read(compression, bytes, Limit.maxPlanBytes), (fields): Codec.Decoded<PlanDocument> =>
        Object.hasOwn(fields, "parts")
          ? Result.map(checkManifest(fields), (manifest) => ({ _tag: "Manifest", ...manifest }))
          : Result.map(headOf(fields), (head) => ({ _tag: "Head", head }))
      )

/**
 * Reads a plan from all of its parts, in order.
 *
 * @category decoding
 * @since 0.1.0
 */
export const decodeParts = (
  version: Version,
  parts: ReadonlyArray<Uint8Array>,
  compression: Compression.Compression
): Codec.Decoded<PlanHead> =>
  Result.gen(function* () {
    const size = parts.reduce((sum, part) => sum + part.length, 0)
    if (size > Limit.maxPlanBytes) {
      return yield* Codec.undecodable(`its parts have ${size} bytes, and no more than ${Limit.maxPlanBytes} are read`)
    }
    const head = yield* headOf(yield* Compression.read(compression, Chunk.join(parts), Limit.maxPlanBytes))
    return head.version === version
      ? head
      : yield* Codec.undecodable(`its parts are those of version ${head.version}, not ${version}`)
  })
