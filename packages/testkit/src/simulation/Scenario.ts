/**
 * Everything about a simulation that its seed decides before it begins.
 *
 * @since 0.1.0
 */
import * as Fault from "./Fault.ts"
import * as Random from "./Random.ts"

/**
 * The spans of one lease preset, in milliseconds.
 *
 * @category models
 * @since 0.1.0
 */
export interface Timing {
  readonly heartbeatIntervalMs: number
  readonly leaseMs: number
  readonly marginMs: number
  readonly fenceLeadMs: number
  readonly requestTimeoutMs: number
  readonly drainTimeoutMs: number
  readonly revokeTimeoutMs: number
}

const timings = {
  development: {
    heartbeatIntervalMs: 500,
    leaseMs: 2000,
    marginMs: 200,
    fenceLeadMs: 300,
    requestTimeoutMs: 500,
    drainTimeoutMs: 1000,
    revokeTimeoutMs: 3000
  },
  balanced: {
    heartbeatIntervalMs: 2000,
    leaseMs: 10_000,
    marginMs: 500,
    fenceLeadMs: 1000,
    requestTimeoutMs: 1000,
    drainTimeoutMs: 5000,
    revokeTimeoutMs: 10_000
  },
  production: {
    heartbeatIntervalMs: 3000,
    leaseMs: 15_000,
    marginMs: 750,
    fenceLeadMs: 2000,
    requestTimeoutMs: 2000,
    drainTimeoutMs: 10_000,
    revokeTimeoutMs: 20_000
  }
} satisfies Record<string, Timing>

/**
 * The windows that the leader waits before it rebalances, in milliseconds.
 *
 * @category models
 * @since 0.1.0
 */
export interface Windows {
  readonly coldStartWindowMs: number
  readonly plannedWindowMs: number
  readonly restartWindowMs: number
  readonly drainWindowMs: number
  readonly minRebalanceIntervalMs: number
}

const windows: Readonly<Record<"short" | "asShipped", Windows>> = {
  short: {
    coldStartWindowMs: 1500,
    plannedWindowMs: 1000,
    restartWindowMs: 1500,
    drainWindowMs: 200,
    minRebalanceIntervalMs: 1000
  },
  asShipped: {
    coldStartWindowMs: 30_000,
    plannedWindowMs: 10_000,
    restartWindowMs: 30_000,
    drainWindowMs: 1000,
    minRebalanceIntervalMs: 10_000
  }
}

/**
 * What a seed decides.
 *
 * **Details**
 *
 * `slots` are machines: each has clocks, a link to the store, a list of partitions, and at most one process at a time.
 * `otherTiming` is what every second machine is set to, where leases differ. `drift` is how much of the permitted
 * difference between clock rates is used up. `buffers` says that a cut link delays what was sent rather than losing it.
 * `resumes` is how often a watch that was cut goes on where it was. `coalesces` is how often a value that is overtaken on
 * its way to a watcher is left out.
 *
 * @category models
 * @since 0.1.0
 */
export interface Scenario {
  readonly seed: number
  readonly faultyMs: number
  readonly slots: number
  readonly startWith: number
  readonly ids: number
  readonly explicitIds: boolean
  readonly partitions: number
  readonly timing: Timing
  readonly otherTiming: Timing
  readonly windows: Windows
  readonly coldStart: "window" | "eager"
  readonly settleAfterMs: number | null
  readonly knowsHowMany: boolean
  readonly candidates: number
  readonly onStoreLoss: "fence" | "hold"
  readonly strategy: number
  readonly drift: number
  readonly skewMs: number
  readonly latencyMs: number
  readonly latencyTailMs: number
  readonly buffers: boolean
  readonly resumes: number
  readonly coalesces: number
  readonly ageLimitMs: number
  readonly handlerMs: number
  readonly rates: Fault.Rates
}

/**
 * Leaves out what the protocol makes no promise for. Where leases differ, the length of one whose record is gone cannot be
 * known. Where plans are lost, numbers rise only if wall clocks do.
 */
const tame = (rates: Fault.Rates, hasMixedLeases: boolean, losesPlan: boolean): Fault.Rates => ({
  ...rates,
  ...(hasMixedLeases ? { LiveLost: 0, BothLost: 0, LiveSetBack: 0, KeyVanished: 0, KeyPurged: 0 } : {}),
  ...(losesPlan ? { WallClockStep: 0 } : {})
})

/**
 * Draws the scenario of a seed.
 *
 * @category constructors
 * @since 0.1.0
 */
export const draw = (seed: number, faultyMs: number, focus: ReadonlyArray<Fault.FaultKind>): Scenario => {
  const random = Random.make(seed, "scenario")
  const slots = random.pick([3, 3, 4, 5, 5, 6, 8, 12])
  const timing = random.pick([timings.development, timings.balanced, timings.balanced, timings.production])
  const rates = Fault.drawRates(seed, focus)
  const losesPlan = rates.PlanLost + rates.BothLost + rates.PlanSetBack > 0
  const otherTiming = random.chance(0.2)
    ? random.pick([timings.development, timings.balanced, timings.production])
    : timing
  return {
    seed,
    faultyMs,
    slots,
    startWith: random.between(1, slots),
    ids: slots + random.pick([0, 0, 1, 3, 20]),
    explicitIds: random.chance(0.25),
    partitions: random.pick([1, 3, 8, 16, 40]),
    timing,
    otherTiming,
    windows: random.pick([windows.short, windows.short, windows.asShipped]),
    coldStart: random.pick(["window", "window", "eager"]),
    settleAfterMs: random.chance(0.2) ? random.between(100, 3000) : null,
    knowsHowMany: random.chance(0.2),
    candidates: random.pick([0, 1, 2, 3]),
    onStoreLoss: random.pick(["fence", "fence", "fence", "hold"]),
    strategy: random.between(0, 2 ** 20),
    drift: random.pick([0, 0.5, 1]),
    skewMs: Math.min(random.pick([0, 50, 2000]), losesPlan ? 50 : 2000),
    latencyMs: random.pick([1, 2, 10, 40]),
    latencyTailMs: random.pick([0, 20, 300]),
    buffers: random.chance(0.5),
    resumes: random.pick([0, 0.5, 1]),
    coalesces: random.pick([0, 0.5, 1]),
    ageLimitMs: random.pick([60_000, 600_000]),
    handlerMs: random.pick([0, 5, 100, 500]),
    rates: tame(rates, timing !== otherTiming, losesPlan)
  }
}

/**
 * The scenario as text: everything that was drawn, and only the faults that happen.
 *
 * @category combinators
 * @since 0.1.0
 */
export const show = (scenario: Scenario): string => {
  const { rates, ...rest } = scenario
  const some = Fault.kinds.filter((kind) => rates[kind] > 0).map((kind) => `${kind}=${rates[kind]}`)
  return `${JSON.stringify(rest)}\nrates ${some.join(" ")}`
}
