/**
 * Wrong versions of how a worker holds its id and runs its partitions.
 *
 * @since 0.1.0
 */
import type { Node, Plan } from "@parti/core/Protocol"
import * as Mutant from "./Mutant.ts"

/** The plan as it would be if whatever belongs to a session in one column belonged to it in the other too. */
const spread = (plan: Plan.Plan, session: string | null, from: "owner" | "next", to: "owner" | "next"): Plan.Plan => {
  const seat = plan.workers.findIndex((worker) => worker.session === session)
  if (seat < 0) return plan
  const column = plan[to].map((one, place) => (plan[from][place] === seat ? seat : one))
  return { ...plan, [to]: column }
}

const withLease = (state: Node.State, change: (lease: Lease) => Partial<Lease>): Node.State =>
  state.claim._tag === "Held"
    ? { ...state, claim: { ...state.claim, lease: { ...state.claim.lease, ...change(state.claim.lease) } } }
    : state

type Lease = Extract<Node.State["claim"], { readonly _tag: "Held" }>["lease"]

/**
 * Leases that last too long, handlers that run too early or too late, sessions that are confused.
 *
 * @category constants
 * @since 0.1.0
 */
export const mutants: ReadonlyArray<Mutant.Mutant> = [
  {
    name: "lease counted from the reply instead of the send",
    wrap: Mutant.withState((after, { config, event }) =>
      event._tag === "WriteAccepted" && event.write.purpose === "Renew"
        ? withLease(after, () => ({ heldUntil: event.at + config.leaseMs - config.marginMs }))
        : after
    )
  },
  {
    name: "late reply revives an expired lease",
    focus: ["Weather"],
    wrap: Mutant.withState((after, { before, config, event }) => {
      if (event._tag !== "WriteAccepted" || event.write.purpose !== "Renew" || before.claim._tag !== "Held")
        return after
      const isOver = event.at >= before.claim.lease.heldUntil
      return isOver ? withLease(after, () => ({ heldUntil: event.at + config.leaseMs - config.marginMs })) : after
    })
  },
  {
    name: "unknown renewal extends the lease",
    wrap: Mutant.withState((after, { config, event }) =>
      event._tag === "WriteUnknown" && event.write.purpose === "Renew"
        ? withLease(after, () => ({ heldUntil: event.write.issuedAt + config.leaseMs - config.marginMs }))
        : after
    )
  },
  {
    name: "repeated attempt under one number extends the lease",
    wrap: (right) =>
      Mutant.withState((after) =>
        withLease(after, ({ open }) => ({ attempt: 0, open: open.slice(-1).map((one) => ({ ...one, attempt: 1 })) }))
      )(Mutant.withWrittenWorker((record) => (record.state === "live" ? { ...record, attempt: 1 } : record))(right))
  },
  {
    name: "handlers told to stop only when the lease is over",
    wrap: Mutant.withConfig(() => ({ fenceLeadMs: 0 }))
  },
  {
    name: "handlers never told that the lease ends",
    wrap: Mutant.withCommand((command) =>
      command._tag === "StopPartition" && command.reason === "LeaseEnding" ? null : command
    )
  },
  {
    name: "handlers go on when the session is lost",
    focus: ["SlowHandlers", "StuckHandlers", "SourceChanged"],
    wrap: Mutant.withCommand((command) =>
      command._tag === "StopPartition" && command.reason === "LeaseLost" ? null : command
    )
  },
  {
    name: "revoke is ignored",
    wrap: Mutant.withCommand((command) =>
      command._tag === "StopPartition" && command.reason === "Revoked" ? null : command
    )
  },
  {
    name: "plan taken for an addition to the one before",
    wrap: Mutant.withSeenPlan((plan, { before }) => {
      const former = before.plan.plan
      const session = Mutant.sessionOf(before)
      const seat = plan.workers.findIndex((worker) => worker.session === session)
      if (former === null || seat < 0 || former.list.version !== plan.list.version) return plan
      const had = former.workers.findIndex((worker) => worker.session === session)
      const keep = (column: "owner" | "next") =>
        plan[column].map((one, place) => (former.owner[place] === had && former.next[place] === had ? seat : one))
      return had < 0 ? plan : { ...plan, owner: keep("owner"), next: keep("next") }
    })
  },
  {
    name: "owner without next goes on as if it were next",
    wrap: Mutant.withSeenPlan((plan, { before }) => spread(plan, Mutant.sessionOf(before), "owner", "next"))
  },
  {
    name: "next starts before it owns",
    wrap: Mutant.withSeenPlan((plan, { before }) => spread(plan, Mutant.sessionOf(before), "next", "owner"))
  },
  {
    name: "owner without next starts again after its lease was renewed",
    focus: ["LinkCut", "SlowHandlers", "Pause", "SourceChanged"],
    wrap: (right) => (config, before, event) => {
      const { plan } = before.plan
      if (before.followed.halt !== "LeaseEnding" || plan === null) return right(config, before, event)
      const believed = spread(plan, Mutant.sessionOf(before), "owner", "next")
      const step = right(config, { ...before, plan: { ...before.plan, plan: believed } }, event)
      const seen = step.state.plan.plan === believed ? plan : step.state.plan.plan
      return { ...step, state: { ...step.state, plan: { ...step.state.plan, plan: seen } } }
    }
  },
  {
    name: "ownership by id, whatever the session",
    wrap: Mutant.withSeenPlan((plan, { before }) => {
      const { claim } = before
      if (claim._tag !== "Held") return plan
      const workers = plan.workers.map((worker) =>
        worker.id === claim.workerId ? { ...worker, session: claim.session } : worker
      )
      return { ...plan, workers }
    })
  },
  {
    name: "acknowledges and releases before the handlers have ended",
    wrap: (right) => (config, before, event) => {
      if (event._tag === "PartitionEnded") return { state: before, commands: [], ignored: "AnswerToNobody" }
      let step = right(config, before, event)
      for (const command of step.commands) {
        if (command._tag !== "StopPartition") continue
        const { partition, token } = command
        const more = right(config, step.state, {
          _tag: "PartitionEnded",
          partition,
          token,
          at: event.at,
          wall: event.wall
        })
        step = { ...more, commands: [...step.commands, ...more.commands], ignored: null }
      }
      return step
    }
  },
  {
    name: "acknowledges the newest plan whatever still runs",
    wrap: Mutant.withWrittenWorker((record, { before }) => {
      const { plan } = before.plan
      return plan === null || record.state !== "live"
        ? record
        : { ...record, applied: { epoch: plan.epoch, version: plan.version } }
    })
  },
  {
    name: "never acknowledges",
    wrap: Mutant.withWrittenWorker((record) => ({ ...record, applied: { epoch: 0, version: 0 } }))
  },
  {
    name: "grant that arrives while the revoke still drains is dropped",
    wrap: Mutant.withCommand((command, { event }) =>
      command._tag === "StartPartition" && event._tag === "PartitionEnded" ? null : command
    )
  },
  {
    name: "one session on two ids",
    wrap: Mutant.withWrittenWorker((record, { config }) =>
      record.session.startsWith(`${config.boot}.`) ? { ...record, session: `${config.boot}.1` } : record
    )
  },
  {
    name: "id of a living worker of the same machine is free",
    wrap: Mutant.withSeenWorker((record, { before, config }) =>
      record.instance === config.instance &&
      record.session !== Mutant.sessionOf(before) &&
      before.claim._tag === "Unclaimed"
        ? { ...record, state: "released" }
        : record
    )
  },
  {
    name: "start that never gives up",
    focus: ["Twin", "StoreOutage", "Surge"],
    wrap: Mutant.withConfig(() => ({ startupTimeoutMs: Number.MAX_SAFE_INTEGER }))
  },
  {
    name: "holder whose record vanished creates it again after its lease",
    focus: ["KeyVanished", "KeyPurged", "Pause", "LinkCut"],
    wrap: (right) => (config, before, event) => {
      if (before.claim._tag !== "Held") return right(config, before, event)
      const { heldUntil } = before.claim.lease
      const isAbsence = event._tag === "LiveSynced" || (event._tag === "WorkerObserved" && event.record === null)
      if (!isAbsence || event.at < heldUntil) return right(config, before, event)
      const step = right(
        config,
        withLease(before, () => ({ heldUntil: event.at + 1 })),
        event
      )
      return { ...step, state: withLease(step.state, (lease) => ({ ...lease, heldUntil })) }
    }
  }
]
