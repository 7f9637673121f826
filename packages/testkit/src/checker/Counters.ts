/**
 * Serials and attempts, counted from the oldest one that anything still refers to.
 *
 * **Details**
 *
 * A node numbers its writes and attempts so that an answer, or a record shown, can be told from others that are still
 * open: numbers are only compared with those, and a new one is higher than all. So all may be lowered by as much, and a
 * number that is not among the open ones is as good as 0. An attempt that was lost can never be shown, and is no longer
 * open. Without this, no two heartbeats would leave a world in the same state.
 *
 * @since 0.1.0
 */
import type { Fact, LeaderRecord, Node, Session, WorkerRecord, Write } from "@parti/core/Protocol"
import { slotAt, type Entry, type Mail, type Request, type Slot, type Store, type Value, type World } from "./World.ts"

/**
 * A world with its counters as low as they can be.
 *
 * @category combinators
 * @since 0.1.0
 */
export const lower = (world: World): World =>
  world.slots.reduce((after, { status }, index) => {
    if (status !== "Up" && status !== "Paused") return after
    return ofLeadership(ofElection(ofClaim(after, index), index), index)
  }, withoutStrangers(world))

type Purposes = ReadonlyArray<Write["purpose"]>

const claimPurposes: Purposes = ["Claim", "Renew", "Release"]
const electionPurposes: Purposes = ["Lead", "RenewLeader", "ReleaseLeader"]
const leadershipPurposes: Purposes = ["Plan", "Evict", "Fence"]

const ofClaim = (world: World, index: number): World => {
  const { claim } = slotAt(world, index).node
  const session = "session" in claim ? claim.session : null
  const step = lowered(
    world,
    index,
    claim,
    claimPurposes,
    (record) => record._tag === "Worker" && record.session === session
  )
  return step === null ? world : withNode(step.world, index, { claim: step.counted })
}

const ofElection = (world: World, index: number): World => {
  const { election } = slotAt(world, index).node
  const session = "session" in election ? election.session : null
  const step = lowered(
    world,
    index,
    election,
    electionPurposes,
    (record) => record._tag === "Leader" && record.session === session
  )
  return step === null ? world : withNode(step.world, index, { election: step.counted })
}

const ofLeadership = (world: World, index: number): World => {
  const { leadership } = slotAt(world, index).node
  if (leadership.writes === 0) return world
  const isAway = leadership._tag === "Away"
  const open = isAway ? [] : [...leadership.open, ...(leadership.pending === null ? [] : [leadership.pending])]
  const ordered = isAway ? [] : leadership.orders.filter((order) => order.retryAt === null)
  const own = [...open, ...ordered].map(({ serial }) => serial)
  const by = Math.min(leadership.writes + 1, ...own, ...underWay(world, index, leadershipPurposes)) - 1
  if (by === 0) return world
  const down = <A extends { readonly serial: number }>(one: A): A => ({ ...one, serial: Math.max(0, one.serial - by) })
  const counted: Node.State["leadership"] = isAway
    ? { ...leadership, writes: leadership.writes - by }
    : {
        ...leadership,
        writes: leadership.writes - by,
        open: leadership.open.map(down),
        pending: leadership.pending === null ? null : down(leadership.pending),
        orders: leadership.orders.map(down)
      }
  return withNode(withSerials(world, index, leadershipPurposes, by), index, { leadership: counted })
}

/** What has a record with an attempt in it. */
type Stamped = { readonly _tag: "Worker" | "Leader"; readonly session: Session; readonly attempt: number }

type Counted = Node.State["claim"] | Node.State["election"]

/** The lease and its counter lowered, or `null` if they are as low as can be. */
const lowered = <A extends Counted>(
  world: World,
  index: number,
  counted: A,
  purposes: Purposes,
  isOwn: (record: Stamped) => boolean
): { readonly world: World; readonly counted: A } | null => {
  if (counted.writes === 0) return null
  const serials = underWay(world, index, purposes)
  if (!("lease" in counted)) {
    const by = Math.min(counted.writes + 1, ...serials) - 1
    if (by === 0) return null
    return { world: withSerials(world, index, purposes, by), counted: { ...counted, writes: counted.writes - by } }
  }
  const { lease } = counted
  const shown = attemptsOf(world, index, isOwn)
  const open = lease.open.filter((one) => shown.has(one.attempt) || serials.includes(one.serial))
  const pending = lease.pending === null ? [] : [lease.pending]
  const by = Math.min(counted.writes + 1, ...serials, ...pending, ...open.map(({ serial }) => serial)) - 1
  const attempts = Math.min(lease.attempt + 1, ...open.map(({ attempt }) => attempt)) - 1
  if (by === 0 && attempts === 0 && open.length === lease.open.length) return null
  const alive = new Set(open.map(({ attempt }) => attempt))
  const down = (attempt: number): number => (alive.has(attempt) ? attempt - attempts : 0)
  return {
    world: withAttempts(withSerials(world, index, purposes, by), index, isOwn, down),
    counted: {
      ...counted,
      writes: counted.writes - by,
      lease: {
        ...lease,
        attempt: lease.attempt - attempts,
        pending: lease.pending === null ? null : lease.pending - by,
        open: open.map((one) => ({ ...one, serial: one.serial - by, attempt: one.attempt - attempts }))
      }
    }
  }
}

const withNode = (world: World, index: number, change: Partial<Node.State>): World =>
  withSlotOf(world, index, (slot) => ({ ...slot, node: { ...slot.node, ...change } }))

const withSlotOf = (world: World, index: number, change: (slot: Slot) => Slot): World => ({
  ...world,
  slots: world.slots.map((slot, place) => (place === index ? change(slot) : slot))
})

/** The serials of the writes of a process that are under way, or whose answer is. */
const underWay = (world: World, index: number, purposes: Purposes): ReadonlyArray<number> => [
  ...world.requests.flatMap((one) =>
    one.slot === index && purposes.includes(one.write.purpose) ? [one.write.serial] : []
  ),
  ...slotAt(world, index).inbox.flatMap(({ fact }) =>
    "write" in fact && purposes.includes(fact.write.purpose) ? [fact.write.serial] : []
  )
]

const withSerials = (world: World, index: number, purposes: Purposes, by: number): World => {
  if (by === 0) return world
  const down = (write: Write): Write =>
    purposes.includes(write.purpose) ? { ...write, serial: Math.max(0, write.serial - by) } : write
  const ofMail = (mail: Mail): Mail =>
    "write" in mail.fact ? { ...mail, fact: { ...mail.fact, write: down(mail.fact.write) } } : mail
  const requests = world.requests.map((one) => (one.slot === index ? { ...one, write: down(one.write) } : one))
  return withSlotOf({ ...world, requests }, index, (slot) => ({ ...slot, inbox: slot.inbox.map(ofMail) }))
}

/** The attempts in all own records that may still be shown to a process. */
const attemptsOf = (world: World, index: number, isOwn: (record: Stamped) => boolean): ReadonlySet<number> => {
  const found = new Set<number>()
  withAttempts(world, index, isOwn, (attempt) => {
    found.add(attempt)
    return attempt
  })
  return found
}

const withAttempts = (
  world: World,
  index: number,
  isOwn: (record: Stamped) => boolean,
  change: (attempt: number) => number
): World => {
  const worker = (record: WorkerRecord): WorkerRecord =>
    isOwn({ _tag: "Worker", ...record }) ? { ...record, attempt: change(record.attempt) } : record
  const leader = (record: LeaderRecord): LeaderRecord =>
    isOwn({ _tag: "Leader", ...record }) ? { ...record, attempt: change(record.attempt) } : record
  const requests = world.requests.map((one) => (one.slot === index ? ofRequest(one, worker, leader) : one))
  const store: Store = {
    ...world.store,
    leader: { ...world.store.leader, value: world.store.leader.value && leader(world.store.leader.value) },
    workers: world.store.workers.map((entry) => ({ ...entry, value: entry.value && worker(entry.value) }))
  }
  return withSlotOf({ ...world, requests, store }, index, (slot) => ({
    ...slot,
    live: { ...slot.live, items: slot.live.items.map((item) => ({ ...item, fact: ofFact(item.fact, worker, leader) })) }
  }))
}

const ofRequest = (
  request: Request,
  worker: (record: WorkerRecord) => WorkerRecord,
  leader: (record: LeaderRecord) => LeaderRecord
): Request => {
  const { value } = request
  switch (value._tag) {
    case "Worker":
      return { ...request, value: { ...value, record: worker(value.record) } }
    case "Leader":
      return { ...request, value: { ...value, record: leader(value.record) } }
    case "Plan":
      return request
  }
}

const ofFact = (
  fact: Fact,
  worker: (record: WorkerRecord) => WorkerRecord,
  leader: (record: LeaderRecord) => LeaderRecord
): Fact => {
  if (fact._tag === "WorkerObserved") return { ...fact, record: fact.record && worker(fact.record) }
  return fact._tag === "LeaderObserved" ? { ...fact, record: fact.record && leader(fact.record) } : fact
}

/** Nobody reads the attempts of a session that is not borne any more. */
const withoutStrangers = (world: World): World => {
  const bearers = world.slots.flatMap(({ node: { claim, election }, status }) => {
    if (status !== "Up" && status !== "Paused") return []
    return [
      ...("lease" in claim ? [`Worker ${claim.session}`] : []),
      ...("lease" in election ? [`Leader ${election.session}`] : [])
    ]
  })
  const bare =
    (tag: Value["_tag"]) =>
    <A extends { readonly attempt: number; readonly session: Session }>(record: A): A =>
      record.attempt === 0 || bearers.includes(`${tag} ${record.session}`) ? record : { ...record, attempt: 0 }
  return withRecords(world, bare("Worker"), bare("Leader"))
}

/** Changes the records in the store, and those that are on their way to it or from it. */
const withRecords = (
  world: World,
  worker: (record: WorkerRecord) => WorkerRecord,
  leader: (record: LeaderRecord) => LeaderRecord
): World => ({
  ...world,
  requests: world.requests.map((one) => ofRequest(one, worker, leader)),
  store: {
    ...world.store,
    leader: ofEntry(world.store.leader, leader),
    workers: world.store.workers.map((entry) => ofEntry(entry, worker))
  },
  slots: world.slots.map((slot) =>
    slot.live.items.length === 0
      ? slot
      : {
          ...slot,
          live: {
            ...slot.live,
            items: slot.live.items.map((item) => ({ ...item, fact: ofFact(item.fact, worker, leader) }))
          }
        }
  )
})

const ofEntry = <A>(entry: Entry<A>, change: (value: A) => A): Entry<A> =>
  entry.value === null ? entry : { ...entry, value: change(entry.value) }
