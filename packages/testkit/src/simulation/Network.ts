/**
 * The links between the machines and the store.
 *
 * @since 0.1.0
 */
import * as Random from "./Random.ts"
import type { Scenario } from "./Scenario.ts"

/**
 * Which way a message goes.
 *
 * @category models
 * @since 0.1.0
 */
export type Direction = "toStore" | "fromStore"

/**
 * What becomes of a message: when it arrives, and whether that is out of its turn.
 *
 * @category models
 * @since 0.1.0
 */
export type Fate =
  | { readonly _tag: "Arrives"; readonly at: number }
  | { readonly _tag: "Strays"; readonly at: number }
  | { readonly _tag: "Lost" }

interface Link {
  readonly random: Random.Random
  readonly cutUntil: Record<Direction, number>
  readonly lastAt: Record<Direction, number>
}

/**
 * How bad things are for all links at present.
 *
 * @category models
 * @since 0.1.0
 */
interface Weather {
  until: number
  lost: number
  late: number
  slowMs: number
}

/**
 * All links.
 *
 * @category models
 * @since 0.1.0
 */
export interface Network {
  readonly scenario: Scenario
  readonly links: ReadonlyArray<Link>
  readonly weather: Weather
  isCalm: boolean
}

/**
 * A network in which nothing has gone wrong yet.
 *
 * @category constructors
 * @since 0.1.0
 */
export const make = (scenario: Scenario): Network => ({
  scenario,
  links: Array.from({ length: scenario.slots }, (_, slot) => ({
    random: Random.make(scenario.seed, `link/${slot}`),
    cutUntil: { toStore: 0, fromStore: 0 },
    lastAt: { toStore: 0, fromStore: 0 }
  })),
  weather: { until: 0, lost: 0, late: 0, slowMs: 0 },
  isCalm: false
})

/**
 * Decides what becomes of a request or a reply that is sent now. Messages of one link and direction keep their order,
 * except for those that stray.
 *
 * @category combinators
 * @since 0.1.0
 */
export const send = (network: Network, slot: number, direction: Direction, now: number): Fate => {
  const link = linkOf(network, slot)
  const { random } = link
  const { weather } = network
  if (now < weather.until) {
    if (random.chance(weather.lost)) return { _tag: "Lost" }
    if (random.chance(weather.late)) return { _tag: "Strays", at: now + random.between(500, 20_000) }
  }
  const cutUntil = link.cutUntil[direction]
  if (now < cutUntil && !network.scenario.buffers) return { _tag: "Lost" }
  return { _tag: "Arrives", at: inTurn(network, link, direction, Math.max(now, cutUntil)) }
}

/**
 * When what a watch shows arrives, in its turn. Only called while the way from the store is open, or buffers.
 *
 * @category combinators
 * @since 0.1.0
 */
export const push = (network: Network, slot: number, now: number): number => {
  const link = linkOf(network, slot)
  return Math.max(now, link.cutUntil.fromStore) + delay(network, link.random, now)
}

/**
 * Whether a watch over this link has broken off.
 *
 * @category predicates
 * @since 0.1.0
 */
export const isCut = (network: Network, slot: number, now: number): boolean => {
  const { cutUntil } = linkOf(network, slot)
  return now < cutUntil.fromStore || now < cutUntil.toStore
}

/**
 * Cuts a link for a while: one way, or both.
 *
 * @category combinators
 * @since 0.1.0
 */
export const cut = (network: Network, slot: number, directions: ReadonlyArray<Direction>, until: number): void => {
  const { cutUntil } = linkOf(network, slot)
  for (const direction of directions) cutUntil[direction] = Math.max(cutUntil[direction], until)
}

/**
 * Bad weather for all links until an instant.
 *
 * @category combinators
 * @since 0.1.0
 */
export const storm = (network: Network, until: number, random: Random.Random): void => {
  network.weather.until = until
  network.weather.lost = random.pick([0, 0.1, 0.4])
  network.weather.late = random.pick([0, 0.1, 0.4])
  network.weather.slowMs = random.pick([0, 100, 1500])
}

/**
 * Ends everything that is wrong.
 *
 * @category combinators
 * @since 0.1.0
 */
export const heal = (network: Network): void => {
  network.isCalm = true
  network.weather.until = 0
  for (const { cutUntil } of network.links) {
    cutUntil.toStore = 0
    cutUntil.fromStore = 0
  }
}

const linkOf = (network: Network, slot: number): Link => {
  const link = network.links[slot]
  if (link === undefined) throw new Error(`there is no slot ${slot}`)
  return link
}

const inTurn = (network: Network, link: Link, direction: Direction, now: number): number => {
  const at = Math.max(link.lastAt[direction], now + delay(network, link.random, now))
  link.lastAt[direction] = at
  return at
}

const delay = ({ isCalm, scenario, weather }: Network, random: Random.Random, now: number): number => {
  const usual = random.between(1, scenario.latencyMs * 2)
  const tail =
    scenario.latencyTailMs > 0 && !isCalm && random.chance(0.02) ? random.between(1, scenario.latencyTailMs) : 0
  return usual + tail + (now < weather.until ? random.between(0, weather.slowMs) : 0)
}
