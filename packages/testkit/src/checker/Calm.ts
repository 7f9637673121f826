/**
 * What becomes of a small world when nothing goes wrong any more.
 *
 * **Details**
 *
 * All faults end: who was cut off or paused is back, what was held up arrives, what was lost is lost. From there on only
 * time passes. The group must come to rest within a stated time: every partition has an owner who runs it, everybody who
 * lives belongs to it, and nobody writes a plan. And it must stay so: without faults each state has one successor, so that a state at rest that
 * comes again, with nothing but rest in between, proves that the group will stay so for ever.
 *
 * @since 0.1.0
 */
import { Node, Partition, Plan } from "@parti/core/Protocol"
import { Breach } from "./Breach.ts"
import * as Clock from "./Clock.ts"
import * as Flow from "./Flow.ts"
import type { Model } from "./Model.ts"
import type { Normal } from "./Normal.ts"
import * as Runs from "./Runs.ts"
import * as Scenarios from "./Scenario.ts"
import { slotAt, type Slot, type World } from "./World.ts"

/**
 * The world at rest, and how long that took.
 *
 * @category models
 * @since 0.1.0
 */
export interface Rest {
  readonly world: World
  readonly afterMs: number
}

/**
 * Ends all faults and waits until the group has come to rest; `boundMs` is how long that may take.
 *
 * @category combinators
 * @since 0.1.0
 */
export const rest = (model: Model, normal: Normal, world: World, boundMs: number): Rest => {
  let here = normal.of(Flow.settle(model, heal(world)))
  let passedMs = 0
  let isWriting = false
  let restedAt: number | null = null
  let seen = new Set<string>()
  for (;;) {
    const unrest = disorder(model, here)
    const trouble = unrest ?? (isWriting ? "the plan was just written" : null)
    if (trouble !== null) {
      if (passedMs > boundMs) throw new Breach("L1", `is not at rest after ${passedMs} ms: ${trouble}`)
      // Nothing was wrong for a moment, and what had gone wrong before had yet to show.
      restedAt = null
      seen = new Set()
    } else {
      restedAt ??= passedMs
      const row = normal.row(here).join()
      if (seen.has(row)) return { world: here, afterMs: restedAt }
      seen.add(row)
    }
    const ms = Clock.untilNext(here)
    if (!Number.isFinite(ms)) {
      if (unrest !== null) throw new Breach("L1", `nothing is due, and it has not come to rest: ${unrest}`)
      return { world: here, afterMs: restedAt ?? passedMs }
    }
    passedMs += ms
    const after = Flow.settle(model, Clock.advance(model, here, ms))
    isWriting = after.store.plan.revision !== here.store.plan.revision
    here = normal.of(after)
  }
}

/** Writes that were answered already never land now; the others do. */
const heal = (world: World): World => {
  const up = world.slots.reduce(
    (after, { status }, index) => (status === "Paused" ? Runs.resumed(after, index) : after),
    world
  )
  return {
    ...up,
    budget: Scenarios.none,
    requests: up.requests.flatMap((one) => (one.isAnswered ? [] : [{ ...one, isHeld: false }])),
    slots: up.slots.map((slot) => ({
      ...slot,
      isCut: false,
      live: { ...slot.live, isHeld: false },
      plan: { ...slot.plan, isHeld: false },
      inbox: slot.inbox.map((mail) => ({ ...mail, isHeld: slot.isCut && mail.fact._tag === "WriteUnknown" }))
    }))
  }
}

/** What is not yet as it should be, or `null`. */
const disorder = (model: Model, world: World): string | null => {
  const living = world.slots.flatMap((slot, index) => (slot.status === "Up" ? [{ slot, index }] : []))
  if (living.length === 0) return null
  // Where there are more machines than ids, some go without.
  const isFull = living.filter(({ slot }) => slot.node.claim._tag === "Held").length === model.scenario.ids.length
  const isMember = ({ node }: Slot): boolean => node.life._tag === "Running" && (node.claim._tag === "Held" || isFull)
  const stray = living.find(({ slot }) => !isMember(slot))
  if (stray !== undefined) return `s${stray.index} is ${stray.slot.node.life._tag}, ${stray.slot.node.claim._tag}`
  const leaders = living.filter(({ slot }) => Node.view(slot.node, 0).isLeader)
  if (leaders.length !== 1) return `${leaders.length} lead`
  const plan = world.store.plan.value
  if (plan === null) return "there is no plan"
  if (plan.phase._tag !== "Idle") return `the plan is ${plan.phase._tag}`
  const wanted = (model.scenario.listings[world.store.listing] ?? []).map(Partition.id)
  const listed = plan.list.partitions.map(Partition.id)
  if (wanted.join() !== listed.join()) return `${listed.join()} are listed instead of ${wanted.join()}`
  const unowned = listed.find((id, p) => !isRun(world, plan, id, p))
  return unowned === undefined ? null : `nobody runs ${unowned}`
}

const isRun = (world: World, plan: Plan.Plan, id: Partition.PartitionId, p: number): boolean => {
  const session = plan.workers[plan.owner[p] ?? Plan.nobody]?.session
  const isRunBy = (slot: Slot): boolean =>
    slot.status === "Up" && slot.runs.some((run) => run.partition === id && run.session === session && !run.isTold)
  return plan.owner[p] === plan.next[p] && world.slots.some((_, index) => isRunBy(slotAt(world, index)))
}
