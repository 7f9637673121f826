/**
 * The table of options: defaults for each preset, what each option may be, and the words that explain it.
 *
 * @since 0.1.0
 */
import * as Record from "effect/Record"
import * as Result from "effect/Result"
import type { ConfigOption, ConfigOptions, Preset, WorkerIdPool } from "./ConfigOption.ts"
import * as Limit from "./Limit.ts"
import * as WorkerId from "./WorkerId.ts"

type Defaults<A> = Readonly<Record<Preset, A>>

const everywhere = <A>(value: A): Defaults<A> => ({ development: value, balanced: value, production: value })

const presets = <A>(development: A, balanced: A, production: A): Defaults<A> => ({ development, balanced, production })

const isWhole = (value: unknown, minimum: number, maximum: number): value is number =>
  typeof value === "number" && Number.isSafeInteger(value) && value >= minimum && value <= maximum

const isText = (value: unknown, minimum: number, maximum: number): boolean =>
  typeof value === "string" && value.length >= minimum && value.length <= maximum

/** Letters, digits, marks, signs and spaces; nothing that drives a terminal or turns the direction of text. */
const printable = /^[\p{L}\p{M}\p{N}\p{P}\p{S} ]+$/u

// Groups are named as workers are: both become parts of names in NATS.
const isName = (value: unknown): boolean => typeof value === "string" && Result.isSuccess(WorkerId.parse(value))

const isPool = (value: unknown): boolean =>
  typeof value === "object" &&
  value !== null &&
  "prefix" in value &&
  "count" in value &&
  isWhole(value.count, 1, Limit.maxWorkers) &&
  typeof value.prefix === "string" &&
  isName(`${value.prefix}-${value.count - 1}`)

interface Span {
  readonly minimum?: number
  readonly maximum?: number
}

const span = (
  description: string,
  defaults: Defaults<number>,
  { maximum = Limit.maxSpanMs, minimum = 1 }: Span = {}
): ConfigOption<number> => ({
  description,
  unit: "ms",
  rule: `a whole number of milliseconds from ${minimum} to ${maximum}`,
  accepts: (value) => isWhole(value, minimum, maximum),
  defaults
})

const count = (description: string, value: number): ConfigOption<number> => ({
  description,
  unit: "count",
  rule: `a whole number from 1 to ${Limit.maxWorkers}`,
  accepts: (given) => isWhole(given, 1, Limit.maxWorkers),
  defaults: everywhere(value)
})

const choice = <const A extends string>(description: string, value: A, values: ReadonlyArray<A>): ConfigOption<A> => {
  const names = values.map((one) => `"${one}"`)
  return {
    description,
    unit: "choice",
    rule: `${names.slice(0, -1).join(", ")} or ${names.at(-1)}`,
    accepts: (given) => values.some((one) => one === given),
    defaults: everywhere(value)
  }
}

const orNull = <A>(option: ConfigOption<A>, meaning: string): ConfigOption<A | null> => ({
  ...option,
  rule: `${option.rule}, or null for ${meaning}`,
  accepts: (value) => value === null || option.accepts(value),
  defaults: everywhere(null)
})

const number = (description: string, rule: string, value: number, holds: (value: number) => boolean) => ({
  description,
  unit: "number" as const,
  rule,
  accepts: (given: unknown) => typeof given === "number" && holds(given),
  defaults: everywhere(value)
})

const text = <A>(description: string, rule: string, accepts: (value: unknown) => boolean, defaults: Defaults<A>) => ({
  description,
  unit: "text" as const,
  rule,
  accepts,
  defaults
})

const fromZero = { minimum: 0 }

const nameRule = "1 to 64 letters, digits, _ and -, the first a letter or digit"

const identity = {
  group: {
    description: "The name of the group: its workers share the partitions, and its buckets are named after it.",
    unit: "text",
    rule: nameRule,
    accepts: isName,
    defaults: null
  },
  workerId: text(
    "The name of this worker, instead of one of the pool; no other worker may use it.",
    `${nameRule}, or null for one of the pool`,
    (value) => value === null || isName(value),
    everywhere<string | null>(null)
  ),
  workerIdPool: {
    description: "The names that workers of this group choose from: prefix-0, prefix-1 and so on.",
    unit: "object",
    rule: `a prefix and a count from 1 to ${Limit.maxWorkers} that make names of workers`,
    accepts: isPool,
    defaults: everywhere<WorkerIdPool>({ prefix: "worker", count: 100 })
  },
  instance: text(
    "What this process is called across restarts, so that it claims again the id it bore last: a pod, a host, or empty.",
    `at most ${Limit.maxInstanceLength} characters`,
    (value) => isText(value, 0, Limit.maxInstanceLength),
    everywhere("")
  ),
  capacity: number(
    "How much this worker takes on, relative to the others; 0 for nothing as long as others can.",
    `a number from 0 to ${Limit.maxCapacity}`,
    1,
    (value) => value >= 0 && value <= Limit.maxCapacity
  ),
  maxPartitions: orNull(
    {
      ...count("The most partitions this worker may own, whatever its capacity.", 1),
      rule: `a whole number from 0 to ${Limit.maxPartitions}`,
      accepts: (value) => isWhole(value, 0, Limit.maxPartitions)
    },
    "no limit"
  ),
  zone: text(
    "Where this worker runs, for strategies that spread over zones.",
    `1 to ${Limit.maxZoneLength} characters, or null for nowhere in particular`,
    (value) => value === null || isText(value, 1, Limit.maxZoneLength),
    everywhere<string | null>(null)
  ),
  version: text(
    "The version of your software, for people who roll out another: the worker's record tells it, and nobody decides by it.",
    `1 to ${Limit.maxSoftwareVersionLength} printable characters, or null for none`,
    (value) =>
      value === null ||
      (typeof value === "string" && isText(value, 1, Limit.maxSoftwareVersionLength) && printable.test(value)),
    everywhere<string | null>(null)
  )
} satisfies Partial<Table>

const leases = {
  heartbeatIntervalMs: span(
    "How often a worker renews its lease. An idle worker writes nothing else.",
    presets(500, 2000, 3000)
  ),
  leaseMs: span(
    "How long a worker may be silent before others may take its id and its partitions.",
    presets(2000, 10_000, 15_000),
    { maximum: Limit.maxLeaseMs }
  ),
  marginMs: span(
    "How much earlier a worker gives its lease up than others take it for ended: clock rates may differ by margin / lease.",
    presets(100, 500, 750)
  ),
  fenceLeadMs: span("How long before their lease ends handlers are told to stop.", presets(300, 1000, 1500)),
  requestTimeoutMs: span(
    "How long a write may go unanswered before its outcome counts as unknown.",
    presets(400, 1500, 2500)
  ),
  electionJitterMs: span(
    "Over what span candidates spread their attempts when a leader has resigned.",
    presets(50, 100, 200),
    fromZero
  ),
  candidates: count("How many workers watch all others, so as to be ready to lead.", 3),
  onStoreLoss: choice(
    "What a worker does whose lease ends because the store is out of reach: stop, or go on though others may run the same.",
    "fence",
    ["fence", "hold"]
  ),
  degradedPreset: choice(
    "How soon a worker calls itself degraded, and how soon that is an alarm: the defaults of degradedAfterMs and recoverAfterMs.",
    "balanced",
    ["conservative", "balanced", "aggressive"]
  ),
  degradedAfterMs: span(
    "How long no write must have been accepted for a worker to call itself degraded.",
    presets(1200, 5000, 8000)
  ),
  recoverAfterMs: span(
    "How long a degraded worker must have been well to call itself connected again.",
    presets(1000, 5000, 10_000)
  )
} satisfies Partial<Table>

const windows = {
  coldStart: choice(
    "What a group does that starts from nothing: wait for the window, or assign at once and again as workers come.",
    "window",
    ["window", "eager"]
  ),
  coldStartWindowMs: span(
    "How long a group that starts from nothing gathers workers before it assigns partitions.",
    presets(1000, 30_000, 30_000),
    fromZero
  ),
  plannedWindowMs: span(
    "How long changes in good order are gathered: workers that join or return, partitions that change.",
    presets(500, 10_000, 10_000),
    fromZero
  ),
  restartWindowMs: span(
    "How long a group waits for its workers when more than restartRatio of them crashed together.",
    presets(1000, 30_000, 30_000),
    fromZero
  ),
  drainWindowMs: span(
    "How long leavers are gathered, so that several that leave together cost one rebalance.",
    presets(100, 1000, 1000),
    fromZero
  ),
  restartRatio: number(
    "Above what part of the workers a crash of several together counts as a restart of the group.",
    "a number above 0 and at most 1",
    0.5,
    (value) => value > 0 && value <= 1
  ),
  minRebalanceIntervalMs: span(
    "The least time between rebalances that answer planned changes; crashes never wait for it.",
    presets(500, 10_000, 10_000),
    fromZero
  ),
  settleAfterMs: orNull(
    span("How long nobody must have come or gone for a window to end early.", everywhere(1000)),
    "never"
  ),
  expectedWorkers: orNull(count("With how many workers a cold start ends early.", 1), "never")
} satisfies Partial<Table>

const handoffs = {
  gatherMs: span(
    "How long the leader gathers acknowledgements before it writes what they permit.",
    everywhere(25),
    fromZero
  ),
  drainTimeoutMs: span(
    "How long a handler may take to finish when its partition is revoked, before it is aborted.",
    presets(1000, 5000, 5000),
    fromZero
  ),
  revokeTimeoutMs: span(
    "How long the leader waits for a living worker to give a partition back before it fences that worker.",
    presets(2000, 10_000, 10_000)
  ),
  startupTimeoutMs: span("How long a start may take before it fails.", presets(15_000, 60_000, 60_000)),
  shutdownTimeoutMs: span(
    "How long a stop may take before the worker goes without having been released.",
    presets(5000, 30_000, 30_000)
  )
} satisfies Partial<Table>

/**
 * One entry for each option.
 *
 * @category models
 * @since 0.1.0
 */
export type Table = { readonly [K in keyof ConfigOptions]: ConfigOption<ConfigOptions[K]> }

/**
 * All options.
 *
 * @category constants
 * @since 0.1.0
 */
export const table: Table = { ...identity, ...leases, ...windows, ...handoffs }

/**
 * The defaults that go with another `degradedPreset` than `balanced`.
 *
 * @category constants
 * @since 0.1.0
 */
export const degradedDefaults: Readonly<
  Record<
    Exclude<ConfigOptions["degradedPreset"], "balanced">,
    Readonly<Record<"degradedAfterMs" | "recoverAfterMs", Defaults<number>>>
  >
> = {
  conservative: { degradedAfterMs: presets(1800, 9000, 14_000), recoverAfterMs: presets(2000, 15_000, 30_000) },
  aggressive: { degradedAfterMs: presets(1000, 4000, 6000), recoverAfterMs: presets(500, 2000, 3000) }
}

/**
 * The names of all options, in the order of the table.
 *
 * @category constants
 * @since 0.1.0
 */
export const names: ReadonlyArray<keyof ConfigOptions> = Record.keys(table)

/**
 * One option in words: what it means, what it takes, its default.
 *
 * **Example**
 *
 * ```ts
 * import { PartiConfig } from "@parti/core"
 *
 * PartiConfig.describe("candidates")
 * // "How many workers watch all others, so as to be ready to lead. Takes a whole number from 1 to 10000. Default: 3."
 * ```
 *
 * @category documentation
 * @since 0.1.0
 */
export const describe = (name: keyof ConfigOptions): string => {
  const { defaults, description, rule } = table[name]
  if (defaults === null) return `${description} Takes ${rule}. Required.`
  const usual = JSON.stringify(defaults.balanced)
  const others = (["development", "production"] as const)
    .filter((preset) => JSON.stringify(defaults[preset]) !== usual)
    .map((preset) => `${preset} ${JSON.stringify(defaults[preset])}`)
  return `${description} Takes ${rule}. Default: ${usual}${others.length === 0 ? "" : ` (${others.join(", ")})`}.`
}
