/**
 * A group as whoever watches its store sees it: plan, leases, orders, and what could not be read.
 *
 * @since 0.1.0
 */
import * as Key from "../model/Key.ts"
import type { Plan } from "../model/Plan.ts"
import type { ControlRecord, LeaderRecord, Session, WorkerRecord } from "../model/Record.ts"
import type { Revision } from "../model/Revision.ts"
import * as WorkerId from "../model/WorkerId.ts"
import type { Fact, Stamp } from "../protocol/Event.ts"
import type { DrainOrder } from "./GroupOrders.ts"
import * as GroupView from "./GroupView.ts"

/**
 * The record of one worker id. `unchangedMs`: for how long its revision has not changed, as seen here; it counts from when
 * the observer first saw it, so it is less than the silence of a worker that was silent before. `writtenAt`: when it was
 * written, in milliseconds of the store's own wall clock, where the store can tell.
 *
 * @category models
 * @since 0.1.0
 */
export interface ObservedWorker {
  readonly id: WorkerId.WorkerId
  readonly record: WorkerRecord
  readonly revision: Revision
  readonly unchangedMs: number
  readonly writtenAt: number | null
}

/**
 * The record of the leader's office, with the same ages.
 *
 * @category models
 * @since 0.1.0
 */
export interface ObservedLeader {
  readonly record: LeaderRecord
  readonly revision: Revision
  readonly unchangedMs: number
  readonly writtenAt: number | null
}

/**
 * An order to drain, and when it was written, by the store's own wall clock.
 *
 * @category models
 * @since 0.1.0
 */
export interface ObservedDrain extends DrainOrder {
  readonly writtenAt: number | null
}

/**
 * A record that this release cannot read. What was read under its key before still stands in the snapshot.
 *
 * @category models
 * @since 0.1.0
 */
export interface UndecodableRecord {
  readonly bucket: "live" | "plan"
  readonly key: string
  readonly revision: Revision
  readonly reason: string
}

/**
 * All that is known of a group at one instant.
 *
 * @category models
 * @since 0.1.0
 */
export interface GroupSnapshot {
  readonly view: GroupView.GroupView
  /** The newest plan that could be read; `null` when there is none. */
  readonly plan: Plan | null
  /** When the plan was written, by the store's own wall clock. */
  readonly planWrittenAt: number | null
  /** By the order of names; also those that have been released or evicted, until their records age away. */
  readonly workers: ReadonlyArray<ObservedWorker>
  readonly leader: ObservedLeader | null
  readonly isPaused: boolean
  /** When the pause, or its end, was ordered, by the store's own wall clock. */
  readonly pauseWrittenAt: number | null
  /** The orders to drain that have not been taken back, also those about sessions that have ended since. */
  readonly drains: ReadonlyArray<ObservedDrain>
  readonly undecodable: ReadonlyArray<UndecodableRecord>
}

/** Something under a revision, and when that revision was first seen. */
interface Seen<A> {
  readonly record: A
  readonly revision: Revision
  readonly since: number
}

/**
 * What the watches have shown so far. `at` instants are the observer's own.
 *
 * @category models
 * @since 0.1.0
 */
export interface Sighting {
  readonly isLiveSynced: boolean
  readonly isPlanSynced: boolean
  readonly planIncarnation: string | null
  readonly plans: GroupView.Plans
  readonly workers: ReadonlyMap<WorkerId.WorkerId, Seen<WorkerRecord>>
  readonly leader: Seen<LeaderRecord> | null
  /** The newest order under each key. */
  readonly controls: ReadonlyMap<string, ControlRecord>
  /** By bucket and key. */
  readonly undecodable: ReadonlyMap<string, UndecodableRecord>
}

/**
 * Nothing was seen yet.
 *
 * @category constants
 * @since 0.1.0
 */
export const nothing: Sighting = {
  isLiveSynced: false,
  isPlanSynced: false,
  planIncarnation: null,
  plans: GroupView.noPlans,
  workers: new Map(),
  leader: null,
  controls: new Map(),
  undecodable: new Map()
}

/**
 * Takes in what a watch has shown. A revision that is shown again, as in a new listing, has not changed.
 *
 * **Gotchas** That an order, or a record that could not be read, was removed shows only in the next listing of its bucket.
 *
 * @category reducers
 * @since 0.1.0
 */
export const observe = (sighting: Sighting, fact: Fact, at: number): Sighting => {
  switch (fact._tag) {
    case "LiveSynced":
      return { ...sighting, isLiveSynced: true }
    case "PlanSynced":
      return { ...sighting, isPlanSynced: true }
    case "PlanOpened":
      return reopened(sighting, fact.incarnation)
    case "PlanObserved":
      return { ...readable(sighting, "plan", Key.plan), plans: GroupView.observe(sighting.plans, fact.plan) }
    case "WorkerObserved": {
      const workers = new Map(sighting.workers)
      const seen = newer(workers.get(fact.workerId) ?? null, fact, at)
      if (seen === null) workers.delete(fact.workerId)
      else workers.set(fact.workerId, seen)
      return { ...readable(sighting, "live", Key.worker(fact.workerId)), workers }
    }
    case "LeaderObserved":
      return { ...readable(sighting, "live", Key.leader), leader: newer(sighting.leader, fact, at) }
    case "ControlObserved": {
      const key = Key.control(fact.control)
      return { ...readable(sighting, "plan", key), controls: new Map(sighting.controls).set(key, fact.control) }
    }
    case "RecordUndecodable": {
      const { bucket, key, reason, revision } = fact
      const undecodable = new Map(sighting.undecodable)
      return { ...sighting, undecodable: undecodable.set(`${bucket}/${key}`, { bucket, key, reason, revision }) }
    }
    default:
      return sighting
  }
}

/** All that is in the bucket will be shown again; another bucket has none of the orders that this one had. */
const reopened = (sighting: Sighting, incarnation: string): Sighting => {
  const isSame = sighting.planIncarnation === null || sighting.planIncarnation === incarnation
  const undecodable = [...sighting.undecodable].filter(([, { bucket }]) => bucket !== "plan")
  return {
    ...sighting,
    planIncarnation: incarnation,
    controls: isSame ? sighting.controls : nothing.controls,
    undecodable: new Map(undecodable)
  }
}

const newer = <A>(
  before: Seen<A> | null,
  { record, revision }: { readonly record: A | null; readonly revision: Revision },
  at: number
): Seen<A> | null => {
  if (record === null) return null
  return before?.revision === revision ? before : { record, revision, since: at }
}

const readable = (sighting: Sighting, bucket: string, key: string): Sighting => {
  if (!sighting.undecodable.has(`${bucket}/${key}`)) return sighting
  const undecodable = new Map(sighting.undecodable)
  undecodable.delete(`${bucket}/${key}`)
  return { ...sighting, undecodable }
}

/**
 * The orders to drain that are in the store, by the worker they are about.
 *
 * @category conversions
 * @since 0.1.0
 */
export const drains = ({ controls }: Sighting): ReadonlyMap<WorkerId.WorkerId, DrainOrder> =>
  new Map([...controls.values()].flatMap((one) => (one._tag === "Drain" ? [[one.workerId, one]] : [])))

const versionsOf = (workers: Sighting["workers"]): ReadonlyMap<Session, string> =>
  new Map(
    [...workers.values()].flatMap(({ record: { session, version } }) =>
      version === undefined ? [] : [[session, version]]
    )
  )

/**
 * What has been seen, as of an instant. `writtenAt` gives the time at which the value under a key was written.
 *
 * @category conversions
 * @since 0.1.0
 */
export const snapshot = (
  sighting: Sighting,
  { at, wall }: Stamp,
  writtenAt: (bucket: "live" | "plan", key: string) => number | null
): GroupSnapshot => {
  const { leader, plans, undecodable, workers } = sighting
  const aged = <A>({ record, revision, since }: Seen<A>, key: string) => ({
    record,
    revision,
    unchangedMs: Math.max(0, at - since),
    writtenAt: writtenAt("live", key)
  })
  const pauseKey = Key.control({ _tag: "Pause" })
  const pause = sighting.controls.get(pauseKey)
  return {
    view: GroupView.at(plans, wall, versionsOf(workers)),
    plan: plans.newest,
    planWrittenAt: writtenAt("plan", Key.plan),
    workers: [...workers]
      .map(([id, seen]) => ({ id, ...aged(seen, Key.worker(id)) }))
      .sort((one, other) => WorkerId.compare(one.id, other.id)),
    leader: leader === null ? null : aged(leader, Key.leader),
    isPaused: pause?._tag === "Pause" && pause.paused,
    pauseWrittenAt: writtenAt("plan", pauseKey),
    drains: [...drains(sighting).values()]
      .filter(({ draining }) => draining)
      .map((order) => ({ ...order, writtenAt: writtenAt("plan", Key.control(order)) }))
      .sort((one, other) => WorkerId.compare(one.workerId, other.workerId)),
    undecodable: [...undecodable.values()]
  }
}
