/**
 * Every metric there is: what it is called, what it counts, in which unit, and by which labels.
 *
 * @since 0.1.0
 */
import * as Metric from "effect/Metric"

/**
 * Who emits a metric, and with which labels besides its own.
 *
 * - `worker`: every worker, with `group` and `worker` (once it has a name).
 * - `leader`: the same, from the worker that leads; the others show 0 or nothing.
 * - `consumption`: whoever consumes a stream, with `stream` and `consumption`.
 *
 * @category models
 * @since 0.1.0
 */
export type MetricScope = "worker" | "leader" | "consumption"

/**
 * One metric. No label has more values than there are workers, states or reasons: never one for each partition.
 *
 * @category models
 * @since 0.1.0
 */
export interface MetricEntry {
  readonly kind: "counter" | "gauge" | "histogram"
  readonly unit: "1" | "s" | "partitions" | "workers" | "messages" | "plans"
  readonly scope: MetricScope
  readonly labels: ReadonlyArray<string>
  readonly description: string
}

type Unit = MetricEntry["unit"]

const of =
  <Scope extends MetricScope, Kind extends MetricEntry["kind"]>(scope: Scope, kind: Kind) =>
  <const Labels extends ReadonlyArray<string>>(unit: Unit, description: string, labels: Labels) => ({
    scope,
    kind,
    unit,
    description,
    labels
  })

const worker = {
  counts: of("worker", "counter"),
  shows: of("worker", "gauge"),
  measures: of("worker", "histogram")
}

const leader = {
  counts: of("leader", "counter"),
  shows: of("leader", "gauge"),
  measures: of("leader", "histogram")
}

const consumption = {
  counts: of("consumption", "counter"),
  shows: of("consumption", "gauge"),
  measures: of("consumption", "histogram")
}

/** The worker itself: its state, its lease, what it runs. */
const ofWorkers = {
  parti_worker_state: worker.shows("1", "1 for the state that the worker is in, 0 for those it has left", ["state"]),
  parti_state_transitions_total: worker.counts("1", "Changes of the worker's state", ["from", "to"]),
  parti_state_seconds_total: worker.counts("s", "Time spent in each state", ["state"]),
  parti_sessions_total: worker.counts("1", "Worker ids that were claimed: one for each session", []),
  parti_sessions_lost_total: worker.counts("1", "Sessions that somebody else has ended", ["by"]),
  parti_suspensions_total: worker.counts("1", "Times that handlers were stopped since the lease was ending", []),
  parti_lease_age_seconds: worker.measures("s", "How old the lease had become when it was renewed", []),
  parti_partitions_owned: worker.shows("partitions", "Partitions that run here", []),
  parti_partitions_ending: worker.shows("partitions", "Partitions that were told to stop and have not ended", []),
  parti_partitions_started_total: worker.counts("partitions", "Partitions that were started here", []),
  parti_partitions_stopped_total: worker.counts("partitions", "Partitions that were told to stop", ["reason"]),
  parti_plans_followed_total: worker.counts("plans", "Plans that the worker has seen", []),
  parti_plans_behind: worker.shows("plans", "Plans seen since all that had to end here had ended", []),
  parti_events_ignored_total: worker.counts("1", "Facts that changed nothing", ["reason"]),
  parti_problems_total: worker.counts("1", "What the onError hook was told", ["problem"]),
  parti_event_loop_delay_seconds: worker.measures("s", "The longest delay of the event loop in each heartbeat", [])
} as const

/** How the store answers this worker. */
const ofTheStore = {
  parti_writes_total: worker.counts("1", "Answers to writes: Accepted, Conflict, NotApplied, Unknown", [
    "purpose",
    "outcome"
  ]),
  parti_store_latency_seconds: worker.measures("s", "From the order of a write to its answer", ["operation"]),
  parti_degraded: worker.shows("1", "1 while the store does not accept writes", []),
  parti_degraded_seconds_total: worker.counts("s", "Time for which the store has not accepted writes", []),
  parti_alert_level: worker.shows("1", "How urgent that is: 0 not at all, 1 info, 2 warn, 3 error, 4 critical", [])
} as const

/** The group, as its leader sees it. */
const ofLeaders = {
  parti_is_leader: leader.shows("1", "1 while this worker leads", []),
  parti_phase: leader.shows("1", "1 for the phase that the group is in, 0 for those it has left", ["phase"]),
  parti_phase_seconds_total: leader.counts("s", "Time spent in each phase", ["phase"]),
  parti_workers: leader.shows("workers", "Members of the group", []),
  parti_partitions: leader.shows("partitions", "Partitions of the group", []),
  parti_partitions_unowned: leader.shows("partitions", "Partitions that nobody may run", []),
  parti_unowned_partition_seconds_total: leader.counts(
    "s",
    "Time without an owner, over all partitions that the plan lists; those of a crashed worker count from its last sign of life",
    []
  ),
  parti_windows_total: leader.counts("1", "Windows that were opened", ["reason"]),
  parti_rebalances_total: leader.counts("1", "Rebalances that were begun", ["reason"]),
  parti_rebalance_duration_seconds: leader.measures("s", "From the target to its last grant", ["reason"]),
  parti_rebalance_moved_total: leader.counts("1", "What rebalances moved: partitions, or weight where they differ", []),
  parti_rebalance_minimum_total: leader.counts("1", "The least that would have had to move for the same balance", []),
  parti_move_ratio: leader.shows("1", "Moved ÷ minimum of the last rebalance; 1 is the best there is", []),
  parti_imbalance_ratio: leader.shows("1", "The heaviest load ÷ the mean load of the members; 1 is even", []),
  parti_grants_total: leader.counts("partitions", "Partitions that were granted to a new owner", ["reason"]),
  parti_moves_total: leader.counts("partitions", "Those of them that another worker had owned before", ["reason"]),
  parti_handoff_duration_seconds: leader.measures("s", "From the plan that takes a partition away to its grant", []),
  parti_evictions_total: leader.counts("1", "Silent workers that were declared crashed", []),
  parti_fences_total: leader.counts("1", "Living workers that were fenced since they did not acknowledge", [])
} as const

/** The messages of a stream, in the process that handles them. */
const ofConsumptions = {
  parti_messages_handled_total: consumption.counts("messages", "Messages whose handler succeeded", []),
  parti_message_failures_total: consumption.counts("messages", "Attempts at messages that failed", []),
  parti_messages_redelivered_total: consumption.counts("messages", "Messages that the server delivered once more", []),
  parti_messages_dead_lettered_total: consumption.counts("messages", "Messages given up and stored elsewhere", []),
  parti_messages_discarded_total: consumption.counts("messages", "Messages given up, with nowhere to store them", []),
  parti_messages_in_flight: consumption.shows("messages", "Messages fetched and not acknowledged", []),
  parti_message_handler_duration_seconds: consumption.measures("s", "One attempt of the handler", ["outcome"]),
  parti_message_ack_latency_seconds: consumption.measures("s", "From a message's arrival to its acknowledgement", []),
  parti_consumers_made_total: consumption.counts("1", "Consumers that were made for partitions", []),
  parti_consumer_runs_ended_total: consumption.counts("1", "Runs of consumers that have ended", ["ending"]),
  parti_consumer_lag: consumption.shows("messages", "Messages that wait on the server, as of the last deliveries", [])
} as const

/**
 * The table itself, by name.
 *
 * @category constants
 * @since 0.1.0
 */
export const table = { ...ofWorkers, ...ofTheStore, ...ofLeaders, ...ofConsumptions } as const

/**
 * The name of a metric.
 *
 * @category models
 * @since 0.1.0
 */
export type MetricName = keyof typeof table

/**
 * The values of a metric's own labels.
 *
 * @category models
 * @since 0.1.0
 */
export type LabelsOf<Name extends MetricName> = Readonly<Record<(typeof table)[Name]["labels"][number], string>>

/**
 * A row of the table.
 *
 * @category getters
 * @since 0.1.0
 */
export const entryOf = (name: MetricName): MetricEntry => table[name]

/**
 * All names, in the order of the table.
 *
 * @category getters
 * @since 0.1.0
 */
export const names: ReadonlyArray<MetricName> = Object.keys(table).filter((name): name is MetricName => name in table)

/** From a millisecond to more than two minutes: each bucket reaches twice as far as the one before. */
const boundaries = Metric.exponentialBoundaries({ start: 0.001, factor: 2, count: 18 })

/**
 * Makes one time series of a metric.
 *
 * @category constructors
 * @since 0.1.0
 */
export const series = (name: MetricName, labels: Readonly<Record<string, string>>): Metric.Metric<number, unknown> => {
  const { description, kind, unit } = entryOf(name)
  // Exporters take the unit from this attribute; it is no label.
  const options = { description, attributes: { ...labels, unit } }
  switch (kind) {
    case "counter":
      return Metric.counter(name, { ...options, incremental: true })
    case "gauge":
      return Metric.gauge(name, options)
    case "histogram":
      return Metric.histogram(name, { ...options, boundaries })
  }
}
