/**
 * What every reducer owes: the same answer to the same question, and nothing changed that it was given.
 *
 * @since 0.1.0
 */
import type { Config, Event, Node, Step } from "@parti/core/Protocol"
import { check } from "./Violation.ts"
import type { Reducers } from "./World.ts"

/**
 * Runs a step twice, and once more from a copy of the state, which shares nothing with it. All must agree, and what was
 * given must be what it was.
 *
 * **Details** Nothing is frozen, and the copy is not made by way of JSON: objects that are frozen or parsed are of other
 * kinds to the engine, and reducers that have once met those run slower ever after.
 *
 * @category combinators
 * @since 0.1.0
 */
export const probe = (reducers: Reducers, config: Config, state: Node.State, event: Event): Step<Node.State> => {
  const strange = findStrange(state, "state")
  check("Purity", strange === null, () => `${strange} does not survive JSON`)
  const [given, told] = [JSON.stringify(state), JSON.stringify(event)]
  const copied = copy(state)
  const step = reducers.transition(config, state, event)
  const once = JSON.stringify(step)
  const attempt = (from: Node.State): string => JSON.stringify(reducers.transition(config, from, event))
  check("Purity", attempt(state) === once, () => `${event._tag} has two answers`)
  check("Purity", attempt(copied) === once, () => `${event._tag} has another answer from a copy of the state`)
  const isUnchanged = [state, copied].every((one) => JSON.stringify(one) === given) && JSON.stringify(event) === told
  check("Purity", isUnchanged, () => `${event._tag} changes what it was given`)
  return step
}

/** A copy of plain data, all the way down. */
const copy = <A>(value: A): A => {
  if (typeof value !== "object" || value === null) return value
  const copied = Array.isArray(value) ? value.slice() : { ...value }
  for (const [key, part] of Object.entries(value)) Object.assign(copied, { [key]: copy(part) })
  // Part by part it is what it was copied from.
  return copied as A
}

/** The path to the first part that JSON would drop or change. */
const findStrange = (value: unknown, path: string): string | null => {
  if (value === null || typeof value === "string" || typeof value === "boolean") return null
  if (typeof value === "number") return Number.isFinite(value) ? null : path
  if (typeof value !== "object") return path
  const prototype: unknown = Object.getPrototypeOf(value)
  if (!Array.isArray(value) && prototype !== Object.prototype) return path
  for (const [key, part] of Object.entries(value)) {
    const strange = findStrange(part, `${path}.${key}`)
    if (strange !== null) return strange
  }
  return null
}
