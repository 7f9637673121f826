/**
 * What every reducer owes: the same answer to the same question, and nothing changed that it was given.
 *
 * @since 0.1.0
 */
import type { Config, Event, Node, Step } from "@parti/core/Protocol"
import { check } from "./Violation.ts"
import type { Reducers } from "./World.ts"

/**
 * Runs a step on frozen input, twice, and once more from a state that went through JSON. All must agree.
 *
 * @category combinators
 * @since 0.1.0
 */
export const probe = (reducers: Reducers, config: Config, state: Node.State, event: Event): Step<Node.State> => {
  freeze(state)
  freeze(event)
  const strange = findStrange(state, "state")
  check("Purity", strange === null, () => `${strange} does not survive JSON`)
  const step = attempt(reducers, config, state, event)
  const once = JSON.stringify(step)
  check(
    "Purity",
    JSON.stringify(attempt(reducers, config, state, event)) === once,
    () => `${event._tag} has two answers`
  )
  // JSON knows nothing of types; that it keeps the state whole is what is being tested.
  const thawed = JSON.parse(JSON.stringify(state)) as Node.State
  const again = JSON.stringify(attempt(reducers, config, thawed, event))
  check("Purity", again === once, () => `${event._tag} has another answer from a state that went through JSON`)
  return step
}

const attempt = (reducers: Reducers, config: Config, state: Node.State, event: Event): Step<Node.State> => {
  try {
    return reducers.transition(config, state, event)
  } catch (cause) {
    if (!(cause instanceof TypeError)) throw cause
    check("Purity", false, () => `${event._tag} changes what it was given, or fails: ${cause.stack ?? cause.message}`)
    throw cause
  }
}

const freeze = (value: unknown): void => {
  if (typeof value !== "object" || value === null || Object.isFrozen(value) || ArrayBuffer.isView(value)) return
  Object.freeze(value)
  for (const part of Object.values(value)) freeze(part)
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
