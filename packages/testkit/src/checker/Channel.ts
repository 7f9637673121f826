/**
 * What the watches of a process have still to show.
 *
 * @since 0.1.0
 */
import type { Applied, Fact, LeaderRecord, WatchScope, WorkerRecord } from "@parti/core/Protocol"
import type { Scenario } from "./Scenario.ts"
import { keys, slotAt, withSlot, type Channel, type Item, type Slot, type Store, type World } from "./World.ts"

/**
 * The watch of the `live` bucket, opened now: everything it matches, between a beginning and an end.
 *
 * @category constructors
 * @since 0.1.0
 */
export const live = (scenario: Scenario, store: Store, slot: number, boots: number, scope: WatchScope): Channel => {
  const opened: Fact = { _tag: "LiveOpened", serial: 1, incarnation: `live${store.liveLife}` }
  const listed = [keys.leader, ...scenario.ids.map((_, index) => keys.workers + index)].filter(
    (key) => matches(scenario, scope, key) && (key === keys.leader ? store.leader : workerAt(store, key)).value !== null
  )
  return {
    isHeld: false,
    items: [
      { key: -1, fact: opened },
      ...listed.map((key) => item(scenario, store, key, `s${slot}b${boots}.`)),
      { key: -1, fact: { _tag: "LiveSynced", serial: 1 } }
    ]
  }
}

/**
 * The watch of the `plan` bucket, opened now.
 *
 * @category constructors
 * @since 0.1.0
 */
export const plan = (store: Store): Channel => {
  const { rebalance } = store
  const planned: ReadonlyArray<Item> = store.plan.value === null ? [] : [planItem(store)]
  const ordered: ReadonlyArray<Item> = rebalance === 0 ? [] : [orderItem(rebalance)]
  return {
    isHeld: false,
    items: [
      { key: -1, fact: { _tag: "PlanOpened", incarnation: `plan${store.planLife}` } },
      ...planned,
      ...ordered,
      { key: -1, fact: { _tag: "PlanSynced" } }
    ]
  }
}

/**
 * A key has changed: all who watch it will be shown.
 *
 * @category combinators
 * @since 0.1.0
 */
export const changed = (scenario: Scenario, world: World, key: number): World =>
  world.slots.reduce((after, _, index) => {
    const slot = slotAt(after, index)
    if (slot.status === "Down" || slot.status === "Gone") return after
    if (key === keys.plan) {
      return withSlot(after, index, { ...slot, plan: push(slot, slot.plan, planItem(after.store)) })
    }
    if (!matches(scenario, slot.node.watch.scope, key)) return after
    const shown = item(scenario, after.store, key, `s${index}b${slot.boots}.`)
    return withSlot(after, index, { ...slot, live: push(slot, slot.live, shown) })
  }, world)

/**
 * An operator has ordered a rebalance: all will be shown.
 *
 * @category combinators
 * @since 0.1.0
 */
export const ordered = (world: World): World => ({
  ...world,
  slots: world.slots.map((slot) =>
    slot.status === "Down" || slot.status === "Gone"
      ? slot
      : { ...slot, plan: push(slot, slot.plan, orderItem(world.store.rebalance)) }
  )
})

const push = (slot: Slot, channel: Channel, shown: Item): Channel => {
  const isStanding = channel.isHeld || slot.isCut || slot.status === "Paused"
  return { ...channel, items: [...(isStanding ? overtaken(channel.items, shown) : channel.items), shown] }
}

/**
 * What stands before a new item, where a watch stands still: a renewal takes the place of the one before, and of other
 * values of a key the newest two are kept. A watch may leave out what was overtaken; without a bound on what waits, a
 * world at rest would never come to the same state twice.
 */
const overtaken = (items: ReadonlyArray<Item>, shown: Item): ReadonlyArray<Item> => {
  const same = items.filter((one) => one.key === shown.key)
  const last = same.at(-1)
  const drop = last !== undefined && isRenewal(last.fact, shown.fact) ? last : same.length > 1 ? same[0] : undefined
  return drop === undefined ? items : items.filter((one) => one !== drop)
}

const isRenewal = (before: Fact, after: Fact): boolean => {
  if (before._tag === "WorkerObserved" && after._tag === "WorkerObserved") {
    return before.record !== null && after.record !== null && isSameWorker(before.record, after.record)
  }
  if (before._tag === "LeaderObserved" && after._tag === "LeaderObserved") {
    return before.record !== null && after.record !== null && isSameLeader(before.record, after.record)
  }
  return false
}

const isSameWorker = (a: WorkerRecord, b: WorkerRecord): boolean =>
  a.session === b.session && a.state === b.state && a.draining === b.draining && isSameApplied(a.applied, b.applied)

const isSameApplied = (a: Applied, b: Applied): boolean => a.epoch === b.epoch && a.version === b.version

const isSameLeader = (a: LeaderRecord, b: LeaderRecord): boolean =>
  a.session === b.session && a.epoch === b.epoch && a.state === b.state

const matches = (scenario: Scenario, scope: WatchScope, key: number): boolean =>
  scope._tag === "Whole" || key === keys.leader || scenario.ids[key - keys.workers] === scope.workerId

const workerAt = (store: Store, key: number): Store["workers"][number] =>
  store.workers[key - keys.workers] ?? { revision: 0, value: null }

/** The number of an attempt tells its own writer which write landed, and nobody else anything. */
const item = (scenario: Scenario, store: Store, key: number, boot: string): Item => {
  if (key === keys.leader) {
    const { revision, value } = store.leader
    const record = value === null || value.session.startsWith(boot) ? value : { ...value, attempt: 0 }
    return { key, fact: { _tag: "LeaderObserved", serial: 1, revision, record } }
  }
  const workerId = scenario.ids[key - keys.workers]
  if (workerId === undefined) throw new Error(`there is no key ${key}`)
  const { revision, value } = workerAt(store, key)
  const record = value === null || value.session.startsWith(boot) ? value : { ...value, attempt: 0 }
  return { key, fact: { _tag: "WorkerObserved", serial: 1, workerId, revision, record } }
}

const planItem = ({ plan: { revision, value } }: Store): Item => ({
  key: keys.plan,
  fact: { _tag: "PlanObserved", revision, plan: value }
})

const orderItem = (serial: number): Item => ({
  key: -1,
  fact: { _tag: "ControlObserved", control: { _tag: "Rebalance", serial } }
})
