/**
 * What may go wrong in a simulation, and when it does.
 *
 * @since 0.1.0
 */
import * as Random from "./Random.ts"

/**
 * The kinds of faults, and how many of each there are in an hour of a stormy simulation.
 *
 * @category constants
 * @since 0.1.0
 */
export const hourly = {
  /** A process is gone at once, and another one starts in its place after `ms`. */
  Crash: 60,
  /** Several processes are gone in one instant. */
  MassCrash: 8,
  /** The leader is gone as soon as the plan shows a phase that `salt` chooses. */
  LeaderCrash: 30,
  StopToLeave: 40,
  StopToRestart: 40,
  /** Idle machines start a process, all in one instant. */
  Surge: 20,
  /** A process stands still: a stopped process, a long collection, a loop blocked by the user's code. */
  Pause: 60,
  /** A machine starts a process under an id that another one bears. */
  Twin: 12,
  /** The link between one machine and the store is cut: to the store, from it, or both. */
  LinkCut: 60,
  StoreOutage: 20,
  StoreRestart: 20,
  LiveLost: 4,
  PlanLost: 4,
  BothLost: 4,
  /** A bucket is as it was some time ago. */
  LiveSetBack: 4,
  PlanSetBack: 4,
  /** A record goes, and watchers are told. */
  KeyVanished: 20,
  /** A record goes, and nobody is told. */
  KeyPurged: 12,
  /** Somebody overwrites a record with what does not decode, and puts it back after `ms`. */
  Garbled: 10,
  WatchCut: 90,
  /** Requests and replies are lost, or late, or slow. */
  Weather: 40,
  SlowHandlers: 40,
  StuckHandlers: 12,
  SourceChanged: 40,
  SourceFailing: 20,
  /** One machine lists partitions twice, or none at all. */
  SourceOdd: 12,
  /** One machine sees other partitions than the rest. */
  SourceDiffering: 8,
  StrategyBroken: 8,
  Control: 40,
  WallClockStep: 12
} as const

/**
 * A kind of fault.
 *
 * @category models
 * @since 0.1.0
 */
export type FaultKind = keyof typeof hourly

/**
 * All kinds of faults.
 *
 * @category constants
 * @since 0.1.0
 */
export const kinds: ReadonlyArray<FaultKind> =
  // Object.keys forgets the keys' types.
  Object.keys(hourly) as ReadonlyArray<FaultKind>

/**
 * One fault. `slot` is the machine it befalls, where it befalls one; `ms` how long it lasts; `salt` feeds whatever else
 * has to be chosen. `index` names it within the schedule of its seed.
 *
 * @category models
 * @since 0.1.0
 */
export interface Fault {
  readonly index: number
  readonly kind: FaultKind
  readonly at: number
  readonly slot: number
  readonly ms: number
  readonly salt: number
}

/**
 * How often each kind happens, as a share of `hourly`.
 *
 * @category models
 * @since 0.1.0
 */
export type Rates = Readonly<Record<FaultKind, number>>

/**
 * Draws the rates of one seed: many kinds are left out altogether, so that each storm has a character of its own. Those in
 * `focus` happen often in all of them.
 *
 * @category constructors
 * @since 0.1.0
 */
export const drawRates = (seed: number, focus: ReadonlyArray<FaultKind>): Rates => {
  const random = Random.make(seed, "rates")
  const absent = random.pick([0.3, 0.5, 0.7, 0.9])
  const intensity = random.pick([0.1, 0.3, 1])
  const entries = kinds.map((kind) => {
    const rate = random.pick([0.3, 1, 1, 4]) * intensity
    const drawn = random.chance(absent) ? 0 : Math.round(rate * 100) / 100
    return [kind, focus.includes(kind) ? Math.max(drawn, 4) : drawn]
  })
  // fromEntries forgets the keys' types, and every kind is there.
  return Object.fromEntries(entries) as Rates
}

/**
 * Lays out the faults of one seed in the order of their time. The same rates and length give the same faults.
 *
 * @category constructors
 * @since 0.1.0
 */
export const schedule = (seed: number, rates: Rates, lengthMs: number, slots: number): ReadonlyArray<Fault> => {
  const faults = kinds.flatMap((kind) => {
    const random = Random.make(seed, `fault/${kind}`)
    const found: Array<Omit<Fault, "index">> = []
    const mean = 3_600_000 / (hourly[kind] * rates[kind])
    // The first second is left to the start, which would otherwise be all that many short runs disturb.
    for (let at = 1000 + random.wait(mean); at < lengthMs; at += random.wait(mean)) {
      found.push({
        kind,
        at,
        slot: random.between(0, slots - 1),
        ms: drawSpan(random),
        salt: random.between(0, 2 ** 30)
      })
    }
    return found
  })
  faults.sort((a, b) => a.at - b.at)
  return faults.map((fault, index) => ({ index, ...fault }))
}

/** Short and long spans on either side of every lease and time-out there is. */
const drawSpan = (random: Random.Random): number => random.between(...random.pick(spans))

const spans: readonly [Span, ...Array<Span>] = [
  [50, 600],
  [600, 3000],
  [3000, 12_000],
  [9000, 25_000],
  [20_000, 60_000]
]

type Span = readonly [number, number]

/**
 * One line for a trace.
 *
 * @category combinators
 * @since 0.1.0
 */
export const show = (fault: Fault): string =>
  `#${fault.index} ${fault.kind} slot=${fault.slot} ms=${fault.ms} salt=${fault.salt}`
