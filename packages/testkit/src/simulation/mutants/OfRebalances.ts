/**
 * Wrong versions of when a leader rebalances, and of how one term follows another.
 *
 * @since 0.1.0
 */
import type { Node } from "@parti/core/Protocol"
import * as Mutant from "./Mutant.ts"

type Member = Node.State["membership"]["members"][number]

const withMembers = (state: Node.State, change: (member: Member) => Partial<Member>): Node.State => ({
  ...state,
  membership: {
    ...state.membership,
    members: state.membership.members.map((member) => ({ ...member, ...change(member) }))
  }
})

type Kept = Extract<Node.State["leadership"], { readonly _tag: "Acting" }>["kept"]

const withKept = (state: Node.State, change: (kept: Kept) => Partial<Kept>): Node.State =>
  state.leadership._tag === "Acting"
    ? {
        ...state,
        leadership: { ...state.leadership, kept: { ...state.leadership.kept, ...change(state.leadership.kept) } }
      }
    : state

/** While `isBlind`, a worker that has crashed is taken for one that has left in good order. */
const blindToCrashes =
  (isBlind: (state: Node.State) => boolean) =>
  (right: Mutant.Transition): Mutant.Transition =>
  (config, before, event) => {
    if (!isBlind(before)) return right(config, before, event)
    const believed = withMembers(before, ({ crashed, left, record }) => ({
      crashed: [],
      left: [...left, ...crashed],
      record: record?.state === "evicted" ? { ...record, state: "released" } : record
    }))
    const step = right(config, believed, event)
    const known = new Map(before.membership.members.map((member) => [member.id, member]))
    const restored = withMembers(step.state, ({ crashed, id, record, revision }) => {
      const was = known.get(id)
      const isSame = was !== undefined && was.revision === revision && was.record?.session === record?.session
      return { crashed: [...new Set([...(was?.crashed ?? []), ...crashed])], record: isSame ? was.record : record }
    })
    return { ...step, state: restored }
  }

const calculatorOf = ({ leadership }: Node.State) => (leadership._tag === "Acting" ? leadership.kept.calculator : null)

const membersOf = ({ leadership }: Node.State): number =>
  leadership._tag === "Acting" ? leadership.plan.workers.filter((worker) => worker.member).length : 0

const livingIn = ({ membership }: Node.State): number =>
  membership.members.filter(({ record }) => record?.state === "live").length

/** Takes office over a plan that it found without writing it first, and goes on from there. */
const withoutFence =
  (right: Mutant.Transition): Mutant.Transition =>
  (config, before, event) => {
    const step = right(config, before, event)
    const { leadership } = step.state
    if (leadership._tag !== "Entering" || leadership.pending === null) return step
    const { draft } = leadership.pending
    const written = step.commands.find((command) => command._tag === "WritePlan")
    if (draft.publishList || written === undefined) return step
    const acting: Node.State["leadership"] = {
      ...leadership,
      _tag: "Acting",
      pending: null,
      wantedSince: null,
      firstVersion: draft.plan.version,
      plan: draft.plan,
      revision: written.write.expected,
      kept: draft.kept,
      revoking: [],
      awaited: [],
      lookAt: event.at
    }
    return {
      ...step,
      state: { ...step.state, leadership: acting, timerAt: event.at },
      commands: [...step.commands.filter((command) => command !== written), { _tag: "SetTimer", at: event.at }]
    }
  }

/**
 * Crashes that wait, rebalances that are forgotten or never end, terms that do not take over what they found.
 *
 * @category constants
 * @since 0.1.0
 */
export const mutants: ReadonlyArray<Mutant.Mutant> = [
  { name: "no fence on taking office", focus: ["LeaderCrash"], wrap: withoutFence },
  {
    name: "crash hidden by a join",
    focus: ["Crash", "MassCrash", "Surge"],
    wrap: blindToCrashes((state) => livingIn(state) >= membersOf(state))
  },
  {
    name: "crash ignored while scaling",
    focus: ["Crash", "Surge"],
    wrap: blindToCrashes((state) => calculatorOf(state)?._tag === "Scaling")
  },
  {
    name: "crash ignored during the cooldown",
    focus: ["Crash"],
    wrap: (right) => (config, before, event) => {
      const step = right(config, before, event)
      const was = calculatorOf(before)
      const { leadership } = step.state
      const isCalm = was?._tag === "Idle" && event.at < was.calmUntil
      if (!isCalm || calculatorOf(step.state)?._tag !== "Emergency") return step
      if (leadership._tag !== "Acting" || before.leadership._tag !== "Acting") return step
      const { orders, writes } = leadership
      const later: Node.State["leadership"] = { ...before.leadership, orders, writes, lookAt: was.calmUntil }
      const commands = step.commands.filter((command) => command._tag !== "WritePlan")
      return { ...step, state: { ...step.state, leadership: later }, commands }
    }
  },
  {
    name: "failed rebalance never tried again",
    focus: ["StrategyBroken", "Surge"],
    wrap: Mutant.withState((after) =>
      withKept(after, ({ calculator }) =>
        "refusals" in calculator && calculator.refusals > 0
          ? { calculator: { ...calculator, retryAt: Number.MAX_SAFE_INTEGER } }
          : {}
      )
    )
  },
  {
    name: "something is always left to be moved",
    wrap: Mutant.withState((after) => withKept(after, () => ({ isDeferred: true })))
  },
  {
    name: "dead leader's own partitions forgotten",
    focus: ["LeaderCrash"],
    wrap: (right) => (config, before, event) => {
      const step = right(config, before, event)
      const former = before.plan.plan?.leader.id
      const isSelf = before.claim._tag === "Held" && before.claim.workerId === former
      if (isSelf) return step
      return {
        ...step,
        commands: step.commands.filter(
          (command) =>
            !(command._tag === "WriteWorker" && command.write.purpose === "Evict" && command.workerId === former)
        )
      }
    }
  },
  {
    name: "evicted session counted as alive",
    wrap: Mutant.withSeenWorker((record) => (record.state === "evicted" ? { ...record, state: "live" } : record))
  },
  {
    name: "window begun anew at a change of leader",
    focus: ["LeaderCrash", "Surge"],
    wrap: Mutant.withWrittenPlan((plan, { before, event }) =>
      plan.phase._tag === "Scaling" && before.plan.plan?.epoch !== plan.epoch
        ? { ...plan, phase: { ...plan.phase, startedAt: Math.floor(event.wall) } }
        : plan
    )
  },
  {
    name: "nothing planned taken as all",
    wrap: Mutant.withSeenPlan((plan, { before }) => {
      const seat = plan.workers.findIndex((worker) => worker.session === Mutant.sessionOf(before))
      if (seat < 0 || plan.owner.includes(seat) || plan.next.includes(seat)) return plan
      const all = plan.owner.map(() => seat)
      return { ...plan, owner: all, next: all }
    })
  }
]
