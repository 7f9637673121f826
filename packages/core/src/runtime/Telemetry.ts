/**
 * Logs, metrics and spans of a worker: all of them, in one place, and nothing that anybody decides upon.
 *
 * **Table** Metrics; each has the attribute `group`, and `worker` once the worker has an id.
 *
 * | name | kind | attributes | counts |
 * | --- | --- | --- | --- |
 * | `parti_writes_total` | counter | `purpose`, `outcome` | answers: Accepted, Conflict, NotApplied, Unknown |
 * | `parti_events_ignored_total` | counter | `reason` | facts that changed nothing |
 * | `parti_state_transitions_total` | counter | `from`, `to` | changes of the worker's state |
 * | `parti_rebalances_total` | counter | `reason` | rebalances that this worker led |
 * | `parti_moves_total` | counter | – | partitions that this worker, leading, granted to a new owner |
 * | `parti_evictions_total` | counter | – | silent workers that this worker, leading, declared crashed |
 * | `parti_problems_total` | counter | `problem` | what the `onError` hook was told |
 * | `parti_partitions_owned` | gauge | – | partitions that run here |
 * | `parti_partitions_unowned` | gauge | – | partitions of the group that nobody may run |
 * | `parti_is_leader` | gauge | – | 1 while this worker leads |
 * | `parti_degraded` | gauge | – | 1 while the store does not accept writes |
 * | `parti_alert_level` | gauge | – | how urgent that is: 0 not at all, 1 info, 2 warn, 3 error, 4 critical |
 * | `parti_handoff_duration_ms` | histogram | – | from the plan that takes a partition away to its grant |
 *
 * One span `parti.rebalance` (attributes `group`, `reason`) covers each rebalance at its leader. Log lines carry
 * `group`, `worker`, `state`, `epoch` and `version`.
 *
 * @since 0.1.0
 */
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Metric from "effect/Metric"
import type * as Tracer from "effect/Tracer"
import type { PartiConfig } from "../model/PartiConfig.ts"
import * as Partition from "../model/Partition.ts"
import { nobody, type Plan } from "../model/Plan.ts"
import type { NodeView } from "../protocol/View.ts"
import * as Connection from "./Connection.ts"
import type { Problem } from "./Errors.ts"
import type { Turn } from "./EventLoop.ts"
import * as Reports from "./Reports.ts"
import * as Signal from "./Signal.ts"

/**
 * What one worker says of itself.
 *
 * @category models
 * @since 0.1.0
 */
export interface Telemetry {
  readonly observe: (turn: Turn) => Effect.Effect<void>
  readonly problem: (problem: Problem) => Effect.Effect<void>
}

const handoffDuration = Metric.histogram("parti_handoff_duration_ms", {
  description: "From the plan that takes a partition away to its grant",
  boundaries: Metric.exponentialBoundaries({ start: 1, factor: 2, count: 18 })
})

/**
 * What telemetry needs to know of its worker.
 *
 * @category models
 * @since 0.1.0
 */
export type TelemetryOptions = Pick<PartiConfig, "group" | "degradedPreset">

/**
 * Makes the telemetry of one worker of a group.
 *
 * @category constructors
 * @since 0.1.0
 */
export const make = ({ degradedPreset, group }: TelemetryOptions): Telemetry => {
  const memory: Memory = { group, degradedPreset, alert: "none", seen: null, span: null, handoffs: new Map() }
  return {
    observe: (turn) =>
      Effect.suspend(() => {
        memory.seen = turn.after
        const signals = [...Signal.derive(turn), ...alert(memory, turn)]
        const told = Effect.forEach(signals, (signal) => emit(memory, signal), { discard: true })
        return harmless(Effect.andThen(told, measureHandoffs(memory, turn)))
      }),
    problem: (problem) =>
      Effect.suspend(() => {
        const [name, level] = rank(problem)
        const counted = count(memory, "parti_problems_total", { problem: name }, 1)
        return harmless(Effect.andThen(log(memory, level, problem.message), counted))
      })
  }
}

/** While the store is away, every attempt to write is a turn, so that levels are told when they are reached. */
const alert = (memory: Memory, { after, event }: Turn): ReadonlyArray<Signal.Signal> => {
  const { connection } = after
  // On the node's own clock, on which `since` is told.
  const level = Connection.alertLevel(connection, event.at, memory.degradedPreset)
  if (level === memory.alert) return []
  memory.alert = level
  return Signal.alerted(level, connection._tag === "Degraded" ? event.at - connection.since : 0)
}

interface Memory extends TelemetryOptions {
  alert: Connection.AlertLevel
  seen: NodeView | null
  span: Tracer.Span | null
  /** Since when each partition is on its way. */
  readonly handoffs: Map<Partition.PartitionId, number>
}

const labels = ({ group, seen }: Memory): Record<string, string> =>
  seen === null || seen.workerId === null ? { group } : { group, worker: seen.workerId }

const log = (memory: Memory, level: "Debug" | "Info" | "Warn" | "Error" | "Fatal", message: string) => {
  const { seen } = memory
  const annotations = {
    ...labels(memory),
    ...(seen === null ? {} : { state: seen.state }),
    ...(seen === null || seen.plan === null ? {} : { epoch: seen.plan.epoch, version: seen.plan.version })
  }
  return Effect.annotateLogs(Effect.logWithLevel(level)(message), annotations)
}

const count = (
  memory: Memory,
  metric: Signal.CounterName,
  attributes: Readonly<Record<string, string>>,
  by: number
): Effect.Effect<void> =>
  Metric.update(Metric.counter(metric, { incremental: true, attributes: { ...labels(memory), ...attributes } }), by)

const emit = (memory: Memory, signal: Signal.Signal): Effect.Effect<void> => {
  switch (signal._tag) {
    case "Logged":
      return log(memory, signal.level, signal.message)
    case "Counted":
      return count(memory, signal.metric, signal.attributes, signal.by)
    case "Gauged":
      return Metric.update(Metric.gauge(signal.metric, { attributes: labels(memory) }), signal.value)
    case "RebalanceBegan":
      return Effect.map(
        Effect.makeSpan("parti.rebalance", { root: true, attributes: { ...labels(memory), reason: signal.reason } }),
        (span) => {
          memory.span = span
        }
      )
    case "RebalanceEnded":
      return Effect.map(Clock.currentTimeNanos, (now) => {
        memory.span?.end(now, Exit.void)
        memory.span = null
      })
  }
}

const measureHandoffs = (memory: Memory, { after, before, event }: Turn): Effect.Effect<void> => {
  if (after.plan === before.plan) return Effect.void
  if (!after.isLeader || after.plan === null) {
    memory.handoffs.clear()
    return Effect.void
  }
  const durations = settle(memory.handoffs, after.plan, event.at)
  const metric = Metric.withAttributes(handoffDuration, labels(memory))
  return Effect.forEach(durations, (ms) => Metric.update(metric, ms), { discard: true })
}

/** A logger of the user's that throws must not end the worker; there is nobody left to tell. */
const harmless = (telling: Effect.Effect<void>): Effect.Effect<void> => Effect.ignoreCause(telling)

const rank = (problem: Problem): readonly [name: string, level: "Warn" | "Error" | "Fatal"] => {
  switch (problem._tag) {
    case "ProblemReported":
      return [problem.report._tag, Reports.describe(problem.report).level]
    case "WatchFailed":
      return [problem._tag, "Warn"]
    case "WorkerDied":
      return [problem._tag, "Fatal"]
    case "HandlerFailed":
    case "HookFailed":
    case "WriteFailed":
      return [problem._tag, "Error"]
  }
}

/** Notes since when each partition is on its way, and takes out how long those took that have arrived. */
const settle = (handoffs: Map<Partition.PartitionId, number>, plan: Plan, at: number): ReadonlyArray<number> => {
  const { ids } = Partition.index(plan.list.partitions)
  const durations: Array<number> = []
  plan.owner.forEach((owner, place) => {
    const id = ids[place]
    if (id === undefined) return
    const since = handoffs.get(id)
    const isOut = owner !== nobody && plan.next[place] !== owner
    if (isOut && since === undefined) handoffs.set(id, at)
    if (isOut || since === undefined) return
    handoffs.delete(id)
    durations.push(at - since)
  })
  return durations
}
