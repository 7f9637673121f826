/**
 * What a search works with: a scenario, the reducers, and all that was worked out before.
 *
 * **Details**
 *
 * A node's step depends on its configuration, its state and the event alone, and each of these is a number here: it is
 * worked out once.
 *
 * @since 0.1.0
 */
import {
  type Command,
  type Config,
  type Event,
  type Fact,
  Invariants,
  Node,
  type Step,
  type WorkerRecord
} from "@parti/core/Protocol"
import * as Instants from "./Instants.ts"
import * as Interner from "./Interner.ts"
import type { Scenario } from "./Scenario.ts"
import * as Scenarios from "./Scenario.ts"

/**
 * The reducer that is checked: the real one, or a wrong version of it.
 *
 * @category models
 * @since 0.1.0
 */
export type Transition = (config: Config, state: Node.State, event: Event) => Step<Node.State>

/**
 * A step of a node, as the world needs it: without reports and timers. `breach` is what the node itself can see to be
 * wrong.
 *
 * @category models
 * @since 0.1.0
 */
export interface NodeStep {
  readonly node: Node.State
  readonly orders: ReadonlyArray<Command>
  readonly breach: Invariants.Breach | null
}

/**
 * A search's tools.
 *
 * @category models
 * @since 0.1.0
 */
export interface Model {
  readonly scenario: Scenario
  readonly interner: Interner.Interner
  readonly shift: Instants.Shift
  readonly listings: Scenario["listings"]
  readonly step: (slot: number, boots: number, node: Node.State, fact: Fact, planLife: number) => NodeStep
  /** Told of each small step of a trace; `null` while nobody listens. */
  tell: ((line: () => string) => void) | null
}

/**
 * The tools for a scenario and a reducer.
 *
 * @category constructors
 * @since 0.1.0
 */
export const make = (scenario: Scenario, transition: Transition = Node.transition): Model => {
  const interner = Interner.make()
  const longAgo = -Scenarios.horizonMs(scenario)
  const processes = new Map<number, Map<number, NodeStep>>()
  const stepsOf = (process: number): Map<number, NodeStep> => {
    const known = processes.get(process) ?? new Map<number, NodeStep>()
    processes.set(process, known)
    return known
  }
  return {
    scenario,
    interner,
    shift: Instants.make(interner, Scenarios.horizonMs(scenario)),
    listings: scenario.listings.map(interner.canonical),
    step: (slot, boots, node, fact, planLife) => {
      const steps = stepsOf((slot * 64 + boots) * 64 + planLife)
      const key = interner.idOf(node) * factIds + interner.idOf(fact)
      const known = steps.get(key)
      if (known !== undefined) return known
      const config = Scenarios.config(scenario, slot, boots)
      const event: Event = { ...interner.canonical(fact), at: 0, wall: planLife === 1 ? 0 : wallOf(node, planLife) }
      const step = transition(config, interner.canonical(node), event)
      const dated = { node: bare(step.state, longAgo), orders: step.commands.filter(isCarriedOut) }
      const { node: after, orders } = planLife === 1 ? dated : dateless(dated)
      const bared: NodeStep = {
        node: interner.canonical(after),
        orders,
        breach: Invariants.ofStep(config, node, event, step)
      }
      steps.set(key, bared)
      return bared
    },
    tell: null
  }
}

/** There are fewer objects than this, so that a pair of their numbers is a number. */
const factIds = 2 ** 26

/**
 * The wall clock, once a plan was lost: ahead of all numbers that there ever were, and of those that the node has seen since.
 * Before that it is behind, and numbers follow each other without a gap.
 */
const wallOf = ({ election, leadership, membership, plan }: Node.State, planLife: number): number => {
  const numbers = [
    plan.highest.epoch,
    plan.highest.version,
    election.seen?.record?.epoch ?? 0,
    leadership._tag === "Away" ? 0 : leadership.lastVersion,
    ...membership.members.map(({ record }) => record?.applied.version ?? 0)
  ]
  return Math.max(1000 * (planLife - 1), ...numbers.map((one) => one + 2))
}

/** Without the dates by which a window is carried over to the next leader: here all windows are as long as nothing. */
const dateless = <A>(value: A): A => {
  if (typeof value !== "object" || value === null) return value
  const fields = Object.entries(value).map(([key, child]) => [
    key,
    key === "startedWall" ? 0 : ofPhase(key, dateless(child))
  ])
  // Only dates have changed.
  return (Array.isArray(value) ? fields.map(([, child]) => child) : Object.fromEntries(fields)) as A
}

const ofPhase = (key: string, child: unknown): unknown =>
  key === "phase" && typeof child === "object" && child !== null && "startedAt" in child
    ? { ...child, startedAt: 0 }
    : child

const isCarriedOut = ({ _tag }: Command): boolean => _tag !== "SetTimer" && _tag !== "Report" && _tag !== "RemoveLists"

/**
 * A node without what it only shows, or never reads again: two nodes that differ in nothing else do the same for ever.
 *
 * - `manager`, `entered`: shown. `startedAt`: of use only for a start that takes too long, and here none ever does. `phase`: only whether there is one is read.
 * - The attempt in a record that was seen: only the record that is just being shown is compared with own attempts.
 * - `watch.serial`: a watch that was replaced shows nothing any more, so that every serial is the present one.
 */
const bare = (node: Node.State, longAgo: number): Node.State => {
  const { election, leadership, membership, watch } = node
  const seen = election.seen
  const isSeen = seen !== null && seen.record !== null && seen.record.attempt !== 0
  return {
    ...node,
    manager: "Init",
    entered: [],
    life: node.life._tag === "Running" ? { ...node.life, startedAt: longAgo } : node.life,
    phase: node.phase === null ? null : "Idle",
    watch: watch.serial === 0 ? watch : { ...watch, serial: 1 },
    election:
      isSeen && seen.record !== null
        ? { ...election, seen: { ...seen, record: { ...seen.record, attempt: 0 } } }
        : election,
    leadership:
      leadership._tag === "Away"
        ? leadership
        : {
            ...leadership,
            orders: leadership.orders.map((order) => ({ ...order, report: { _tag: "PlanLost" } as const }))
          },
    membership: {
      ...membership,
      members: membership.members.map((member) =>
        member.record === null || member.record.attempt === 0
          ? member
          : { ...member, record: withoutAttempt(member.record) }
      )
    }
  }
}

const withoutAttempt = (record: WorkerRecord): WorkerRecord => ({ ...record, attempt: 0 })
