/**
 * Which worker ids may be claimed now.
 *
 * @since 0.1.0
 */
import type { Plan } from "../model/Plan.ts"
import type { Session } from "../model/Record.ts"
import * as Revision from "../model/Revision.ts"
import type { WorkerId } from "../model/WorkerId.ts"
import type { Config } from "./Config.ts"
import * as Draw from "./Draw.ts"
import * as Membership from "./Membership.ts"

/**
 * An id that may be claimed. `after`: the session whose lease is seen to have ended, or `null` where nobody is known to
 * have borne the id. `preference`: lower is better.
 *
 * @category models
 * @since 0.1.0
 */
export interface Vacancy {
  readonly workerId: WorkerId
  readonly expected: Revision.Revision
  readonly after: Session | null
  readonly preference: number
}

/**
 * The preference of the id that this process bore last.
 *
 * @category constants
 * @since 0.1.0
 */
export const ownPreference = 0

/**
 * What has been seen, to judge by.
 *
 * @category models
 * @since 0.1.0
 */
export interface Sight {
  readonly at: number
  readonly members: Membership.State
  readonly plan: Plan | null
}

/** An id that was refused at this revision stays out of the draw until the watch shows another one. */
export interface Refused {
  readonly workerId: WorkerId
  readonly revision: Revision.Revision
}

/**
 * Draws an id to claim: the one that this process bore last, else one that the plan has partitions for, else any free one;
 * by chance among equals, so that many workers starting together need few tries each.
 *
 * @category combinators
 * @since 0.1.0
 */
export const draw = (config: Config, sight: Sight, refused: ReadonlyArray<Refused>, tries: number): Vacancy | null => {
  const candidates = vacancies(config, sight).filter(
    (one) => !refused.some((no) => no.workerId === one.workerId && no.revision === one.expected)
  )
  const best = candidates.reduce((least, one) => Math.min(least, one.preference), Number.POSITIVE_INFINITY)
  const equals = candidates.filter((one) => one.preference === best)
  return equals[Math.floor(Draw.unit(config.seed, "WorkerId", tries) * equals.length)] ?? null
}

/**
 * When the id that this process bore before it crashed will be free; `null` if there is none to wait for. Its record still
 * lives, and nothing has been heard of it since we listen: waiting for it keeps the id, and with it the partitions. One that
 * is renewed belongs to somebody else, whatever it says of its instance.
 *
 * @category combinators
 * @since 0.1.0
 */
export const comesFreeAt = (config: Config, sight: Sight): number | null => {
  if (config.instance === "") return null
  const dates = allowed(config).flatMap((id) => {
    const member = Membership.find(sight.members, id)
    const isOwn = member?.record?.instance === config.instance && member.seenAt === member.sessionSince
    const date = isOwn ? Membership.silentAt(config, sight.members, member, sight.members.openedAt) : sight.at
    return date > sight.at ? [date] : []
  })
  return dates.length === 0 ? null : Math.min(...dates)
}

/**
 * Who holds the ids that this worker may bear, and for how long nothing has been heard of each.
 *
 * @category combinators
 * @since 0.1.0
 */
export const holders = (
  config: Config,
  sight: Sight
): ReadonlyArray<{ readonly id: WorkerId; readonly silentMs: number }> =>
  allowed(config).flatMap((id) => {
    const member = Membership.find(sight.members, id)
    return member?.record?.state === "live" ? [{ id, silentMs: sight.at - member.seenAt }] : []
  })

const allowed = (config: Config): ReadonlyArray<WorkerId> =>
  config.workerId === null ? config.workerIds : [config.workerId]

const vacancies = (config: Config, sight: Sight): ReadonlyArray<Vacancy> => {
  const planned = new Map(sight.plan?.workers.map((worker) => [worker.id, worker.session]) ?? [])
  const owning = owners(sight.plan)
  return allowed(config).flatMap((id) => {
    const member = Membership.find(sight.members, id)
    const free =
      member === undefined
        ? unseen(config, sight, planned.get(id) ?? null)
        : seen(config, sight, member, planned.get(id) ?? null)
    if (free === null) return []
    const isOwn = config.instance !== "" && member?.record?.instance === config.instance
    const preference = isOwn ? ownPreference : owning.has(id) ? 1 : 2
    return [{ workerId: id, preference, ...free }]
  })
}

interface Free {
  readonly expected: Revision.Revision
  readonly after: Session | null
}

/** No record was ever shown. If the plan names the id, its key may have vanished under a living session. */
const unseen = (config: Config, sight: Sight, planned: Session | null): Free | null => {
  if (!sight.members.isSynced) return null
  const free: Free = { expected: Revision.absent, after: planned }
  return planned === null || sight.at - sight.members.openedAt >= Membership.fullLeaseMs(config, sight.members, null)
    ? free
    : null
}

const seen = (config: Config, sight: Sight, member: Membership.Member, planned: Session | null): Free | null => {
  const isSilent = sight.at >= Membership.silentAt(config, sight.members, member, sight.members.openedAt)
  if (member.record === null) return isSilent ? { expected: Revision.absent, after: planned } : null
  const free: Free = { expected: member.revision, after: member.record.session }
  switch (member.record.state) {
    case "released":
    case "evicted":
      // Where the plan names a later session, the bucket was set back, and that session may still live.
      return planned === null || planned === member.record.session || isSilent ? free : null
    case "live":
    case "fenced":
      return isSilent ? free : null
  }
}

const owners = (plan: Plan | null): ReadonlySet<WorkerId> => {
  const named = new Set(plan?.owner)
  return new Set(plan?.workers.filter((_, index) => named.has(index)).map((worker) => worker.id))
}
