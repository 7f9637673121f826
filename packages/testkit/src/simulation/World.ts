/**
 * All that a simulation consists of.
 *
 * @since 0.1.0
 */
import type {
  Command,
  Config,
  Event,
  Node,
  NodeView,
  Partition,
  Session,
  Step,
  Version,
  WorkerId,
  Write
} from "@parti/core/Protocol"
import type * as Bucket from "./Bucket.ts"
import type { DriftingClock } from "./DriftingClock.ts"
import * as EventQueue from "./EventQueue.ts"
import type { Random } from "./Random.ts"
import type { Scenario } from "./Scenario.ts"
import * as Tally from "./Tally.ts"
import * as Trace from "./Trace.ts"

/**
 * The reducers that are simulated: the production ones, or a wrong version of them.
 *
 * @category models
 * @since 0.1.0
 */
export interface Reducers {
  readonly initial: (config: Config) => Node.State
  readonly transition: (config: Config, state: Node.State, event: Event) => Step<Node.State>
  readonly view: (state: Node.State, at: number) => NodeView
}

/**
 * One run of a partition's handler, in truth.
 *
 * **Details**
 *
 * `under` is the version of the plan that it was started by. `toldAt` is when it was told to stop, `endsAt` when it will end. It is `excused` when no library could have kept it
 * within its lease: its process stood still, it ignores its signal, or the user chose to hold on.
 *
 * @category models
 * @since 0.1.0
 */
export interface Run {
  readonly partition: Partition.PartitionId
  readonly token: Version
  readonly session: Session
  readonly under: Version
  readonly process: Process
  readonly startedAt: number
  toldAt: number | null
  endsAt: number
  isStuck: boolean
  isExcused: boolean
}

/**
 * How the handlers of a machine behave when they are told to stop.
 *
 * @category models
 * @since 0.1.0
 */
export interface Habits {
  slowUntil: number
  stuckUntil: number
}

/**
 * A machine. `sourceFailsUntil` and its like are instants of true time at which a fault of its list of partitions ends.
 *
 * @category models
 * @since 0.1.0
 */
export interface Slot {
  readonly index: number
  readonly instance: string
  readonly clock: DriftingClock
  readonly random: Random
  readonly habits: Habits
  process: Process | null
  boots: number
  /** The id that its processes want though another bears it, or `null`. */
  twinOf: WorkerId.WorkerId | null
  sourceFailsUntil: number
  sourceOddUntil: number
  sourceDiffersUntil: number
  oddity: number
}

/**
 * Something that a process does in its turn.
 *
 * @category models
 * @since 0.1.0
 */
export interface Job {
  readonly run: () => void
  readonly isTimer: boolean
}

/**
 * A process: the shell around one node.
 *
 * **Details**
 *
 * What arrives while it is paused waits in the `inbox`. A process that is `Gone` never does anything again. `timer` is the number of the last `SetTimer`. `stepsSince` counts the steps of the
 * present `second`. `following` numbers the times that it began to follow its source, `told` is what that told it last.
 *
 * @category models
 * @since 0.1.0
 */
export interface Process {
  readonly name: string
  readonly slot: Slot
  readonly config: Config
  readonly runs: Map<Partition.PartitionId, Run>
  state: Node.State
  status: "Running" | "Paused" | "Gone"
  pauses: number
  inbox: Array<Job>
  timer: number
  lastAt: number
  steps: number
  stepsSince: number
  second: number
  isLeader: boolean
  lookedAt: number
  following: number
  told: ReadonlyArray<Partition.Partition> | null
  outcome: Extract<Command, { readonly _tag: "Halt" }>["outcome"] | null
}

/**
 * The partitions that there are to work on, whatever the group knows of them. `listed` keeps what machines are told of
 * them, until they change.
 *
 * @category models
 * @since 0.1.0
 */
export interface Source {
  partitions: ReadonlyArray<Partition.Partition>
  readonly listed: Map<string, ReadonlyArray<Partition.Partition> | null>
  failsUntil: number
  isBrokenUntil: number
}

/**
 * Wrong versions of the world, to see whether the checks notice. All are off in an honest simulation.
 *
 * @category models
 * @since 0.1.0
 */
export interface Flaws {
  /** The store takes writes of these purposes whatever revision they expect. */
  readonly ignoresRevision?: ReadonlyArray<Write["purpose"]>
  /** A watch that was cut goes on without what it missed. */
  readonly resumesBlindly?: boolean
  /** A listing leaves out keys, and says nothing. */
  readonly listsPartly?: boolean
  /** A listing shows what the watch has shown before, as if it were the newest. */
  readonly replaysOldValues?: boolean
  /** A bucket that was made again passes for the old one. */
  readonly hidesIncarnation?: boolean
}

/**
 * A simulation under way. `isCalm` once faults have ended; `aftermath` counts what they have left to happen yet.
 *
 * @category models
 * @since 0.1.0
 */
export interface World {
  now: number
  isCalm: boolean
  aftermath: number
  /** When the last of it happened. */
  aftermathAt: number
  readonly scenario: Scenario
  readonly reducers: Reducers
  readonly flaws: Flaws
  readonly random: Random
  readonly queue: EventQueue.EventQueue
  readonly trace: Trace.Trace
  readonly tally: Tally.Tally
  readonly slots: ReadonlyArray<Slot>
  readonly source: Source
  readonly live: Bucket.Bucket
  readonly plan: Bucket.Bucket
}

/**
 * Lets something happen later. Nothing happens at once: an order is never answered in the step that gave it.
 *
 * @category combinators
 * @since 0.1.0
 */
export const later = (world: World, at: number, run: () => void): void =>
  world.queue.put(Math.max(at, world.now + 1), run)

/**
 * Lets a consequence of a fault happen later: until it has, the group is not expected to come to rest.
 *
 * @category combinators
 * @since 0.1.0
 */
export const afterwards = (world: World, at: number, run: () => void): void => {
  world.aftermath += 1
  later(world, at, () => {
    world.aftermath -= 1
    world.aftermathAt = world.now
    run()
  })
}

/**
 * Adds a line to the trace.
 *
 * @category combinators
 * @since 0.1.0
 */
export const say = (world: World, line: () => string): void => Trace.say(world.trace, line)

/**
 * Counts something that happened in the world.
 *
 * @category combinators
 * @since 0.1.0
 */
export const count = (world: World, name: string): void => Tally.count(world.tally.world, name)

/**
 * The processes that are still there.
 *
 * @category getters
 * @since 0.1.0
 */
export const processes = (world: World): ReadonlyArray<Process> =>
  world.slots.flatMap((slot) => (slot.process === null || slot.process.status === "Gone" ? [] : [slot.process]))
