/**
 * What each thing that may happen does to a small world.
 *
 * @since 0.1.0
 */
import * as Chain from "./Chain.ts"
import * as Channel from "./Channel.ts"
import * as Clock from "./Clock.ts"
import * as Flow from "./Flow.ts"
import * as Landing from "./Landing.ts"
import type { Model } from "./Model.ts"
import * as Process from "./Process.ts"
import * as Runs from "./Runs.ts"
import { none } from "./Scenario.ts"
import { keys, slotAt, withSlot, type Budget, type Mail, type Request, type Slot, type World } from "./World.ts"

/**
 * What a thing is paid from.
 *
 * @category models
 * @since 0.1.0
 */
export type Price = Exclude<keyof Budget, "total">

/**
 * One thing that may happen.
 *
 * - `Go`: what comes next by itself. `Pass`: time.
 * - `Lose`, `Mute`, `Late`: instead, something goes wrong with the write that comes next.
 * - `Hold`: instead, the fact that comes next is held up.
 * - `Land`, `Drop`: a late write lands, or never will. `Deliver`, `Show`: what was held up is taken up.
 * - The rest: what befalls a process or the store, and what operators do.
 *
 * @category models
 * @since 0.1.0
 */
export type Choice =
  | { readonly _tag: "Go" | "Pass" | "Lose" | "Mute" | "Late" | "LoseLive" | "LosePlan" | "Order" | "Source" }
  | { readonly _tag: "Hold"; readonly price: Price }
  | { readonly _tag: "Land" | "Drop"; readonly request: Request }
  | { readonly _tag: "Deliver"; readonly slot: number; readonly mail: Mail }
  | { readonly _tag: "Show"; readonly slot: number; readonly bucket: "live" | "plan" }
  | { readonly _tag: "Crash" | "Pause" | "Resume" | "Cut" | "Heal" | "Boot"; readonly slot: number }
  | { readonly _tag: "Stop"; readonly slot: number; readonly intent: "leave" | "restart" }
  | { readonly _tag: "Vanish"; readonly key: number; readonly isShown: boolean }

/**
 * Lets one thing happen, and nothing of what follows from it.
 *
 * @category combinators
 * @since 0.1.0
 */
export const act = (model: Model, before: World, choice: Choice): World => {
  const price = priceOf(choice)
  const world = price === null ? before : { ...before, budget: spend(before.budget, price) }
  switch (choice._tag) {
    case "Go":
    case "Lose":
    case "Mute":
    case "Late":
    case "Hold":
      return withNext(model, world, choice)
    case "Pass":
      return Clock.advance(model, world, Clock.untilNext(world))
    case "Land":
      return Landing.land(model, world, choice.request, false)
    case "Drop":
      return { ...world, requests: world.requests.filter((one) => one !== choice.request) }
    case "Deliver":
      return Flow.deliver(model, world, choice.slot, choice.mail)
    case "Show":
      return show(world, choice.slot, choice.bucket)
    case "Crash":
    case "Pause":
    case "Resume":
    case "Cut":
    case "Heal":
    case "Boot":
      return ofProcess(model, world, choice._tag, choice.slot)
    case "Stop":
      return Process.take(model, world, choice.slot, { _tag: "StopRequested", intent: choice.intent })
    case "Vanish":
      return vanish(model, world, choice.key, choice.isShown)
    case "LoseLive":
      return loseLive(model, world)
    case "LosePlan":
      return losePlan(world)
    case "Order":
      return Channel.ordered({ ...world, store: { ...world.store, rebalance: world.store.rebalance + 1 } })
    case "Source":
      return { ...world, store: { ...world.store, listing: 1 - world.store.listing } }
  }
}

/** The budget without this; once no fault is left, it does not matter which would have been. */
const spend = (budget: Budget, price: Price): Budget => {
  const isFault = !operators.includes(price)
  const total = isFault ? budget.total - 1 : budget.total
  const left = { ...budget, total, [price]: budget[price] - 1 }
  return total > 0 ? left : { ...none, ...Object.fromEntries(operators.map((one) => [one, left[one]])) }
}

/** What operators do is no fault. */
const operators: ReadonlyArray<Price> = ["boot", "leave", "restart", "order", "source"]

const priceOf = (choice: Choice): Price | null => {
  switch (choice._tag) {
    case "Go":
    case "Pass":
    case "Land":
    case "Drop":
    case "Deliver":
    case "Show":
    case "Resume":
    case "Heal":
      return null
    case "Lose":
      return "lose"
    case "Mute":
      return "mute"
    case "Late":
      return "late"
    case "Hold":
      return choice.price
    case "Crash":
      return "crash"
    case "Pause":
      return "pause"
    case "Cut":
      return "cut"
    case "Boot":
      return "boot"
    case "Stop":
      return choice.intent
    case "Vanish":
      return "vanish"
    case "LoseLive":
      return "live"
    case "LosePlan":
      return "plan"
    case "Order":
      return "order"
    case "Source":
      return "source"
  }
}

/** What comes next by itself, or what happens instead. */
const withNext = (model: Model, world: World, choice: Choice): World => {
  const next = Flow.next(model, world)
  if (next === null) throw new Error("nothing comes next")
  if (choice._tag === "Go") return Flow.proceed(model, world, next)
  if (next._tag === "Request") {
    const { request } = next
    if (choice._tag === "Lose") return Landing.lose(world, request)
    if (choice._tag === "Mute") return Landing.land(model, world, request, true)
    return { ...world, requests: world.requests.map((one) => (one === request ? { ...one, isHeld: true } : one)) }
  }
  if (next._tag === "Mail") return Flow.replace(world, next.slot, next.mail, { ...next.mail, isHeld: true })
  if (next._tag !== "Shown") throw new Error(`${next._tag} cannot be held up`)
  const slot = slotAt(world, next.slot)
  return withSlot(world, next.slot, { ...slot, [next.bucket]: { ...slot[next.bucket], isHeld: true } })
}

const ofProcess = (
  model: Model,
  world: World,
  what: "Crash" | "Pause" | "Resume" | "Cut" | "Heal" | "Boot",
  index: number
): World => {
  const slot = slotAt(world, index)
  switch (what) {
    case "Crash":
      return Process.end(model, world, index, "Down")
    case "Pause":
      return withSlot(world, index, { ...slot, status: "Paused" })
    case "Resume":
      return Runs.resumed(world, index)
    case "Cut":
      return withSlot(world, index, { ...slot, isCut: true })
    case "Heal":
      return withSlot(world, index, { ...slot, isCut: false })
    case "Boot":
      return Process.boot(model, world, index)
  }
}

/** All that it has; each of these may be held up again. */
const show = (world: World, index: number, bucket: "live" | "plan"): World => {
  const slot = slotAt(world, index)
  return withSlot(world, index, { ...slot, [bucket]: { ...slot[bucket], isHeld: false } })
}

const vanish = (model: Model, world: World, key: number, isShown: boolean): World => {
  const workers = world.store.workers.map((entry, index) =>
    keys.workers + index === key ? { revision: entry.revision + 1, value: null } : entry
  )
  const gone = { ...world, store: { ...world.store, workers } }
  return isShown ? Channel.changed(model.scenario, gone, key) : gone
}

/** The bucket is made anew. Its revisions go on from where they were, as where they start from the wall clock. */
const loseLive = (model: Model, world: World): World => {
  const empty = <A>({ revision }: { readonly revision: A }) => ({ revision: revision, value: null })
  const { leader, liveLife, workers } = world.store
  const store = { ...world.store, leader: empty(leader), workers: workers.map(empty), liveLife: liveLife + 1 }
  return {
    ...world,
    store,
    slots: world.slots.map((slot, index) =>
      isThere(slot)
        ? { ...slot, live: Channel.live(model.scenario, store, index, slot.boots, slot.node.watch.scope) }
        : slot
    )
  }
}

const losePlan = (world: World): World => {
  const { plan, planLife } = world.store
  const store = {
    ...world.store,
    plan: { revision: plan.revision, value: null },
    planLife: planLife + 1,
    rebalance: 0
  }
  const slots = world.slots.map((slot) => (isThere(slot) ? { ...slot, plan: Channel.plan(store) } : slot))
  return { ...Chain.lost(world), store, slots }
}

const isThere = ({ status }: Slot): boolean => status === "Up" || status === "Paused"
