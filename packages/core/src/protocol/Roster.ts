/**
 * The sessions a leader deals with: those its plan names, and those that may live. One row each, with all that decides about it.
 *
 * @since 0.1.0
 */
import type { Epoch, Version } from "../model/Epoch.ts"
import { nobody, type Plan } from "../model/Plan.ts"
import type { ControlRecord, Session } from "../model/Record.ts"
import type { WorkerId } from "../model/WorkerId.ts"
import type { Config } from "./Config.ts"
import * as Membership from "./Membership.ts"

/**
 * A session that an operator's order to drain is about.
 *
 * @category models
 * @since 0.1.0
 */
export type Drain = Extract<ControlRecord, { readonly _tag: "Drain" }>

/**
 * One session. The rows of the plan in force keep their places, so that its columns can be read by them.
 *
 * - `isMember`: the target in force was computed for it.
 * - `isEligible`: it lives and is not to be emptied: the next target may be computed for it.
 * - `hasEnded`: its lease is proven to have ended; what it owned may be granted at once.
 * - `acknowledged`: the newest plan of this term all of whose takings have ended there; 0 for none.
 * - `heir`: the place of the living session that bears its id now; its own while it lives.
 *
 * @category models
 * @since 0.1.0
 */
export interface Row {
  readonly id: WorkerId
  readonly session: Session
  readonly isMember: boolean
  readonly standing: Membership.Standing
  readonly isEligible: boolean
  readonly isDraining: boolean
  readonly hasEnded: boolean
  readonly acknowledged: Version
  readonly heir: number
  readonly capacity: number
  readonly maxPartitions: number | null
  readonly zone: string | null
}

/**
 * What a roster is made from.
 *
 * @category models
 * @since 0.1.0
 */
export interface Sources {
  readonly plan: Plan
  readonly epoch: Epoch
  readonly members: Membership.State
  readonly drains: ReadonlyArray<Drain>
  readonly listeningSince: number
  readonly at: number
}

/**
 * The rows of the plan, in its order, then those of sessions that it does not name and that may still run something, by id.
 *
 * @category constructors
 * @since 0.1.0
 */
export const make = (config: Config, sources: Sources): ReadonlyArray<Row> => {
  const named = new Set(sources.plan.workers.map((worker) => worker.session))
  const strangers = sources.members.members.flatMap((member) =>
    member.session === null || named.has(member.session) || hasEnded(member, member.session)
      ? []
      : [{ id: member.id, session: member.session, member: false }]
  )
  const seats = [...sources.plan.workers, ...strangers]
  const living = new Map(
    seats.flatMap((seat, index) => {
      const record = Membership.find(sources.members, seat.id)?.record
      return record?.state === "live" && record.session === seat.session ? [[seat.id, index] as const] : []
    })
  )
  return seats.map((seat) => row(config, sources, seat, living.get(seat.id) ?? nobody))
}

/** By its own word or the leader's; one that was fenced may still run what it has. */
const hasEnded = (member: Membership.Member, session: Session): boolean =>
  member.left.includes(session) || member.crashed.includes(session)

const row = (
  config: Config,
  sources: Sources,
  seat: { readonly id: WorkerId; readonly session: Session; readonly member: boolean },
  heir: number
): Row => {
  const { at, epoch, listeningSince, members } = sources
  const standing = Membership.standing(config, members, seat.id, seat.session, listeningSince, at)
  const record = Membership.find(members, seat.id)?.record ?? null
  const own = standing === "Live" ? record : null
  const isDraining =
    own !== null &&
    (own.draining ||
      sources.drains.some((drain) => drain.draining && drain.workerId === seat.id && drain.session === seat.session))
  return {
    id: seat.id,
    session: seat.session,
    isMember: seat.member,
    standing,
    isEligible: own !== null && !isDraining,
    isDraining,
    hasEnded: standing === "Left" || standing === "Crashed",
    // An acknowledgement counts only from the session itself, while it lives, and of this term.
    acknowledged: own !== null && own.applied.epoch === epoch ? own.applied.version : 0,
    heir,
    capacity: own?.capacity ?? 0,
    maxPartitions: own?.maxPartitions ?? null,
    zone: own?.zone ?? null
  }
}
