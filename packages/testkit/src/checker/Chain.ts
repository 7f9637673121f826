/**
 * The chain of plans in the store, in truth, and the rules that each of them must keep towards the one before.
 *
 * @since 0.1.0
 */
import { Invariants, Partition, Plan, type Session, type Version } from "@parti/core/Protocol"
import { Breach, check } from "./Breach.ts"
import * as Tenures from "./Tenures.ts"
import type { Place, World } from "./World.ts"

/**
 * The store takes a plan.
 *
 * @category combinators
 * @since 0.1.0
 */
export const written = (world: World, plan: Plan.Plan): World => {
  const { truth } = world
  const before = world.store.plan.value
  raise(Invariants.ofPlan(plan))
  checkOrder(world, before, plan)
  const places = placesOf(world, before, plan)
  const isFirst = before === null
  return {
    ...world,
    truth: {
      ...truth,
      epoch: plan.epoch,
      version: plan.version,
      chainEpoch: isFirst ? plan.epoch : truth.chainEpoch,
      places
    }
  }
}

/**
 * The plan is lost. Those it names as owners may still run.
 *
 * @category combinators
 * @since 0.1.0
 */
export const lost = (world: World): World => {
  const before = world.store.plan.value
  const owners = new Map(tenuresOf(before).map(({ id, owner }) => [id, owner]))
  const places = world.truth.places.map((place) => ({
    ...place,
    opened: 0,
    lost: owners.get(place.id) ?? place.lost
  }))
  return { ...world, truth: { ...world.truth, places } }
}

/** A partition by a plan. */
interface Held {
  readonly id: Partition.PartitionId
  readonly owner: Session | null
  readonly next: Session | null
  readonly token: Version
}

const raise = (breach: Invariants.Breach | null): void => {
  if (breach !== null) throw new Breach(breach.rule, breach.detail)
}

const checkOrder = (world: World, before: Plan.Plan | null, plan: Plan.Plan): void => {
  const { truth } = world
  check("S4", plan.epoch >= truth.epoch, () => `epoch ${plan.epoch} is written after ${truth.epoch}`)
  check("S4", plan.version > truth.version, () => `version ${plan.version} is written after ${truth.version}`)
  if (before === null) return
  check(
    "S4",
    before.epoch !== plan.epoch || before.leader.session === plan.leader.session,
    () => `epoch ${plan.epoch} has two leaders, ${before.leader.session} and ${plan.leader.session}`
  )
  const opens = new Map(world.truth.places.map((place) => [place.id, place.opened]))
  const hasLetGo = (session: Session, id: Partition.PartitionId): boolean => {
    if (Tenures.hasEnded(world, session)) return true
    const applied = Tenures.find(world, session)?.acknowledged ?? { epoch: 0, version: 0 }
    const opened = opens.get(id) ?? 0
    return opened > 0 && applied.epoch === plan.epoch && applied.version >= opened
  }
  raise(Invariants.ofSuccession(before, plan))
  raise(Invariants.ofGrants(before, plan, hasLetGo))
  const listed = new Set(tenuresOf(plan).map(({ id }) => id))
  for (const { id, owner } of tenuresOf(before)) {
    check(
      "S5",
      listed.has(id) || owner === null || hasLetGo(owner, id),
      () => `${id} is dropped, and ${owner} has not let go`
    )
  }
}

const placesOf = (world: World, before: Plan.Plan | null, plan: Plan.Plan): ReadonlyArray<Place> => {
  const former = new Map(tenuresOf(before).map((one) => [one.id, one]))
  const known = new Map(world.truth.places.map((place) => [place.id, place]))
  const isSameTerm = before?.epoch === plan.epoch
  for (const held of tenuresOf(plan)) {
    const place = known.get(held.id) ?? unknown(held.id)
    const was = former.get(held.id)
    const isOpen = held.owner !== null && held.owner !== held.next
    const wasOpen = isSameTerm && was?.owner === held.owner && place.opened > 0
    const opened = isOpen ? (wasOpen ? place.opened : plan.version) : 0
    const isGrant = held.owner !== null && held.owner !== (was?.owner ?? null)
    known.set(held.id, { ...(isGrant ? granted(world, place, held, plan) : place), opened })
  }
  return [...known.values()].sort((a, b) => (a.id < b.id ? -1 : 1))
}

const granted = (world: World, place: Place, { id, owner, token }: Held, plan: Plan.Plan): Place => {
  check("S2", token > place.token, () => `${id} is granted under token ${token} after ${place.token}`)
  check("S2", token === plan.version, () => `${id} is granted under token ${token} by plan ${plan.version}`)
  const { lost: former } = place
  const isFree =
    former === null ||
    former === owner ||
    Tenures.hasEnded(world, former) ||
    (Tenures.find(world, former)?.acknowledged.epoch ?? 0) >= world.truth.chainEpoch
  check("S5", isFree, () => `${id} is granted to ${owner} while ${former} may run it by the plan that was lost`)
  return { ...place, token, grantee: owner, lost: null }
}

const unknown = (id: Partition.PartitionId): Place => ({
  id,
  token: 0,
  grantee: null,
  started: 0,
  opened: 0,
  lost: null
})

const tenuresOf = (plan: Plan.Plan | null): ReadonlyArray<Held> => {
  if (plan === null) return []
  const sessionOf = (seat: number | undefined): Session | null => plan.workers[seat ?? Plan.nobody]?.session ?? null
  return plan.list.partitions.map((partition, p) => ({
    id: Partition.id(partition),
    owner: sessionOf(plan.owner[p]),
    next: sessionOf(plan.next[p]),
    token: plan.token[p] ?? 0
  }))
}
