/**
 * The chain of plans in the store, and the rules that each of them must keep towards the one before.
 *
 * @since 0.1.0
 */
import { type Epoch, Partition, type Plan, type Session, type Version } from "@parti/core/Protocol"
import * as Leases from "./Leases.ts"
import type { Request } from "./Store.ts"
import * as Value from "./Value.ts"
import { check } from "./Violation.ts"
import type { World } from "./World.ts"

/**
 * Where a partition stands. `openedAt` is the version that opened the present revoke, 0 where none is out.
 *
 * @category models
 * @since 0.1.0
 */
interface Place {
  readonly owner: Session | null
  readonly next: Session | null
  readonly token: Version
  readonly openedAt: Version
}

/** A plan, and where everything stood by it. */
interface Known {
  readonly plan: Plan.Plan
  readonly places: ReadonlyMap<Partition.PartitionId, Place>
}

/** Owners by plans that were lost, each with the term in which the chain after that plan began; `null`: nobody has begun one. */
type Formers = Map<Session, Epoch | null>

const none = (): Formers => new Map()

/**
 * What the chain has come to.
 *
 * **Details**
 *
 * `places` are those of the newest plan, `tokens` the highest token of each partition ever, `grants` every grant ever made, `known`
 * the last plans by version. `lost`: the owners by plans that were lost; one that confirms a plan of the chain after it
 * runs the partition no more.
 *
 * @category models
 * @since 0.1.0
 */
export interface Plans {
  newest: Plan.Plan | null
  epoch: number
  version: number
  leader: Session | null
  places: Map<Partition.PartitionId, Place>
  grantCount: number
  moveCount: number
  writeCount: number
  termCount: number
  readonly tokens: Map<Partition.PartitionId, Version>
  readonly lost: Map<Partition.PartitionId, Formers>
  readonly grants: Set<string>
  readonly known: Map<Version, Known>
}

/**
 * Before the first plan.
 *
 * @category constructors
 * @since 0.1.0
 */
export const make = (): Plans => ({
  newest: null,
  epoch: 0,
  version: 0,
  leader: null,
  places: new Map(),
  grantCount: 0,
  moveCount: 0,
  writeCount: 0,
  termCount: 0,
  tokens: new Map(),
  lost: new Map(),
  grants: new Set(),
  known: new Map()
})

/** So many plans are remembered, for the acknowledgements that name them. */
const rememberedPlans = 400

/**
 * The store takes a plan.
 *
 * @category combinators
 * @since 0.1.0
 */
export const written = (
  world: World,
  plans: Plans,
  leases: Leases.Leases,
  { process }: Request,
  plan: Plan.Plan
): void => {
  checkForm(plan)
  checkOrder(plans, plan)
  checkWindow(plans, plan)
  check(
    "S4",
    leases.all.get(plan.leader.session)?.process === process,
    () => `${process.name} writes a plan as ${plan.leader.session}`
  )
  check(
    "S7",
    world.plan.entries.has(Value.listKey(plan.list.version)),
    () => `list ${plan.list.version} is not in the store`
  )
  const places = placesOf(plans, plan)
  for (const [id, place] of places) checkPlace(world, plans, leases, plan, id, place)
  for (const [id, place] of plans.places) {
    if (!places.has(id)) checkTaken(world, plans, leases, plan, id, place)
  }
  if (plans.newest === null) begin(plans, plan)
  if (plan.epoch !== plans.epoch) plans.termCount += 1
  plans.places = places
  plans.newest = plan
  plans.epoch = plan.epoch
  plans.version = plan.version
  plans.leader = plan.leader.session
  plans.writeCount += 1
  remember(plans, plan)
}

/**
 * The plan is lost, or set back to an older one. What it said of owners is remembered, since they may still run.
 *
 * @category combinators
 * @since 0.1.0
 */
export const lose = (plans: Plans, restored: Plan.Plan | null): void => {
  for (const [id, place] of plans.places) forget(plans, id, place)
  plans.newest = null
  plans.leader = null
  plans.epoch = restored?.epoch ?? 0
  plans.version = restored?.version ?? 0
  // Whoever repeats what an older plan said grants nothing by it.
  plans.places = restored === null ? new Map() : placesOf(plans, restored)
}

/**
 * Lists older than a version are removed: never the one that the plan names.
 *
 * @category combinators
 * @since 0.1.0
 */
export const listRemoved = (plans: Plans, version: Version): void =>
  check("S7", plans.newest?.list.version !== version, () => `list ${version} is removed while the plan names it`)

const checkForm = (plan: Plan.Plan): void => {
  const count = plan.list.partitions.length
  const columns = [plan.owner, plan.next, plan.token]
  check(
    "S7",
    columns.every((column) => column.length === count),
    () => `${count} partitions, but columns of another length`
  )
  const ids = new Set(plan.list.partitions.map(Partition.id))
  check("S7", ids.size === count, () => `${count - ids.size} partitions are listed twice`)
  const isSeat = (seat: number): boolean => seat === -1 || plan.workers[seat] !== undefined
  check(
    "S7",
    plan.owner.every(isSeat) && plan.next.every(isSeat),
    () => "a partition belongs to a worker who is not there"
  )
  const sessions = new Set(plan.workers.map((worker) => worker.session))
  check("S7", sessions.size === plan.workers.length, () => "a session is seated twice")
}

const checkOrder = (plans: Plans, plan: Plan.Plan): void => {
  check("S4", plan.epoch >= plans.epoch, () => `epoch ${plan.epoch} is written after ${plans.epoch}`)
  check("S4", plan.version > plans.version, () => `version ${plan.version} is written after ${plans.version}`)
  const isSameTerm = plans.newest !== null && plan.epoch === plans.epoch
  check(
    "S4",
    !isSameTerm || plan.leader.session === plans.leader,
    () => `epoch ${plan.epoch} has two leaders, ${plans.leader} and ${plan.leader.session}`
  )
}

/** The next leader continues a window that it finds: whoever waits in it does not wait anew. */
const checkWindow = ({ newest }: Plans, plan: Plan.Plan): void => {
  if (newest === null || newest.epoch === plan.epoch || plan.recovering) return
  const [before, after] = [endOf(newest.phase), endOf(plan.phase)]
  check("L1", before === null || after === null || after <= before, () => `a window begins anew, and ends ${after}`)
}

/** When a window ends, by the wall clock of whoever opened it. */
const endOf = (phase: Plan.Phase): number | null => (phase._tag === "Scaling" ? phase.startedAt + phase.windowMs : null)

const sessionOf = (plan: Plan.Plan, seat: number | undefined): Session | null =>
  seat === undefined ? null : (plan.workers[seat]?.session ?? null)

const placesOf = (plans: Plans, plan: Plan.Plan): Map<Partition.PartitionId, Place> => {
  const isNewTerm = plan.epoch !== plans.epoch
  return new Map(
    plan.list.partitions.map((partition, index) => {
      const id = Partition.id(partition)
      const owner = sessionOf(plan, plan.owner[index])
      const next = sessionOf(plan, plan.next[index])
      const before = plans.places.get(id)
      const isOpen = owner !== null && owner !== next
      const wasOpen = !isNewTerm && before?.owner === owner && before.openedAt > 0
      const openedAt = isOpen ? (wasOpen ? before.openedAt : plan.version) : 0
      return [id, { owner, next, token: plan.token[index] ?? 0, openedAt }]
    })
  )
}

const checkPlace = (
  world: World,
  plans: Plans,
  leases: Leases.Leases,
  plan: Plan.Plan,
  id: Partition.PartitionId,
  place: Place
): void => {
  const before = plans.places.get(id)
  const former = before?.owner ?? null
  if (former === place.owner) {
    check("S2", former === null || before?.token === place.token, () => `${id} gets another token for the same owner`)
    return
  }
  if (before !== undefined) checkTaken(world, plans, leases, plan, id, before)
  if (place.owner === null) return
  const highest = plans.tokens.get(id) ?? 0
  checkLost(world, plans, leases, plan, id, place.owner)
  check("S2", place.token > highest, () => `${id} is granted under token ${place.token} after ${highest}`)
  check("S2", place.token === plan.version, () => `${id} is granted under token ${place.token} by plan ${plan.version}`)
  plans.tokens.set(id, place.token)
  plans.grants.add(grantOf(place.owner, id, place.token))
  plans.grantCount += 1
  if (former !== null) plans.moveCount += 1
}

/** The partition is no longer its owner's: that one must have acknowledged it, or have ended. */
const checkTaken = (
  world: World,
  plans: Plans,
  leases: Leases.Leases,
  plan: Plan.Plan,
  id: Partition.PartitionId,
  before: Place
): void => {
  // The first plan over one that was set back takes everything from everybody, and grants nothing yet.
  if (plans.newest === null && plan.recovering) return forget(plans, id, before)
  const tenure = before.owner === null ? undefined : leases.all.get(before.owner)
  if (tenure === undefined || Leases.hasEnded(world, tenure)) return
  const { epoch, version } = tenure.acknowledged
  const isAcknowledged = before.openedAt > 0 && epoch === plan.epoch && version >= before.openedAt
  const detail = (): string =>
    `${id} is taken from ${before.owner}, which lives and has acknowledged ${epoch}/${version}, not ${plan.epoch}/${before.openedAt}`
  check("S5", isAcknowledged, detail)
}

/** Owners by a plan that was lost may still run: they must have confirmed a plan of the new chain, or have ended. */
const checkLost = (
  world: World,
  plans: Plans,
  leases: Leases.Leases,
  plan: Plan.Plan,
  id: Partition.PartitionId,
  owner: Session
): void => {
  const formers = plans.lost.get(id) ?? none()
  plans.lost.delete(id)
  for (const [former, firstEpoch] of formers) {
    const tenure = former === owner ? undefined : leases.all.get(former)
    if (tenure === undefined || Leases.hasEnded(world, tenure)) continue
    check(
      "S5",
      firstEpoch !== null && tenure.acknowledged.epoch >= firstEpoch,
      () => `${id} is granted to ${owner} while ${former} may run it by the plan that was lost`
    )
  }
}

/** The owner by a plan that is lost may run on, and nobody who comes after can see it there. */
const forget = (plans: Plans, id: Partition.PartitionId, { owner }: Place): void => {
  const formers = plans.lost.get(id) ?? none()
  if (owner !== null) formers.set(owner, null)
  plans.lost.set(id, formers)
}

/** The first plan since some were lost. */
const begin = ({ lost }: Plans, { epoch }: Plan.Plan): void => {
  for (const formers of lost.values()) {
    for (const [former, firstEpoch] of formers) if (firstEpoch === null) formers.set(former, epoch)
  }
}

/**
 * What names a grant.
 *
 * @category combinators
 * @since 0.1.0
 */
export const grantOf = (session: Session, id: Partition.PartitionId, token: Version): string =>
  `${session} ${id} ${token}`

/**
 * Whether a plan lets a session go on with a partition.
 *
 * @category predicates
 * @since 0.1.0
 */
export const isKept = ({ places }: Known, id: Partition.PartitionId, session: Session): boolean => {
  const place = places.get(id)
  return place?.owner === session && place.next === session
}

const remember = (plans: Plans, plan: Plan.Plan): void => {
  plans.known.set(plan.version, { plan, places: plans.places })
  const [oldest] = plans.known.keys()
  if (plans.known.size > rememberedPlans && oldest !== undefined) plans.known.delete(oldest)
}
