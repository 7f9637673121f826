/**
 * The relations between options. Each option alone may be in order, and the whole still be unsafe or absurd.
 *
 * @since 0.1.0
 */
import type { ConfigOptions } from "./ConfigOption.ts"
import * as ConfigTable from "./ConfigTable.ts"

/** A change that makes a relation hold. */
interface Cure {
  readonly option: keyof ConfigOptions
  readonly to: number
}

/**
 * A relation between options.
 *
 * @category models
 * @since 0.1.0
 */
export interface ConfigRule {
  readonly id: string
  /** The relation, in the names of its options. */
  readonly states: string
  /** What goes wrong otherwise. */
  readonly because: string
  readonly holds: (options: ConfigOptions) => boolean
  /** The least change of one option; `or` names another way. */
  readonly cure: (options: ConfigOptions) => Cure
  readonly or: string
}

/** What remains of a lease when a heartbeat has been missed. */
const slackMs = ({ heartbeatIntervalMs, leaseMs, marginMs }: ConfigOptions): number =>
  leaseMs - marginMs - heartbeatIntervalMs

const longestWindowMs = ({ coldStartWindowMs, plannedWindowMs, restartWindowMs }: ConfigOptions): number =>
  Math.max(coldStartWindowMs, plannedWindowMs, restartWindowMs)

const leaseRules: ReadonlyArray<ConfigRule> = [
  {
    id: "C1",
    states: "heartbeatIntervalMs × 2 ≤ leaseMs − marginMs",
    because: "a single lost heartbeat would cost the lease",
    holds: (o) => o.heartbeatIntervalMs * 2 <= o.leaseMs - o.marginMs,
    cure: (o) => ({ option: "leaseMs", to: o.heartbeatIntervalMs * 2 + o.marginMs }),
    or: "lower heartbeatIntervalMs"
  },
  {
    id: "C2",
    states: "fenceLeadMs < leaseMs − marginMs − heartbeatIntervalMs",
    because: "one late heartbeat would stop all handlers",
    holds: (o) => o.fenceLeadMs < slackMs(o),
    cure: (o) => ({ option: "leaseMs", to: o.fenceLeadMs + o.marginMs + o.heartbeatIntervalMs + 1 }),
    or: "lower fenceLeadMs"
  },
  {
    id: "C3",
    states: "requestTimeoutMs < leaseMs − marginMs − heartbeatIntervalMs",
    because: "one unanswered heartbeat would leave no time for another",
    holds: (o) => o.requestTimeoutMs < slackMs(o),
    cure: (o) => ({ option: "leaseMs", to: o.requestTimeoutMs + o.marginMs + o.heartbeatIntervalMs + 1 }),
    or: "lower requestTimeoutMs"
  },
  {
    id: "C4",
    states: "leaseMs ≤ marginMs × 100",
    because: "clocks whose rates differ by one part in a hundred could let two workers run one partition",
    holds: (o) => o.leaseMs <= o.marginMs * 100,
    cure: (o) => ({ option: "marginMs", to: Math.ceil(o.leaseMs / 100) }),
    or: "lower leaseMs"
  },
  {
    id: "C5",
    states: "electionJitterMs ≤ heartbeatIntervalMs",
    because: "a group whose leader has resigned would do without one for longer than it need",
    holds: (o) => o.electionJitterMs <= o.heartbeatIntervalMs,
    cure: (o) => ({ option: "electionJitterMs", to: o.heartbeatIntervalMs }),
    or: "raise heartbeatIntervalMs"
  },
  {
    id: "C6",
    states: "heartbeatIntervalMs + requestTimeoutMs < degradedAfterMs",
    because: "one unanswered heartbeat would count as a lost store",
    holds: (o) => o.heartbeatIntervalMs + o.requestTimeoutMs < o.degradedAfterMs,
    cure: (o) => ({ option: "degradedAfterMs", to: o.heartbeatIntervalMs + o.requestTimeoutMs + 1 }),
    or: "lower requestTimeoutMs"
  },
  {
    id: "C7",
    states: "degradedAfterMs < leaseMs − marginMs",
    because: "a worker would stop its handlers before it has said what is wrong",
    holds: (o) => o.degradedAfterMs < o.leaseMs - o.marginMs,
    cure: (o) => ({ option: "leaseMs", to: o.degradedAfterMs + o.marginMs + 1 }),
    or: "lower degradedAfterMs"
  },
  {
    id: "C8",
    states: "heartbeatIntervalMs ≤ recoverAfterMs",
    because: "a worker would call itself well again before a single heartbeat was accepted",
    holds: (o) => o.heartbeatIntervalMs <= o.recoverAfterMs,
    cure: (o) => ({ option: "recoverAfterMs", to: o.heartbeatIntervalMs }),
    or: "lower heartbeatIntervalMs"
  }
]

const rebalanceRules: ReadonlyArray<ConfigRule> = [
  {
    id: "C9",
    states: "drainTimeoutMs + fenceLeadMs < revokeTimeoutMs",
    because: "a worker that is still within its drain would be fenced",
    holds: (o) => o.drainTimeoutMs + o.fenceLeadMs < o.revokeTimeoutMs,
    cure: (o) => ({ option: "revokeTimeoutMs", to: o.drainTimeoutMs + o.fenceLeadMs + 1 }),
    or: "lower drainTimeoutMs"
  },
  {
    id: "C10",
    states: "gatherMs < revokeTimeoutMs",
    because: "workers that have acknowledged would be taken for workers that do not",
    holds: (o) => o.gatherMs < o.revokeTimeoutMs,
    cure: (o) => ({ option: "revokeTimeoutMs", to: o.gatherMs + 1 }),
    or: "lower gatherMs"
  },
  {
    id: "C11",
    states: "settleAfterMs ≤ the longest of coldStartWindowMs, plannedWindowMs and restartWindowMs",
    because: "no window would ever end early",
    holds: (o) => o.settleAfterMs === null || o.settleAfterMs <= longestWindowMs(o),
    cure: (o) => ({ option: "coldStartWindowMs", to: o.settleAfterMs ?? 0 }),
    or: "lower settleAfterMs, or leave it out"
  },
  {
    id: "C12",
    states: "expectedWorkers ≤ the count of workerIdPool, unless workerId is given",
    because: "so many workers would never be there, and each cold start would take its whole window",
    holds: (o) => o.expectedWorkers === null || o.workerId !== null || o.expectedWorkers <= o.workerIdPool.count,
    cure: (o) => ({ option: "expectedWorkers", to: o.workerIdPool.count }),
    or: "raise the count of workerIdPool"
  }
]

const lifecycleRules: ReadonlyArray<ConfigRule> = [
  {
    id: "C13",
    states: "leaseMs + marginMs < startupTimeoutMs",
    because: "a worker that comes back after a crash would give up before its old lease has ended",
    holds: (o) => o.leaseMs + o.marginMs < o.startupTimeoutMs,
    cure: (o) => ({ option: "startupTimeoutMs", to: o.leaseMs + o.marginMs + 1 }),
    or: "lower leaseMs"
  },
  {
    id: "C14",
    states: "drainWindowMs + drainTimeoutMs < shutdownTimeoutMs",
    because: "a worker that leaves would go before its partitions have",
    holds: (o) => o.drainWindowMs + o.drainTimeoutMs < o.shutdownTimeoutMs,
    cure: (o) => ({ option: "shutdownTimeoutMs", to: o.drainWindowMs + o.drainTimeoutMs + 1 }),
    or: "lower drainTimeoutMs"
  }
]

/**
 * All relations, in the order in which they are reported.
 *
 * @category constants
 * @since 0.1.0
 */
export const rules: ReadonlyArray<ConfigRule> = [...leaseRules, ...rebalanceRules, ...lifecycleRules]

/**
 * The options that a relation is about.
 *
 * @category getters
 * @since 0.1.0
 */
export const optionsOf = (rule: ConfigRule): ReadonlyArray<keyof ConfigOptions> => {
  const words = rule.states.split(/\W+/)
  return ConfigTable.names.filter((name) => words.includes(name))
}

/**
 * What to tell somebody whose options break a relation: the relation, the values, what goes wrong, what to change.
 *
 * @category formatting
 * @since 0.1.0
 */
export const explain = (rule: ConfigRule, options: ConfigOptions): string => {
  const values = optionsOf(rule).map((name) => `${name} is ${JSON.stringify(options[name])}`)
  const { option, to } = rule.cure(options)
  const current = options[option]
  const verb = typeof current === "number" && current > to ? "lower" : "raise"
  return `${rule.id}: ${rule.states}; but ${values.join(", ")}: ${rule.because}; ${verb} ${option} to ${to}, or ${rule.or}`
}
