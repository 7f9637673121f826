/**
 * Tells people what a worker does: logs, metrics, spans, and the user's hooks.
 *
 * @since 0.1.0
 */
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import type { WorkerState } from "../protocol/Manager.ts"
import { type Problem, ProblemReported } from "./Errors.ts"
import type { Turn } from "./EventLoop.ts"
import * as Hooks from "./Hooks.ts"
import * as OwnAssignment from "./OwnAssignment.ts"
import * as Telemetry from "./Telemetry.ts"

/**
 * What tells people of one worker.
 *
 * @category models
 * @since 0.1.0
 */
export interface Reporter {
  readonly problem: (problem: Problem) => Effect.Effect<void>
  readonly observe: (turn: Turn, assignment: OwnAssignment.Assignment) => Effect.Effect<void>
  /** A handler has done its first piece of work on a partition. */
  readonly firstWork: Effect.Effect<void>
  /** The worker has ended, however it did. */
  readonly end: Effect.Effect<void>
  /** Waits until all of it was told. */
  readonly finish: Effect.Effect<void>
}

/**
 * Makes the reporter of one worker.
 *
 * @category constructors
 * @since 0.1.0
 */
export const make = (
  options: Telemetry.TelemetryOptions,
  hooks: Hooks.Hooks
): Effect.Effect<Reporter, never, Scope.Scope> =>
  Effect.gen(function* () {
    const telemetry = yield* Telemetry.make(options)
    const problem = (arisen: Problem): Effect.Effect<void> => {
      // A hook for errors that fails is not told of its own failure.
      const isOwn = arisen._tag === "HookFailed" && arisen.hook === "onError"
      const told = isOwn ? Effect.void : caller.tell({ _tag: "ProblemArisen", problem: arisen })
      return Effect.andThen(telemetry.problem(arisen), told)
    }
    const caller: Hooks.Caller = yield* Hooks.make(hooks, problem)
    const news = newsFor(caller)
    const observe = (turn: Turn, assignment: OwnAssignment.Assignment) =>
      Effect.gen(function* () {
        const arisen = yield* telemetry.observe(turn)
        if (arisen !== null) yield* problem(arisen)
        yield* news(turn.after.entered, turn.after.isLeader, assignment)
        for (const command of turn.commands) {
          if (command._tag === "Report") yield* problem(new ProblemReported({ report: command.report }))
        }
      })
    return {
      problem,
      observe,
      firstWork: telemetry.firstWork,
      end: Effect.andThen(
        telemetry.end,
        Effect.suspend(() => news(["Shutdown"], false, OwnAssignment.none))
      ),
      finish: caller.finish
    }
  })

/** Tells the hooks what is new since they were told last. */
const newsFor = (caller: Hooks.Caller) => {
  const told: { state: WorkerState; isLeader: boolean; assignment: OwnAssignment.Assignment } = {
    state: "Init",
    isLeader: false,
    assignment: OwnAssignment.none
  }
  return (entered: ReadonlyArray<WorkerState>, isLeader: boolean, assignment: OwnAssignment.Assignment) => {
    const isNothingNew = entered.length === 0 && isLeader === told.isLeader && assignment === told.assignment
    if (isNothingNew) return Effect.void
    return Effect.gen(function* () {
      for (const to of entered) {
        if (to !== told.state) yield* caller.tell({ _tag: "StateChanged", from: told.state, to })
        told.state = to
      }
      if (isLeader !== told.isLeader) yield* caller.tell({ _tag: "LeaderChanged", isLeader })
      told.isLeader = isLeader
      if (assignment !== told.assignment) yield* caller.tell({ _tag: "AssignmentChanged", assignment })
      told.assignment = assignment
    })
  }
}
