/**
 * Logs, metrics and spans of a worker: all of them, in one place, and nothing that anybody decides upon.
 *
 * **Details**
 *
 * `MetricTable` has the metrics; `WorkerSignals`, `LeaderSignals` and `Elapsed` derive them from the turns of the loop, as
 * `RebalanceTrace` derives the spans. Log lines carry `group`, `worker`, `state`, `epoch` and `version`.
 *
 * @since 0.1.0
 */
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import type { PartiConfig } from "../model/PartiConfig.ts"
import type { Report } from "../protocol/Report.ts"
import type { NodeView } from "../protocol/View.ts"
import * as Connection from "./Connection.ts"
import * as Elapsed from "./Elapsed.ts"
import type { Problem } from "./Errors.ts"
import type { Turn } from "./EventLoop.ts"
import * as LeaderSignals from "./LeaderSignals.ts"
import * as LoopWatch from "./LoopWatch.ts"
import * as Meter from "./Meter.ts"
import * as RebalanceTrace from "./RebalanceTrace.ts"
import * as Reports from "./Reports.ts"
import * as Signal from "./Signal.ts"
import * as WorkerSignals from "./WorkerSignals.ts"

/**
 * What one worker says of itself.
 *
 * @category models
 * @since 0.1.0
 */
export interface Telemetry {
  /** Tells a turn, and gives back what it shows that somebody has to be told by name. */
  readonly observe: (turn: Turn) => Effect.Effect<Problem | null>
  readonly problem: (problem: Problem) => Effect.Effect<void>
  readonly firstWork: Effect.Effect<void>
  /** The worker has ended: its gauges show nothing any more. */
  readonly end: Effect.Effect<void>
}

/**
 * What telemetry needs to know of its worker.
 *
 * @category models
 * @since 0.1.0
 */
export type TelemetryOptions = Pick<PartiConfig, "group" | "degradedPreset"> &
  Elapsed.ElapsedOptions &
  LoopWatch.LoopWatchOptions

interface Memory {
  readonly meter: Meter.Meter
  readonly group: string
  readonly degradedPreset: PartiConfig["degradedPreset"]
  alert: Connection.AlertLevel
  seen: NodeView | null
}

/**
 * Makes the telemetry of one worker of a group.
 *
 * @category constructors
 * @since 0.1.0
 */
export const make = (options: TelemetryOptions): Effect.Effect<Telemetry, never, Scope.Scope> =>
  Effect.gen(function* () {
    const { degradedPreset, group } = options
    const meter = yield* Meter.make({ group })
    const elapsed = Elapsed.make(options)
    const trace = RebalanceTrace.make(group)
    const watchLoop = yield* LoopWatch.make(options)
    const memory: Memory = { meter, group, degradedPreset, alert: "none", seen: null }
    return {
      observe: (turn) =>
        Effect.suspend(() => {
          // Under the name that it had: a session that is lost takes its name along.
          count(memory, WorkerSignals.lost(turn))
          const renamed = rename(memory, turn)
          memory.seen = turn.after
          const { problem, signals } = watchLoop(turn)
          const told = [
            ...renamed,
            ...WorkerSignals.derive(turn),
            ...LeaderSignals.derive(turn),
            ...elapsed(turn),
            ...alert(memory, turn),
            ...signals
          ]
          const lines = count(memory, told)
          const telling = Effect.andThen(Effect.all(lines, { discard: true }), trace.observe(turn))
          return Effect.as(harmless(telling), problem)
        }),
      problem: (problem) =>
        Effect.suspend(() => {
          const [name, level] = rank(problem)
          meter.update("parti_problems_total", 1, { problem: name })
          return harmless(log(memory, level, problem.message))
        }),
      firstWork: harmless(trace.firstWork),
      end: Effect.sync(() => meter.relabel({ group }))
    }
  })

/** Under another name there is another set of gauges. */
const rename = (memory: Memory, { after, before }: Turn): ReadonlyArray<Signal.Signal> => {
  if (after.workerId === before.workerId) return Signal.none
  memory.meter.relabel(labelsOf(memory.group, after))
  memory.meter.begin("worker", "leader")
  return [
    ...WorkerSignals.standing(before, memory.alert),
    ...alarming.map((problem) => Signal.measured("parti_problems_total", 0, { problem })),
    ...(after.workerId === null ? [] : endings.map((by) => Signal.measured("parti_sessions_lost_total", 0, { by })))
  ]
}

/** What alarms ask for: an increase is only seen of what has been there before. */
const alarming: ReadonlyArray<Problem["_tag"] | Report["_tag"]> = [
  "EventLoopBlocked",
  "HandlerFailed",
  "HandlerStuck",
  "PartitionsRefused",
  "PlanLost",
  "RecordUndecodable",
  "StrategyRefused",
  "WorkerDied",
  "WriteFailed"
]

/** An alarm asks for sessions that are lost again and again, by whatever it was. */
const endings: ReadonlyArray<Extract<Report, { readonly _tag: "SessionLost" }>["by"]> = [
  "Evicted",
  "Fenced",
  "Replaced",
  "Vanished"
]

/** While the store is away, every attempt to write is a turn, so that levels are told when they are reached. */
const alert = (memory: Memory, { after, event }: Turn): ReadonlyArray<Signal.Signal> => {
  const { connection } = after
  // On the node's own clock, on which `since` is told.
  const level = Connection.alertLevel(connection, event.at, memory.degradedPreset)
  if (level === memory.alert) return Signal.none
  memory.alert = level
  return WorkerSignals.alerted(level, connection._tag === "Degraded" ? event.at - connection.since : 0)
}

const labelsOf = (group: string, seen: NodeView | null): Record<string, string> =>
  seen === null || seen.workerId === null ? { group } : { group, worker: seen.workerId }

const log = ({ group, seen }: Memory, level: Signal.LogLevel, message: string) => {
  const annotations = {
    ...labelsOf(group, seen),
    ...(seen === null ? {} : { state: seen.state }),
    ...(seen === null || seen.plan === null ? {} : { epoch: seen.plan.epoch, version: seen.plan.version })
  }
  return Effect.annotateLogs(Effect.logWithLevel(level)(message), annotations)
}

/** Counts at once, without a step of its own for each number, and gives back the lines of the log. */
const count = (memory: Memory, signals: ReadonlyArray<Signal.Signal>): ReadonlyArray<Effect.Effect<void>> => {
  const lines: Array<Effect.Effect<void>> = []
  for (const signal of signals) {
    switch (signal._tag) {
      case "Logged":
        lines.push(log(memory, signal.level, signal.message))
        break
      case "Measured":
        memory.meter.update(signal.metric, signal.value, signal.labels)
    }
  }
  return lines
}

/** A logger of the user's that throws must not end the worker; there is nobody left to tell. */
const harmless = (telling: Effect.Effect<void>): Effect.Effect<void> => Effect.ignoreCause(telling)

const rank = (problem: Problem): readonly [name: string, level: "Warn" | "Error" | "Fatal"] => {
  switch (problem._tag) {
    case "ProblemReported":
      return [problem.report._tag, Reports.describe(problem.report).level]
    case "EventLoopBlocked":
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
