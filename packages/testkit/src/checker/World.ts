/**
 * A small world: a few processes, a store, what is under way between them, and what is true of it all.
 *
 * **Details**
 *
 * Plain data throughout. Every instant is relative to now. Keys are numbered: 0 is the leader's, 1 the plan's, and from 2
 * on those of the worker ids.
 *
 * @since 0.1.0
 */
import type {
  Applied,
  Fact,
  LeaderRecord,
  Node,
  Partition,
  Plan,
  Revision,
  Session,
  Version,
  WorkerId,
  WorkerRecord,
  Write
} from "@parti/core/Protocol"

/**
 * What a watch has not shown yet, oldest first. While it `isHeld`, it shows nothing.
 *
 * @category models
 * @since 0.1.0
 */
export interface Channel {
  readonly isHeld: boolean
  readonly items: ReadonlyArray<Item>
}

/**
 * One fact of a watch, and the key that it is about; -1 where it is about none.
 *
 * @category models
 * @since 0.1.0
 */
export interface Item {
  readonly key: number
  readonly fact: Fact
}

/**
 * A fact that is not from a watch, and the key that it is about, or -1. A held one is delivered at will, but no later than
 * `until`.
 *
 * @category models
 * @since 0.1.0
 */
export interface Mail {
  readonly key: number
  readonly fact: Fact
  readonly isHeld: boolean
  readonly until: number
}

/**
 * A handler that runs. `isTold` to stop; `isExcused`: its process was paused past the end of its lease, where nothing but
 * the token protects.
 *
 * @category models
 * @since 0.1.0
 */
export interface Run {
  readonly partition: Partition.PartitionId
  readonly token: Version
  readonly session: Session
  readonly isTold: boolean
  readonly isExcused: boolean
}

/**
 * A machine, and the process on it. `boots` counts its processes. `Down`: there is none, it has crashed or not begun.
 * `Gone`: it has stopped of itself. `isCut`: it reaches nobody, and nobody reaches it.
 *
 * @category models
 * @since 0.1.0
 */
export interface Slot {
  readonly status: "Down" | "Up" | "Paused" | "Gone"
  readonly boots: number
  readonly node: Node.State
  readonly isCut: boolean
  readonly live: Channel
  readonly plan: Channel
  readonly inbox: ReadonlyArray<Mail>
  readonly runs: ReadonlyArray<Run>
}

/**
 * A key of the store. The revision of one that is gone is that of its removal.
 *
 * @category models
 * @since 0.1.0
 */
export interface Entry<A> {
  readonly revision: Revision.Revision
  readonly value: A | null
}

/**
 * The two buckets, how often each was made, the newest order to rebalance, and which of the lists the sources give.
 *
 * @category models
 * @since 0.1.0
 */
export interface Store {
  readonly leader: Entry<LeaderRecord>
  readonly plan: Entry<Plan.Plan>
  readonly workers: ReadonlyArray<Entry<WorkerRecord>>
  readonly liveLife: number
  readonly planLife: number
  readonly rebalance: number
  readonly listing: number
}

/**
 * A write on its way. A held one lands at will. `until`: when its writer has waited long enough; from then on it is
 * `isAnswered`, and may still land.
 *
 * @category models
 * @since 0.1.0
 */
export interface Request {
  readonly slot: number
  readonly boots: number
  readonly write: Write
  readonly value: Value
  readonly sentAt: number
  readonly until: number
  readonly isHeld: boolean
  readonly isAnswered: boolean
}

/**
 * What is written.
 *
 * @category models
 * @since 0.1.0
 */
export type Value =
  | { readonly _tag: "Leader"; readonly record: LeaderRecord }
  | { readonly _tag: "Plan"; readonly plan: Plan.Plan }
  | { readonly _tag: "Worker"; readonly workerId: WorkerId.WorkerId; readonly record: WorkerRecord }

/**
 * A session, in truth. `heldUntil` counts from the last attempt that the store took, whether or not its process ever heard
 * of it.
 *
 * @category models
 * @since 0.1.0
 */
export interface Tenure {
  readonly session: Session
  readonly workerId: WorkerId.WorkerId
  readonly slot: number
  readonly boots: number
  readonly heldUntil: number
  readonly isReleased: boolean
  readonly acknowledged: Applied
}

/**
 * A partition, in truth: the highest token that was ever granted and to whom, the highest that was ever started, the
 * version that `opened` the present revoke (0 where none is out), and who owned it by a plan that was lost.
 *
 * @category models
 * @since 0.1.0
 */
export interface Place {
  readonly id: Partition.PartitionId
  readonly token: Version
  readonly grantee: Session | null
  readonly started: Version
  readonly opened: Version
  readonly lost: Session | null
}

/**
 * What is true. `chainEpoch` is the epoch of the first plan since the last one was lost.
 *
 * @category models
 * @since 0.1.0
 */
export interface Truth {
  readonly tenures: ReadonlyArray<Tenure>
  readonly places: ReadonlyArray<Place>
  readonly epoch: number
  readonly version: number
  readonly chainEpoch: number
}

/**
 * What may still happen that need not. `total` bounds all faults together.
 *
 * - `lose`, `mute`, `late`: a write is lost, its answer is lost, it lands later. `slow`: an answer comes later.
 * - `lag`: a watch shows things later. `linger`: a handler takes its time. `undecided`: a source answers later.
 * - `crash`, `pause`, `cut`: of a process. `vanish`: of the key of a worker. `live`, `plan`: a bucket is lost.
 * - `boot`, `leave`, `restart`, `order`, `source`: no faults, but what operators do.
 *
 * @category models
 * @since 0.1.0
 */
export interface Budget {
  readonly total: number
  readonly lose: number
  readonly mute: number
  readonly late: number
  readonly slow: number
  readonly lag: number
  readonly linger: number
  readonly undecided: number
  readonly crash: number
  readonly pause: number
  readonly cut: number
  readonly vanish: number
  readonly live: number
  readonly plan: number
  readonly boot: number
  readonly leave: number
  readonly restart: number
  readonly order: number
  readonly source: number
}

/**
 * All of it.
 *
 * @category models
 * @since 0.1.0
 */
export interface World {
  readonly slots: ReadonlyArray<Slot>
  readonly store: Store
  readonly requests: ReadonlyArray<Request>
  readonly truth: Truth
  readonly budget: Budget
}

/**
 * The key of the leader's record, of the plan, and of the first worker id.
 *
 * @category constants
 * @since 0.1.0
 */
export const keys = { leader: 0, plan: 1, workers: 2 } as const

/**
 * A watch that has nothing to show.
 *
 * @category constants
 * @since 0.1.0
 */
export const quiet: Channel = { isHeld: false, items: [] }

/**
 * The same world with another slot in one place.
 *
 * @category combinators
 * @since 0.1.0
 */
export const withSlot = (world: World, index: number, slot: Slot): World => ({
  ...world,
  slots: world.slots.map((one, place) => (place === index ? slot : one))
})

/**
 * The slot in one place.
 *
 * @category getters
 * @since 0.1.0
 */
export const slotAt = (world: World, index: number): Slot => {
  const slot = world.slots[index]
  if (slot === undefined) throw new Error(`there is no slot ${index}`)
  return slot
}
