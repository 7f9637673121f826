/**
 * What becomes of a write.
 *
 * @since 0.1.0
 */
import type { Fact, LeaderRecord, Revision } from "@parti/core/Protocol"
import { check } from "./Breach.ts"
import * as Chain from "./Chain.ts"
import * as Channel from "./Channel.ts"
import type { Model } from "./Model.ts"
import * as Process from "./Process.ts"
import * as Tenures from "./Tenures.ts"
import { keys, type Entry, type Request, type Store, type World } from "./World.ts"

/**
 * A revision that is not compared: what wrong versions of a node write over whatever is there.
 *
 * @category constants
 * @since 0.1.0
 */
export const unconditional: Revision.Revision = -1

/**
 * The write reaches the store, which takes it if the key is where the write expects it, and answers.
 *
 * @category combinators
 * @since 0.1.0
 */
export const land = (model: Model, world: World, request: Request, isMute: boolean): World => {
  const { write } = request
  const without: World = { ...world, requests: world.requests.filter((one) => one !== request) }
  const key = keyOf(model, request)
  const entry = entryAt(world.store, key)
  const actual = entry.value === null ? 0 : entry.revision
  const isTaken = write.expected === actual || write.expected === unconditional
  model.tell?.(() => `  the store ${isTaken ? "takes" : "refuses"} ${write.purpose} of s${request.slot}`)
  if (!isTaken) {
    const refused: Fact = { _tag: "WriteRejected", write: Process.name(write), reason: "Conflict" }
    return answer(without, request, key, isMute ? unknown(request) : refused)
  }
  const revision = entry.revision + 1
  const judged = judge(without, request, key)
  const written = Channel.changed(model.scenario, { ...judged, store: put(judged.store, key, revision, request) }, key)
  const accepted: Fact = { _tag: "WriteAccepted", write: Process.name(write), revision }
  return Tenures.withoutForgotten(answer(written, request, key, isMute ? unknown(request) : accepted))
}

/**
 * The write is lost, and its writer does not know.
 *
 * @category combinators
 * @since 0.1.0
 */
export const lose = (world: World, request: Request): World =>
  answer({ ...world, requests: world.requests.filter((one) => one !== request) }, request, -1, unknown(request))

/**
 * The writer has waited long enough. The write may still land.
 *
 * @category combinators
 * @since 0.1.0
 */
export const expire = (world: World, request: Request): World => {
  const requests = world.requests.map((one) => (one === request ? { ...request, isAnswered: true } : one))
  return answer({ ...world, requests }, request, -1, unknown(request))
}

/**
 * Whether a late write may still be taken: if it expects the present revision, or that there is no such key.
 *
 * @category predicates
 * @since 0.1.0
 */
export const mayLand = (model: Model, world: World, request: Request): boolean => {
  const { expected } = request.write
  const entry = entryAt(world.store, keyOf(model, request))
  const { live, plan, vanish } = world.budget
  if (expected === unconditional) return true
  return expected === 0 ? entry.value === null || live + plan + vanish > 0 : entry.revision === expected
}

/**
 * The key that a write is about.
 *
 * @category getters
 * @since 0.1.0
 */
export const keyOf = (model: Model, { value }: Request): number => {
  switch (value._tag) {
    case "Leader":
      return keys.leader
    case "Plan":
      return keys.plan
    case "Worker":
      return keys.workers + model.scenario.ids.indexOf(value.workerId)
  }
}

/**
 * A key of the store.
 *
 * @category getters
 * @since 0.1.0
 */
const entryAt = (store: Store, key: number): Entry<unknown> => {
  if (key === keys.leader) return store.leader
  return key === keys.plan ? store.plan : (store.workers[key - keys.workers] ?? { revision: 0, value: null })
}

const judge = (world: World, request: Request, key: number): World => {
  const { value } = request
  switch (value._tag) {
    case "Leader":
      checkTerm(world.store.leader.value, value.record)
      return world
    case "Plan":
      return Chain.written(world, value.plan)
    case "Worker": {
      const before = world.store.workers[key - keys.workers]?.value ?? null
      return Tenures.written(world, request, value, before)
    }
  }
}

const put = (store: Store, key: number, revision: Revision.Revision, { value }: Request): Store => {
  switch (value._tag) {
    case "Leader":
      return { ...store, leader: { revision, value: value.record } }
    case "Plan":
      return { ...store, plan: { revision, value: value.plan } }
    case "Worker":
      return {
        ...store,
        workers: store.workers.map((entry, index) =>
          keys.workers + index === key ? { revision, value: value.record } : entry
        )
      }
  }
}

const answer = (world: World, request: Request, key: number, fact: Fact): World => {
  const slot = world.slots[request.slot]
  const isThere = slot !== undefined && slot.status !== "Down" && slot.status !== "Gone" && slot.boots === request.boots
  return !isThere || request.isAnswered
    ? world
    : Process.post(world, request.slot, { key, fact, isHeld: false, until: request.until })
}

const unknown = ({ write }: Request): Fact => ({ _tag: "WriteUnknown", write: Process.name(write) })

const checkTerm = (before: LeaderRecord | null, after: LeaderRecord): void =>
  check(
    "S4",
    before === null || before.epoch < after.epoch || (before.epoch === after.epoch && before.session === after.session),
    () => `${after.session} takes office for ${after.epoch} after ${before?.epoch}`
  )
