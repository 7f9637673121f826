/**
 * How often everything happened.
 *
 * @since 0.1.0
 */

/**
 * Counts under names, by kind.
 *
 * **Details** `cells` are pairs of a worker's state and an event, `phases` pairs of the leader's phase and an event,
 * `transitions` pairs of states that workers went through.
 *
 * @category models
 * @since 0.1.0
 */
export interface Tally {
  readonly events: Map<string, number>
  readonly commands: Map<string, number>
  readonly ignored: Map<string, number>
  readonly faults: Map<string, number>
  readonly reports: Map<string, number>
  readonly world: Map<string, number>
  readonly cells: Map<string, number>
  readonly phases: Map<string, number>
  readonly transitions: Map<string, number>
}

/**
 * Nothing counted yet.
 *
 * @category constructors
 * @since 0.1.0
 */
export const make = (): Tally => ({
  events: new Map(),
  commands: new Map(),
  ignored: new Map(),
  faults: new Map(),
  reports: new Map(),
  world: new Map(),
  cells: new Map(),
  phases: new Map(),
  transitions: new Map()
})

/**
 * Counts one more.
 *
 * @category combinators
 * @since 0.1.0
 */
export const count = (counts: Map<string, number>, name: string, more = 1): void =>
  void counts.set(name, (counts.get(name) ?? 0) + more)

/**
 * Adds what one tally has counted to another.
 *
 * @category combinators
 * @since 0.1.0
 */
export const add = (sum: Tally, other: Tally): void => {
  for (const kind of kinds) for (const [name, more] of other[kind]) count(sum[kind], name, more)
}

/**
 * The kinds of counts.
 *
 * @category constants
 * @since 0.1.0
 */
export const kinds = [
  "events",
  "commands",
  "ignored",
  "faults",
  "reports",
  "world",
  "cells",
  "phases",
  "transitions"
] as const

/**
 * The sum of one kind.
 *
 * @category getters
 * @since 0.1.0
 */
export const total = (counts: ReadonlyMap<string, number>): number => {
  let sum = 0
  for (const one of counts.values()) sum += one
  return sum
}

/**
 * Counts on one line, in the order of their names.
 *
 * @category combinators
 * @since 0.1.0
 */
export const show = (counts: ReadonlyMap<string, number>): string =>
  [...counts]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, one]) => `${name}=${one}`)
    .join(" ")
