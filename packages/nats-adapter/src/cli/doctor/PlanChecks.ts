/**
 * Checks of the plan, the leader, and the orders.
 *
 * @since 0.1.0
 */
import * as Span from "../Span.ts"
import { type GroupFacts, living } from "./Facts.ts"
import { type Check, error, note, warning } from "./Finding.ts"

type GroupCheck = Check<GroupFacts>

const minuteMs = 60_000
const hourMs = 60 * minuteMs

/** The longest lease that a living worker holds, with its margin: what a change may take that waits for one to end. */
const fullLeaseMs = ({ snapshot }: GroupFacts): number =>
  Math.max(0, ...snapshot.workers.map(({ record }) => (record.state === "live" ? record.leaseMs + record.marginMs : 0)))

const planAgeMs = ({ status }: GroupFacts): number => status.plan?.ageMs ?? 0

/** What the plan is made of: its own key, its parts, and the list of partitions. */
const isOfPlan = (record: string): boolean => /^plan\/(plan|partitions)(\.|$)/.test(record)

/** The records that cannot be read: those of the plan, or the others. */
const unreadable = ({ status }: GroupFacts, ofPlan: boolean) =>
  status.undecodable
    .filter(({ record }) => isOfPlan(record) === ofPlan)
    .map(({ reason, record, revision }) => `${record} at revision ${revision} cannot be read: ${reason}`)

const noLeader: GroupCheck = {
  name: "no-leader",
  looksFor: "nobody leads",
  examine: (facts) => {
    const { leader } = facts.snapshot
    if (living(facts).length === 0) return []
    const cure = "one of the workers takes over within a lease; if none does, look at their logs for refused plans"
    if (facts.status.leader === null || leader === null) return [error("no worker leads the group", cure)]
    const { heartbeatAgeMs, id } = facts.status.leader
    if (heartbeatAgeMs <= leader.record.leaseMs + leader.record.marginMs) return []
    return [error(`${id} leads, but has been silent for ${Span.render(heartbeatAgeMs)}`, cure)]
  }
}

const planMissing: GroupCheck = {
  name: "plan-missing",
  looksFor: "there is no plan",
  examine: (facts) =>
    facts.status.plan !== null || unreadable(facts, true).length > 0 || living(facts).length === 0
      ? []
      : [
          error(
            "there are workers, but no plan",
            "wait for the window of the cold start; then look at the leader's log for a refused plan or list of partitions"
          )
        ]
}

const planUnreadable: GroupCheck = {
  name: "plan-unreadable",
  looksFor: "the plan cannot be read",
  examine: (facts) =>
    unreadable(facts, true).map((problem) =>
      error(
        problem,
        "finish the upgrade if a newer release wrote it; if it is damaged, stop the workers, and remove the plan bucket"
      )
    )
}

const recordUnreadable: GroupCheck = {
  name: "record-unreadable",
  looksFor: "another record cannot be read",
  examine: (facts) =>
    unreadable(facts, false).map((problem) =>
      warning(problem, "finish the upgrade if a newer release wrote it; remove the key if it is not Parti's")
    )
}

const unowned: GroupCheck = {
  name: "unowned-partitions",
  looksFor: "partitions have no owner",
  examine: (facts) => {
    const { partitions, phase, unowned: count } = facts.status
    if (count === 0 || living(facts).length === 0) return []
    const isExpected = phase.tag !== "Idle" && planAgeMs(facts) < Math.max(minuteMs, 2 * fullLeaseMs(facts))
    const why = phase.tag === "Idle" ? "though the group is at rest" : `while the group is ${phase.tag}`
    return [
      (isExpected ? warning : error)(
        `${count} of ${partitions} partitions have no owner, ${why}`,
        isExpected
          ? "wait for the window to end"
          : "look at the leader's log; `parti rebalance` tries again; more workers, if the limits of those there are reached"
      )
    ]
  }
}

/** Longer than any handler is given to end, and than a lease that is waited for after that. */
const patienceMs = (facts: GroupFacts): number => Math.max(30_000, 3 * fullLeaseMs(facts))

const stuckHandoff: GroupCheck = {
  name: "stuck-handoff",
  looksFor: "a worker does not give up a partition",
  examine: (facts) => {
    const { plan } = facts.snapshot
    if (plan === null || planAgeMs(facts) <= patienceMs(facts)) return []
    const open = plan.owner.flatMap((owner, place) => (owner >= 0 && plan.next[place] !== owner ? [owner] : []))
    return [...Map.groupBy(open, (owner) => plan.workers[owner]?.id ?? "nobody")].map(([id, places]) =>
      error(
        `${id} has not given up ${places.length} partitions for ${Span.render(planAgeMs(facts))}`,
        "a handler there does not end: let it heed its signal; restart that process"
      )
    )
  }
}

const stuckPhase: GroupCheck = {
  name: "stuck-phase",
  looksFor: "a window or a rebalance does not end",
  examine: (facts) => {
    const { phase } = facts.status
    const age = planAgeMs(facts)
    const cure = "look at the leader's log; `parti rebalance` asks for a rebalance now"
    if (phase.tag === "Scaling" && phase.endsInMs === 0 && age > patienceMs(facts)) {
      return [error(`the window of a ${phase.reason ?? "change"} should have ended`, cure)]
    }
    const isBusy = phase.tag === "Rebalancing" || phase.tag === "Emergency"
    if (!isBusy || age <= 5 * minuteMs) return []
    return [error(`the group has been ${phase.tag} for more than ${Span.render(age)}`, cure)]
  }
}

const behind: GroupCheck = {
  name: "worker-behind",
  looksFor: "a worker does not follow the plan",
  examine: (facts) =>
    planAgeMs(facts) <= patienceMs(facts)
      ? []
      : living(facts)
          .filter((worker) => worker.behind)
          .map(({ id }) =>
            warning(
              `${id} has not confirmed the plan of ${Span.render(planAgeMs(facts))} ago`,
              "a handler there does not end, or its watch is stuck; look at its log, then restart it"
            )
          )
}

const pausedLong: GroupCheck = {
  name: "paused-long",
  looksFor: "a pause was forgotten",
  examine: ({ status: { pausedForMs } }) => {
    if (pausedForMs === null) return []
    return [
      (pausedForMs > hourMs ? warning : note)(
        `the group has been paused for ${Span.render(pausedForMs)}: who joins gets nothing`,
        "`parti resume`, when the maintenance is over"
      )
    ]
  }
}

const drainedLong: GroupCheck = {
  name: "drained-long",
  looksFor: "a drain was forgotten, or hangs",
  examine: ({ snapshot, status }) =>
    snapshot.drains.flatMap(({ session, workerId }) => {
      const ageMs = status.drains.find(({ worker }) => worker === workerId)?.ageMs ?? 0
      const worker = status.workers.find(({ id }) => id === workerId)
      // The order is about one session: who holds the id now is not meant.
      if (worker === undefined || worker.session !== session || ageMs <= hourMs) return []
      return [
        warning(
          `${workerId} has been drained for ${Span.render(ageMs)}, and still has ${worker.partitions} partitions`,
          worker.partitions === 0
            ? `stop its process, or \`parti undrain ${workerId}\``
            : "look at whether its handlers end, and whether the others may take more"
        )
      ]
    })
}

/**
 * All of them.
 *
 * @category checks
 * @since 0.1.0
 */
export const checks: ReadonlyArray<GroupCheck> = [
  planUnreadable,
  noLeader,
  planMissing,
  unowned,
  stuckHandoff,
  stuckPhase,
  behind,
  recordUnreadable,
  pausedLong,
  drainedLong
]
