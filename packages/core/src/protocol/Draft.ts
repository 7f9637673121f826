/**
 * The next plan: what the leader would write now.
 *
 * @since 0.1.0
 */
import * as Result from "effect/Result"
import * as Epoch from "../model/Epoch.ts"
import * as PartitionSet from "../model/PartitionSet.ts"
import { nobody, type Phase, type Plan } from "../model/Plan.ts"
import type { Session } from "../model/Record.ts"
import * as WorkerId from "../model/WorkerId.ts"
import * as Calculator from "./Calculator.ts"
import type { Config } from "./Config.ts"
import * as Handoff from "./Handoff.ts"
import * as Membership from "./Membership.ts"
import type { Kept, Sight } from "./Desk.ts"
import { detectRebalanceType } from "./RebalanceType.ts"
import type { Report } from "./Report.ts"
import * as Roster from "./Roster.ts"
import * as Target from "./Target.ts"

/**
 * A plan to be written, and what the leader will keep once it is in force.
 *
 * @category models
 * @since 0.1.0
 */
export interface Draft {
  readonly plan: Plan
  readonly publishList: boolean
  readonly kept: Kept
}

/**
 * What looking at the group came to. `draft` is `null` where the plan in force says it all. `kept` holds what was
 * decided whether or not a plan is written. `revoking`: the sessions with a
 * revoke out that they have not acknowledged.
 *
 * @category models
 * @since 0.1.0
 */
export interface Outlook {
  readonly draft: Draft | null
  readonly kept: Kept
  readonly revoking: ReadonlyArray<Session>
  /** The draft carries a new target. */
  readonly isTarget: boolean
  readonly rows: ReadonlyArray<Roster.Row>
  readonly reports: ReadonlyArray<Report>
}

/**
 * A leader's first plan: what it found, under its own epoch; it grants nothing. Where there is none, or one that
 * was set back, it says so (`recovering`), since somebody may still run what a lost plan gave him.
 *
 * @category constructors
 * @since 0.1.0
 */
export const takeOver = (sight: Sight, shown: Plan | null): Draft => {
  const found = shown === null || isSetBack(sight, shown) ? null : shown
  const version = nextVersion(sight, shown?.version ?? 0)
  const leader = { id: sight.self.workerId, session: sight.self.session }
  const handled = { rebalance: sight.rebalanceSerial, refresh: sight.refreshSerial }
  // A target for nobody was a group's end: whoever comes next makes a new start.
  const isOver = found !== null && found.phase._tag !== "Scaling" && found.workers.every((worker) => !worker.member)
  const calculator =
    found === null || isOver ? Calculator.initial : Calculator.resume(found.phase, sight.at, sight.wall)
  const plan: Plan =
    found === null
      ? {
          epoch: sight.epoch,
          version,
          leader,
          incarnation: sight.members.incarnation ?? "",
          recovering: true,
          phase: Calculator.phase(calculator),
          list: { version, partitions: [] },
          workers: [],
          owner: [],
          next: [],
          token: [],
          handled
        }
      : { ...found, epoch: sight.epoch, version, leader, phase: Calculator.phase(calculator) }
  return {
    plan,
    publishList: found === null,
    kept: {
      calculator,
      openedAt: Handoff.reopened(plan.owner, plan.next, version),
      home: plan.owner.map(() => null),
      work: "",
      isDeferred: false
    }
  }
}

/** Somebody has followed a later plan: this one comes from a bucket that was set back. */
const isSetBack = (sight: Sight, plan: Plan): boolean =>
  sight.members.members.some((member) => (member.record?.applied.version ?? 0) > plan.version)

/**
 * Looks at the group and drafts what is to be said next.
 *
 * @category reducers
 * @since 0.1.0
 */
export const look = (config: Config, base: Plan, kept: Kept, sight: Sight): Outlook => {
  const rows = Roster.make(config, { ...sight, plan: base })
  const finding = find(config, base, kept, sight, rows)
  const found = Calculator.found(config, kept.calculator, finding)
  const trust = judge(config, base, sight, rows)
  const version = nextVersion(sight, base.version)
  const current: Target.Target = {
    list: base.list,
    columns: { ...base, openedAt: kept.openedAt },
    wanted: null,
    standby: base.standby ?? null,
    home: kept.home,
    work: kept.work,
    isDeferred: kept.isDeferred
  }
  const aimed = Calculator.wantsTarget(found, sight.at)
    ? Target.compute(config, base, kept, sight, rows, version)
    : null
  const target = aimed !== null && Result.isSuccess(aimed) ? aimed.success : null
  const { list, columns, wanted, standby, home, work, isDeferred } = target ?? current
  const advanced = Handoff.advance(columns, { rows, version, wanted, mayGrant: trust.mayGrant })
  const calculator = aimed !== null && Result.isFailure(aimed) ? Calculator.refused(found, sight.at) : found
  const isDone = (from: Calculator.State): Calculator.State =>
    advanced.isSettled ? Calculator.handedOver(config, from, sight.at) : from
  const compose = (after: Calculator.State): Draft => {
    const plan: Plan = {
      epoch: sight.epoch,
      version,
      leader: base.leader,
      incarnation: trust.incarnation,
      recovering: trust.recovering,
      phase: Calculator.phase(after),
      list,
      ...table(rows, target !== null, advanced, standby),
      handled: {
        rebalance: target === null ? base.handled.rebalance : sight.rebalanceSerial,
        refresh: sight.refreshSerial
      }
    }
    const whole = { plan, openedAt: advanced.openedAt, home }
    const tidy = after._tag === "Idle" ? withoutRetired(whole, sight) : whole
    return {
      plan: tidy.plan,
      publishList: tidy.plan.list !== base.list,
      kept: {
        calculator: after,
        openedAt: tidy.openedAt,
        home: tidy.home,
        work,
        isDeferred: isDeferred || advanced.isGivenBack
      }
    }
  }
  const targeted = Calculator.targeted(calculator)
  const first = compose(target === null ? isDone(calculator) : targeted)
  // A leader that resumes may find its target in force already: then there is nothing to publish but the end.
  const isMoot = target !== null && isSame(first.plan, base)
  const draft = isMoot ? compose(isDone(targeted)) : first
  const isNews = !isSame(draft.plan, base)
  return {
    draft: isNews ? draft : null,
    kept: isMoot && !isNews ? draft.kept : { ...kept, calculator },
    isTarget: target !== null,
    revoking: advanced.awaited.flatMap((index) => rows[index]?.session ?? []),
    rows,
    reports: aimed !== null && Result.isFailure(aimed) ? [aimed.failure] : []
  }
}

const nextVersion = (sight: Sight, base: Epoch.Version): Epoch.Version =>
  Epoch.next(
    sight.wall,
    base,
    sight.lastVersion,
    ...sight.members.members.map((member) => member.record?.applied.version ?? 0)
  )

const find = (
  config: Config,
  base: Plan,
  kept: Kept,
  sight: Sight,
  rows: ReadonlyArray<Roster.Row>
): Calculator.Finding => {
  const previous = rows.filter((row) => row.isMember)
  const present = rows.filter((row) => row.isEligible || (row.isMember && row.standing === "Gone"))
  const ids = unique(present.map((row) => row.id))
  const here = new Set(ids)
  const down = unique(
    previous
      .filter((row) => !here.has(row.id) && (row.standing === "Crashed" || row.standing === "Ending"))
      .map((row) => row.id)
  )
  const suspected = previous.filter((row) => row.standing === "Live" && isSuspect(config, sight, row.id))
  const work = Target.workOf(sight.source ?? base.list.partitions, rows)
  const type = detectRebalanceType(
    {
      workers: unique(previous.map((row) => row.id)),
      work: kept.work === "" ? Target.workOf(base.list.partitions, rows) : kept.work
    },
    { workers: ids, work, crashed: down, suspected: unique(suspected.map((row) => row.id)) },
    config
  )
  return {
    at: sight.at,
    wall: sight.wall,
    type: type === null && kept.isDeferred ? "planned_scale" : type,
    topology: `${ids.join()}|${work}`,
    workerCount: ids.length,
    isListed: sight.source !== null || base.list.partitions.length > 0,
    down,
    isDraining: rows.some((row) => row.isMember && row.isDraining),
    isPaused: sight.isPaused,
    isRequested: sight.rebalanceSerial !== base.handled.rebalance
  }
}

const isSuspect = (config: Config, sight: Sight, id: WorkerId.WorkerId): boolean => {
  const member = Membership.find(sight.members, id)
  return member !== undefined && Membership.isSuspect(config, member, sight.listeningSince, sight.at)
}

interface Trust {
  readonly incarnation: string
  readonly recovering: boolean
  readonly mayGrant: boolean
}

/** Whether leases prove anything: in a bucket that lives anew, or after a lost plan, only after a full lease. */
const judge = (config: Config, base: Plan, sight: Sight, rows: ReadonlyArray<Roster.Row>): Trust => {
  const hasWaited = sight.at >= trustedAt(config, sight)
  // One that is being waited out may still run what a lost plan gave it.
  const isConfirmed = rows.every((row) => row.hasEnded || row.acknowledged >= sight.firstVersion)
  const recovering = base.recovering && !(hasWaited && isConfirmed)
  const here = sight.members.incarnation ?? ""
  const incarnation = hasWaited ? here : base.incarnation
  return { incarnation, recovering, mayGrant: !recovering && incarnation === here }
}

/**
 * When a leader has listened for a full lease, in this life of the bucket and in this office.
 *
 * @category combinators
 * @since 0.1.0
 */
export const trustedAt = (config: Config, sight: Sight): number =>
  Math.max(sight.members.incarnationAt, sight.tookOfficeAt) + Membership.fullLeaseMs(config, sight.members, null)

/** The sessions that the plan must name, in canonical order, and its columns over them. */
const table = (
  rows: ReadonlyArray<Roster.Row>,
  isTarget: boolean,
  columns: Handoff.Columns,
  standby: ReadonlyArray<number> | null
): Pick<Plan, "workers" | "owner" | "next" | "token" | "standby"> => {
  const named = new Set([...columns.owner, ...columns.next])
  const inherited = new Set(rows.filter((row) => row.isMember && row.hasEnded).map((row) => row.heir))
  const isMember = (row: Roster.Row, index: number): boolean =>
    !isTarget ? (row.isMember && !(row.hasEnded && row.heir !== nobody)) || inherited.has(index) : row.isEligible
  const seats = rows
    .map((row, index) => ({ id: row.id, session: row.session, member: isMember(row, index), index }))
    .filter((seat) => seat.member || named.has(seat.index))
    .sort((a, b) => WorkerId.compare(a.id, b.id) || (a.session < b.session ? -1 : 1))
  const places = new Map(seats.map((seat, place) => [seat.index, place]))
  const moved = (column: ReadonlyArray<number>) => column.map((index) => places.get(index) ?? nobody)
  // Nobody stays listed for being a standby, and whoever got the partition after all does not stand by for himself.
  const standsBy = (index: number, p: number): number => {
    const row = rows[index]
    const living = row?.hasEnded === true ? row.heir : index
    return living === columns.next[p] ? nobody : (places.get(living) ?? nobody)
  }
  return {
    workers: seats.map(({ id, session, member }) => ({ id, session, member })),
    owner: moved(columns.owner),
    next: moved(columns.next),
    token: columns.token,
    ...(standby === null ? {} : { standby: standby.map(standsBy) })
  }
}

/** A plan with what the leader keeps beside its columns. */
interface Whole {
  readonly plan: Plan
  readonly openedAt: ReadonlyArray<Epoch.Version>
  readonly home: ReadonlyArray<WorkerId.WorkerId | null>
}

/** Forgets the partitions that have left the source and that nobody runs. */
const withoutRetired = (whole: Whole, sight: Sight): Whole => {
  const { home, openedAt, plan } = whole
  if (sight.source === null) return whole
  const sourced = PartitionSet.of(sight.source)
  const listed = PartitionSet.of(plan.list.partitions)
  const stays = listed.ids.map((id, p) => sourced.indexOf(id) >= 0 || plan.owner[p] !== nobody)
  if (stays.every((one) => one)) return whole
  const keep = <A>(column: ReadonlyArray<A>): ReadonlyArray<A> => column.filter((_, p) => stays[p] === true)
  return {
    plan: {
      ...plan,
      list: { version: plan.version, partitions: keep(plan.list.partitions) },
      owner: keep(plan.owner),
      next: keep(plan.next),
      token: keep(plan.token),
      ...(plan.standby === undefined ? {} : { standby: keep(plan.standby) })
    },
    openedAt: keep(openedAt),
    home: keep(home)
  }
}

const unique = (ids: ReadonlyArray<WorkerId.WorkerId>): ReadonlyArray<WorkerId.WorkerId> =>
  [...new Set(ids)].sort(WorkerId.compare)

/** Whether a draft says nothing that the plan in force does not say. */
const isSame = (draft: Plan, base: Plan): boolean =>
  draft.list === base.list &&
  draft.recovering === base.recovering &&
  draft.incarnation === base.incarnation &&
  draft.handled.rebalance === base.handled.rebalance &&
  draft.handled.refresh === base.handled.refresh &&
  isSamePhase(draft.phase, base.phase) &&
  draft.workers.length === base.workers.length &&
  draft.workers.every((worker, index) => {
    const other = base.workers[index]
    return other?.session === worker.session && other.member === worker.member
  }) &&
  isSameColumn(draft.owner, base.owner) &&
  isSameColumn(draft.next, base.next) &&
  isSameColumn(draft.token, base.token) &&
  isSameColumn(draft.standby ?? [], base.standby ?? [])

const isSamePhase = (a: Phase, b: Phase): boolean => {
  if (a._tag === "Idle" || b._tag === "Idle") return a._tag === b._tag
  const windowsAgree = a._tag !== "Scaling" || (b._tag === "Scaling" && a.windowMs === b.windowMs)
  return a._tag === b._tag && a.reason === b.reason && a.startedAt === b.startedAt && windowsAgree
}

const isSameColumn = (a: ReadonlyArray<number>, b: ReadonlyArray<number>): boolean =>
  a.length === b.length && a.every((value, p) => value === b[p])
