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
  const strange = findStrange(state)
  check("Purity", strange === null, () => `state${strange} does not survive JSON`)
  const [given, told] = [JSON.stringify(state), JSON.stringify(event)]
  // Part by part it is what it was copied from.
  const copied = copy(state) as Node.State
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
const copy = (value: unknown): unknown => {
  if (typeof value !== "object" || value === null) return value
  if (Array.isArray(value)) return value.map(copy)
  const copied: Record<string, unknown> = { ...value }
  for (const key of Object.keys(copied)) copied[key] = copy(copied[key])
  return copied
}

/** The path from here to the first part that JSON would drop or change. */
const findStrange = (value: unknown): string | null => {
  if (value === null || typeof value === "string" || typeof value === "boolean") return null
  if (typeof value === "number") return Number.isFinite(value) ? null : ""
  if (typeof value !== "object") return ""
  const prototype: unknown = Object.getPrototypeOf(value)
  if (!Array.isArray(value) && prototype !== Object.prototype) return ""
  for (const [key, part] of Object.entries(value)) {
    const strange = findStrange(part)
    if (strange !== null) return `.${key}${strange}`
  }
  return null
}
