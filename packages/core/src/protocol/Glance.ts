/**
 * When a leader looks at its group again, and when a glance at it will do.
 *
 * @since 0.1.0
 */
import type { Plan } from "../model/Plan.ts"
import type { Session } from "../model/Record.ts"
import * as Calculator from "./Calculator.ts"
import type { Config } from "./Config.ts"
import type { Kept, Sight } from "./Desk.ts"
import * as Discipline from "./Discipline.ts"
import * as Draft from "./Draft.ts"
import * as Membership from "./Membership.ts"

/**
 * What a leader has in hand; see `Leadership.State`.
 *
 * @category models
 * @since 0.1.0
 */
export interface Business {
  readonly plan: Plan
  readonly kept: Kept
  readonly pending: object | null
  readonly wantedSince: number | null
  readonly orders: ReadonlyArray<Discipline.Order>
  readonly revoking: ReadonlyArray<Session>
  readonly awaited: ReadonlyArray<Discipline.Awaited>
}

/**
 * When the passing of time alone changes what there is to say, after a look.
 *
 * @category combinators
 * @since 0.1.0
 */
export const lookAt = (
  config: Config,
  { orders, plan }: Pick<Business, "orders" | "plan">,
  outlook: Draft.Outlook,
  awaited: ReadonlyArray<Discipline.Awaited>,
  sight: Sight
): number => {
  const endsAt = Discipline.nextAt(config, outlook.rows, orders, awaited, sight)
  const isTrusting = !plan.recovering && plan.incarnation === sight.members.incarnation
  const trust = Draft.trustedAt(config, sight)
  const trustAt = isTrusting || sight.at >= trust ? Number.POSITIVE_INFINITY : trust
  // What never comes is a date like any other: states are plain JSON, which knows no infinity.
  return Math.min(Calculator.wakeAt(outlook.kept.calculator), trustAt, endsAt, Number.MAX_SAFE_INTEGER)
}

/**
 * Where nothing has changed since the last look but that leases were renewed: when the first of them will have been silent
 * for its whole length. `null`: the group has to be looked at.
 *
 * **Details**
 *
 * A look comes to the same again while nothing is in hand, every session of the plan lives and has followed it, and no other
 * may be running anything: then nobody's standing depends on the time.
 *
 * @category combinators
 * @since 0.1.0
 */
export const quietUntil = (config: Config, business: Business, sight: Sight): number | null => {
  const { members } = sight
  const { plan } = business
  if (!isIdle(business) || plan.recovering || plan.incarnation !== members.incarnation) return null
  let until = Number.MAX_SAFE_INTEGER
  for (const worker of plan.workers) {
    const member = Membership.find(members, worker.id)
    if (member === undefined || !hasFollowed(member, worker.session, plan, sight)) return null
    until = Math.min(until, Membership.silentAt(config, members, member, sight.listeningSince))
  }
  return sight.at < until && members.members.every((member) => isNoStranger(member, plan)) ? until : null
}

const isIdle = ({ awaited, kept, orders, pending, revoking, wantedSince }: Business): boolean =>
  kept.calculator._tag === "Idle" &&
  pending === null &&
  wantedSince === null &&
  orders.length === 0 &&
  revoking.length === 0 &&
  awaited.length === 0

const hasFollowed = (member: Membership.Member, session: Session, plan: Plan, sight: Sight): boolean => {
  const { record } = member
  return (
    record?.state === "live" &&
    record.session === session &&
    record.applied.epoch === sight.epoch &&
    record.applied.version >= plan.version &&
    !hasEnded(member, session)
  )
}

const isNoStranger = (member: Membership.Member, plan: Plan): boolean =>
  member.session === null ||
  hasEnded(member, member.session) ||
  plan.workers.some((worker) => worker.session === member.session)

const hasEnded = (member: Membership.Member, session: Session): boolean =>
  member.left.includes(session) || member.crashed.includes(session)
