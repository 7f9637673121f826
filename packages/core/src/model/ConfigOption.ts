/**
 * The options of a worker. `ConfigTable` has the same in a form that programs can read.
 *
 * @since 0.1.0
 */

/**
 * A set of defaults that fit each other.
 *
 * - `development`: one machine, quick reactions, short windows.
 * - `balanced`: the default.
 * - `production`: a replicated store whose servers are restarted one after the other.
 *
 * @category models
 * @since 0.1.0
 */
export type Preset = "development" | "balanced" | "production"

/**
 * The names that workers choose from: `prefix-0` up to `prefix-(count - 1)`.
 *
 * @category models
 * @since 0.1.0
 */
export interface WorkerIdPool {
  readonly prefix: string
  readonly count: number
}

/**
 * What is known of one option: enough to check it and to print its documentation.
 *
 * @category models
 * @since 0.1.0
 */
export interface ConfigOption<A> {
  readonly description: string
  readonly unit: "ms" | "count" | "number" | "text" | "choice" | "object"
  /** What a value must be, as the object of "it takes …". */
  readonly rule: string
  readonly accepts: (value: unknown) => boolean
  /** `null`: there is none, the option must be given. */
  readonly defaults: Readonly<Record<Preset, A>> | null
}

/**
 * Every option with its value.
 *
 * @category models
 * @since 0.1.0
 */
export interface ConfigOptions {
  /**
   * The name of the group: its workers share the partitions, and its buckets are named after it. Takes 1 to 64 letters,
   * digits, _ and -, the first a letter or digit. Required.
   */
  readonly group: string
  /**
   * The name of this worker, instead of one of the pool; no other worker may use it. Takes 1 to 64 letters, digits, _
   * and -, the first a letter or digit, or null for one of the pool. Default: null.
   */
  readonly workerId: string | null
  /**
   * The names that workers of this group choose from: prefix-0, prefix-1 and so on. Takes a prefix and a count from 1
   * to 10000 that make names of workers. Default: {"prefix":"worker","count":100}.
   */
  readonly workerIdPool: WorkerIdPool
  /**
   * What this process is called across restarts, so that it claims again the id it bore last: a pod, a host, or empty.
   * Takes at most 256 characters. Default: "".
   */
  readonly instance: string
  /**
   * How much this worker takes on, relative to the others; 0 for nothing as long as others can. Takes a number from 0
   * to 1000000. Default: 1.
   */
  readonly capacity: number
  /**
   * The most partitions this worker may own, whatever its capacity. Takes a whole number from 0 to 1000000, or null for
   * no limit. Default: null.
   */
  readonly maxPartitions: number | null
  /**
   * Where this worker runs, for strategies that spread over zones. Takes 1 to 128 characters, or null for nowhere in
   * particular. Default: null.
   */
  readonly zone: string | null
  /**
   * The version of your software, for people who roll out another: the worker's record tells it, and nobody decides by
   * it. Takes 1 to 64 printable characters, or null for none. Default: null.
   */
  readonly version: string | null
  /**
   * How often a worker renews its lease. An idle worker writes nothing else. Takes a whole number of milliseconds from
   * 1 to 86400000. Default: 2000 (development 500, production 3000).
   */
  readonly heartbeatIntervalMs: number
  /**
   * How long a worker may be silent before others may take its id and its partitions. Takes a whole number of
   * milliseconds from 1 to 300000. Default: 10000 (development 2000, production 15000).
   */
  readonly leaseMs: number
  /**
   * How much earlier a worker gives its lease up than others take it for ended: clock rates may differ by margin /
   * lease. Takes a whole number of milliseconds from 1 to 86400000. Default: 500 (development 100, production 750).
   */
  readonly marginMs: number
  /**
   * How long before their lease ends handlers are told to stop. Takes a whole number of milliseconds from 1 to
   * 86400000. Default: 1000 (development 300, production 1500).
   */
  readonly fenceLeadMs: number
  /**
   * How long a write may go unanswered before its outcome counts as unknown. Takes a whole number of milliseconds from
   * 1 to 86400000. Default: 1500 (development 400, production 2500).
   */
  readonly requestTimeoutMs: number
  /**
   * Over what span candidates spread their attempts when a leader has resigned. Takes a whole number of milliseconds
   * from 0 to 86400000. Default: 100 (development 50, production 200).
   */
  readonly electionJitterMs: number
  /** How many workers watch all others, so as to be ready to lead. Takes a whole number from 1 to 10000. Default: 3. */
  readonly candidates: number
  /**
   * What a worker does whose lease ends because the store is out of reach: stop, or go on though others may run the
   * same. Takes "fence" or "hold". Default: "fence".
   */
  readonly onStoreLoss: "fence" | "hold"
  /**
   * How soon a worker calls itself degraded, and how soon that is an alarm: the defaults of degradedAfterMs and
   * recoverAfterMs. Takes "conservative", "balanced" or "aggressive". Default: "balanced".
   */
  readonly degradedPreset: "conservative" | "balanced" | "aggressive"
  /**
   * How long no write must have been accepted for a worker to call itself degraded. Takes a whole number of
   * milliseconds from 1 to 86400000. Default: 5000 (development 1200, production 8000).
   */
  readonly degradedAfterMs: number
  /**
   * How long a degraded worker must have been well to call itself connected again. Takes a whole number of milliseconds
   * from 1 to 86400000. Default: 5000 (development 1000, production 10000).
   */
  readonly recoverAfterMs: number
  /**
   * What a group does that starts from nothing: wait for the window, or assign at once and again as workers come. Takes
   * "window" or "eager". Default: "window".
   */
  readonly coldStart: "window" | "eager"
  /**
   * How long a group that starts from nothing gathers workers before it assigns partitions. Takes a whole number of
   * milliseconds from 0 to 86400000. Default: 30000 (development 1000).
   */
  readonly coldStartWindowMs: number
  /**
   * How long changes in good order are gathered: workers that join or return, partitions that change. Takes a whole
   * number of milliseconds from 0 to 86400000. Default: 10000 (development 500).
   */
  readonly plannedWindowMs: number
  /**
   * How long a group waits for its workers when more than restartRatio of them crashed together. Takes a whole number
   * of milliseconds from 0 to 86400000. Default: 30000 (development 1000).
   */
  readonly restartWindowMs: number
  /**
   * How long leavers are gathered, so that several that leave together cost one rebalance. Takes a whole number of
   * milliseconds from 0 to 86400000. Default: 1000 (development 100).
   */
  readonly drainWindowMs: number
  /**
   * Above what part of the workers a crash of several together counts as a restart of the group. Takes a number above 0
   * and at most 1. Default: 0.5.
   */
  readonly restartRatio: number
  /**
   * The least time between rebalances that answer planned changes; crashes never wait for it. Takes a whole number of
   * milliseconds from 0 to 86400000. Default: 10000 (development 500).
   */
  readonly minRebalanceIntervalMs: number
  /**
   * How long nobody must have come or gone for a window to end early. Takes a whole number of milliseconds from 1 to
   * 86400000, or null for never. Default: null.
   */
  readonly settleAfterMs: number | null
  /**
   * With how many workers a cold start ends early. Takes a whole number from 1 to 10000, or null for never. Default:
   * null.
   */
  readonly expectedWorkers: number | null
  /**
   * How long the leader gathers acknowledgements before it writes what they permit. Takes a whole number of
   * milliseconds from 0 to 86400000. Default: 25.
   */
  readonly gatherMs: number
  /**
   * How long a handler may take to finish when its partition is revoked, before it is aborted. Takes a whole number of
   * milliseconds from 0 to 86400000. Default: 5000 (development 1000).
   */
  readonly drainTimeoutMs: number
  /**
   * How long the leader waits for a living worker to give a partition back before it fences that worker. Takes a whole
   * number of milliseconds from 1 to 86400000. Default: 10000 (development 2000).
   */
  readonly revokeTimeoutMs: number
  /**
   * How long a start may take before it fails. Takes a whole number of milliseconds from 1 to 86400000. Default: 60000
   * (development 15000).
   */
  readonly startupTimeoutMs: number
  /**
   * How long a stop may take before the worker goes without having been released. Takes a whole number of milliseconds
   * from 1 to 86400000. Default: 30000 (development 5000).
   */
  readonly shutdownTimeoutMs: number
}
