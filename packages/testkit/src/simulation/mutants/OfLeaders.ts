/**
 * Wrong versions of how a leader leads.
 *
 * @since 0.1.0
 */
import type { Applied, Command, Node, Plan } from "@parti/core/Protocol"
import * as Mutant from "./Mutant.ts"

/** The plan with other columns, made place by place. */
const mapPlaces = (
  plan: Plan.Plan,
  change: (place: Place, index: number) => Place
): Pick<Plan.Plan, "owner" | "next" | "token"> => {
  const places = plan.owner.map((owner, index) =>
    change({ owner, next: plan.next[index] ?? -1, token: plan.token[index] ?? 0 }, index)
  )
  return {
    owner: places.map((place) => place.owner),
    next: places.map((place) => place.next),
    token: places.map((place) => place.token)
  }
}

interface Place {
  readonly owner: number
  readonly next: number
  readonly token: number
}

const withMembers = (state: Node.State, change: (member: Member) => Partial<Member>): Node.State => ({
  ...state,
  membership: {
    ...state.membership,
    members: state.membership.members.map((member) => ({ ...member, ...change(member) }))
  }
})

type Member = Node.State["membership"]["members"][number]

const newest = ({ epoch, version }: Plan.Plan): Applied => ({ epoch, version })

const withoutRenewal = (command: Command): Command | null =>
  command._tag === "WriteLeader" && command.write.purpose === "RenewLeader" ? null : command

/** An office whose lease never ends. */
const neverEnding = (state: Node.State): Node.State =>
  state.election._tag === "Leader"
    ? {
        ...state,
        election: { ...state.election, lease: { ...state.election.lease, heldUntil: Number.MAX_SAFE_INTEGER } }
      }
    : state

/**
 * Grants that come too early, evictions that wait too little, tokens and versions that do not rise, rebalances forgotten.
 *
 * @category constants
 * @since 0.1.0
 */
export const mutants: ReadonlyArray<Mutant.Mutant> = [
  {
    name: "grant before acknowledgement",
    wrap: Mutant.withWrittenPlan((plan) => ({
      ...plan,
      ...mapPlaces(plan, (place) =>
        place.owner === place.next ? place : { owner: place.next, next: place.next, token: plan.version }
      )
    }))
  },
  {
    name: "acknowledgement of an older version accepted",
    wrap: Mutant.withSeenWorker((record, { before }) => {
      const { plan } = before.plan
      return plan === null || record.applied.epoch !== plan.epoch ? record : { ...record, applied: newest(plan) }
    })
  },
  {
    name: "acknowledgement of an older term accepted",
    focus: ["LeaderCrash", "SlowHandlers", "StopToLeave", "Surge"],
    wrap: Mutant.withSeenWorker((record, { before }) => {
      const { plan } = before.plan
      return plan === null || record.applied.epoch === plan.epoch ? record : { ...record, applied: newest(plan) }
    })
  },
  {
    name: "forced end taken for an ended lease",
    focus: ["SlowHandlers", "StuckHandlers", "SourceChanged"],
    wrap: Mutant.withSeenWorker((record) => (record.state === "fenced" ? { ...record, state: "evicted" } : record))
  },
  {
    name: "eviction without waiting for the lease",
    wrap: Mutant.withState((after, { config, event }) =>
      withMembers(after, (member) => (member.seenAt === event.at ? { seenAt: event.at - config.leaseMs * 0.7 } : {}))
    )
  },
  {
    name: "lease length taken from the observer's own configuration",
    wrap: Mutant.withSeenWorker((record, { config }) => ({
      ...record,
      leaseMs: config.leaseMs,
      marginMs: config.marginMs
    }))
  },
  {
    name: "dead workers are never evicted",
    wrap: Mutant.withCommand((command) =>
      command._tag === "WriteWorker" && command.write.purpose === "Evict" ? null : command
    )
  },
  {
    name: "leader reuses a version number",
    wrap: Mutant.withWrittenPlan((plan, { before }) => ({
      ...plan,
      version: before.plan.plan?.epoch === plan.epoch ? before.plan.plan.version : plan.version
    }))
  },
  {
    name: "new leader keeps the epoch it found",
    wrap: Mutant.withWrittenPlan((plan, { before }) => ({ ...plan, epoch: before.plan.plan?.epoch ?? plan.epoch }))
  },
  {
    name: "deposed leader writes on the newer revision with its old epoch",
    wrap: (right) =>
      Mutant.withState(neverEnding)(
        Mutant.withCommand(withoutRenewal)(
          Mutant.withEvent((event, { before }) => {
            const { leadership } = before
            if (leadership._tag === "Away") return event
            if (event._tag === "LeaderObserved" && event.record?.session !== leadership.session) return null
            if (event._tag !== "PlanObserved" || event.plan === null) return event
            const leader = { ...event.plan.leader, session: leadership.session }
            return { ...event, plan: { ...event.plan, epoch: leadership.epoch, leader } }
          })(right)
        )
      )
  },
  {
    name: "token kept over a change of owner",
    wrap: Mutant.withWrittenPlan((plan, { before }) => {
      const last = before.plan.plan
      return {
        ...plan,
        ...mapPlaces(plan, (place, index) => ({ ...place, token: last?.token[index] ?? place.token }))
      }
    })
  },
  {
    name: "new session under an old id keeps the old token",
    focus: ["StopToRestart"],
    wrap: Mutant.withWrittenPlan((plan, { before }) => {
      const last = before.plan.plan
      if (last === null || last.list.version !== plan.list.version) return plan
      return {
        ...plan,
        ...mapPlaces(plan, (place, index) => {
          const former = last.workers[last.owner[index] ?? -1]
          return former !== undefined && former.id === plan.workers[place.owner]?.id
            ? { ...place, token: last.token[index] ?? 0 }
            : place
        })
      }
    })
  },
  {
    name: "partition dropped and listed again without an acknowledgement",
    wrap: Mutant.withWrittenPlan((plan) => {
      const kept = plan.owner.map((owner, index) => owner === -1 || plan.next[index] !== -1)
      const keep = <A>(column: ReadonlyArray<A>): ReadonlyArray<A> => column.filter((_, index) => kept[index])
      return {
        ...plan,
        list: { ...plan.list, partitions: keep(plan.list.partitions) },
        owner: keep(plan.owner),
        next: keep(plan.next),
        token: keep(plan.token)
      }
    })
  },
  {
    name: "retargeted handoff forgets its first owner",
    wrap: Mutant.withWrittenPlan((plan, { before }) => {
      const last = before.plan.plan
      if (last?.list.version !== plan.list.version) return plan
      const isRetargeted = ({ next, owner }: Place, index: number): boolean => {
        const was = last.workers[last.next[index] ?? -1]?.session
        return owner !== next && last.owner[index] !== last.next[index] && was !== plan.workers[next]?.session
      }
      return {
        ...plan,
        ...mapPlaces(plan, (place, index) =>
          isRetargeted(place, index) ? { owner: place.next, next: place.next, token: plan.version } : place
        )
      }
    })
  },
  {
    name: "handoffs never completed",
    wrap: Mutant.withSeenWorker((record, { before }) =>
      before.leadership._tag === "Away" ? record : { ...record, applied: { epoch: 0, version: 0 } }
    )
  },
  {
    name: "leader never renews",
    wrap: Mutant.withCommand(withoutRenewal)
  },
  {
    name: "stale drain kept for a reused id",
    focus: ["Control", "Crash"],
    wrap: Mutant.withState((after) => ({
      ...after,
      controls: {
        ...after.controls,
        drains: after.controls.drains.map((drain) => {
          const record = after.membership.members.find((member) => member.id === drain.workerId)?.record
          return record === null || record === undefined ? drain : { ...drain, session: record.session }
        })
      }
    }))
  },
  {
    name: "new list of partitions never published",
    wrap: Mutant.withCommand((command) => (command._tag === "WritePlan" ? { ...command, publishList: false } : command))
  },
  {
    name: "list of partitions reused by name",
    wrap: Mutant.withWrittenPlan((plan, { before }) => {
      const last = before.plan.plan
      return last === null ? plan : { ...plan, list: { ...plan.list, version: last.list.version } }
    })
  },
  {
    name: "list in force removed",
    wrap: Mutant.withCommand((command) =>
      command._tag === "RemoveLists" ? { ...command, olderThan: Number.MAX_SAFE_INTEGER } : command
    )
  },
  {
    name: "revokes outlive an unknown write of the plan",
    wrap: (right) => (config, before, event) => {
      const step = right(config, before, event)
      const was = before.leadership
      const is = step.state.leadership
      if (event._tag !== "PlanObserved" || was._tag !== "Acting" || is._tag !== "Acting") return step
      const { openedAt } = was.kept
      return openedAt.length === is.kept.openedAt.length
        ? { ...step, state: { ...step.state, leadership: { ...is, kept: { ...is.kept, openedAt } } } }
        : step
    }
  },
  {
    name: "new plan of a lost bucket grants at once",
    focus: ["PlanLost"],
    wrap: Mutant.withState((after) =>
      after.leadership._tag === "Acting"
        ? { ...after, leadership: { ...after.leadership, plan: { ...after.leadership.plan, recovering: false } } }
        : after
    )
  }
]
