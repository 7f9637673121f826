/**
 * A process: takes facts up one at a time, and carries out what its node orders.
 *
 * @since 0.1.0
 */
import { type Command, type Fact, Node, type Write } from "@parti/core/Protocol"
import * as Promptness from "../simulation/Promptness.ts"
import { Breach, check } from "./Breach.ts"
import * as Channel from "./Channel.ts"
import type { Model } from "./Model.ts"
import * as Runs from "./Runs.ts"
import * as Scenarios from "./Scenario.ts"
import * as Telling from "./Telling.ts"
import * as Tenures from "./Tenures.ts"
import { quiet, slotAt, withSlot, type Mail, type Request, type Slot, type Value, type World } from "./World.ts"

/**
 * A machine on which nothing has run yet.
 *
 * @category constructors
 * @since 0.1.0
 */
export const blank = (model: Model, index: number): Slot => ({
  status: "Down",
  boots: 0,
  node: Node.initial(Scenarios.config(model.scenario, index, 1)),
  isCut: false,
  live: quiet,
  plan: quiet,
  inbox: [],
  runs: []
})

/**
 * A machine starts a process.
 *
 * @category combinators
 * @since 0.1.0
 */
export const boot = (model: Model, world: World, index: number): World => {
  const slot = slotAt(world, index)
  const begun: Slot = {
    ...blank(model, index),
    status: "Up",
    boots: slot.boots + 1,
    plan: Channel.plan(world.store)
  }
  return take(model, withSlot(world, index, begun), index, { _tag: "Started" })
}

/**
 * A process is gone, and will never do anything again. What it has sent may still land.
 *
 * @category combinators
 * @since 0.1.0
 */
export const end = (model: Model, world: World, index: number, status: "Down" | "Gone"): World => {
  const { boots } = slotAt(world, index)
  return {
    ...withSlot(world, index, { ...blank(model, index), status, boots }),
    requests: world.requests.map((one) => (one.slot === index ? { ...one, isAnswered: true } : one))
  }
}

/**
 * A process takes up a fact.
 *
 * @category combinators
 * @since 0.1.0
 */
export const take = (model: Model, world: World, index: number, fact: Fact): World => {
  const slot = slotAt(world, index)
  const step = model.step(index, slot.boots, slot.node, fact, world.store.planLife)
  if (step.breach !== null) throw new Breach(step.breach.rule, step.breach.detail)
  model.tell?.(() => `  s${index} takes ${Telling.fact(fact)}`)
  const taken = withSlot(world, index, { ...slot, node: step.node })
  checkBeliefs(taken, index)
  return step.orders.reduce((after, order) => carryOut(model, after, index, order), taken)
}

/**
 * Puts a fact that is not from a watch before a process.
 *
 * @category combinators
 * @since 0.1.0
 */
export const post = (world: World, index: number, mail: Mail): World => {
  const slot = slotAt(world, index)
  return withSlot(world, index, { ...slot, inbox: [...slot.inbox, mail] })
}

/**
 * What a node believes of its lease and of its office is never more than what is true.
 */
const checkBeliefs = (world: World, index: number): void => {
  const { node } = slotAt(world, index)
  const neglected = Promptness.neglected(node)
  check("L3", neglected === null, () => `s${index} leads: ${neglected}`)
  if (node.claim._tag === "Held") {
    const { lease, session } = node.claim
    const heldUntil = Tenures.find(world, session)?.heldUntil ?? 0
    check(
      "S3",
      lease.heldUntil <= Math.max(heldUntil, 0),
      () => `${session} believes in its lease for ${lease.heldUntil} ms, and it runs for ${heldUntil} ms`
    )
  }
  const { plan } = world.store
  if (node.leadership._tag === "Acting" && plan.value !== null && node.plan.incarnation === planLife(world)) {
    const { epoch } = node.leadership
    check("S4", plan.value.epoch >= epoch, () => `${epoch} is in office, and the plan is of ${plan.value?.epoch}`)
  }
}

const planLife = (world: World): string => `plan${world.store.planLife}`

const carryOut = (model: Model, world: World, index: number, order: Command): World => {
  model.tell?.(() => `  s${index} orders ${Telling.order(order)}`)
  switch (order._tag) {
    case "WriteWorker":
      Runs.checkSaid(world, index, order.record)
      return send(world, index, order.write, { _tag: "Worker", workerId: order.workerId, record: order.record })
    case "WriteLeader":
      return send(world, index, order.write, { _tag: "Leader", record: order.record })
    case "WritePlan":
      return send(world, index, order.write, { _tag: "Plan", plan: order.plan })
    case "Watch": {
      const slot = slotAt(world, index)
      const live = Channel.live(model.scenario, world.store, index, slot.boots, order.scope)
      return withSlot(world, index, { ...slot, live })
    }
    case "StartPartition":
      return Runs.started(world, index, order)
    case "StopPartition":
      return Runs.told(world, index, order, order.reason)
    case "ReadPartitions":
      return list(model, world, index)
    case "Halt":
      return end(model, world, index, "Gone")
    case "WriteControl":
    case "SetTimer":
    case "RemoveLists":
    case "Report":
      return world
  }
}

/**
 * The source answers.
 *
 * @category combinators
 * @since 0.1.0
 */
export const list = (model: Model, world: World, index: number): World => {
  const partitions = model.listings[world.store.listing] ?? []
  const fact: Fact = { _tag: "PartitionsListed", partitions }
  return post(world, index, { key: -1, fact, isHeld: false, until: Number.POSITIVE_INFINITY })
}

const send = (world: World, index: number, write: Write, value: Value): World => {
  const { boots, isCut } = slotAt(world, index)
  const until = 2 * Scenarios.unitMs
  // Who is cut off waits for its answer in vain.
  if (isCut) {
    return post(world, index, { key: -1, fact: { _tag: "WriteUnknown", write: name(write) }, isHeld: true, until })
  }
  const request: Request = { slot: index, boots, write, value, sentAt: 0, until, isHeld: false, isAnswered: false }
  return { ...world, requests: [...world.requests, request] }
}

/**
 * A write as its answer names it: what is not read there is left out.
 *
 * @category combinators
 * @since 0.1.0
 */
export const name = (write: Write): Write => ({ ...write, issuedAt: 0, expected: 0 })
