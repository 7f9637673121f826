/**
 * One run of a handler: started again when it fails, and brought to its end.
 *
 * @since 0.1.0
 */
import * as Cause from "effect/Cause"
import * as Clock from "effect/Clock"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Option from "effect/Option"
import * as Random from "effect/Random"
import type { Version } from "../model/Epoch.ts"
import type { PartitionId } from "../model/Partition.ts"
import type { StopReason } from "../protocol/Command.ts"
import { HandlerFailed, type Problem, ProblemReported } from "./Errors.ts"
import type { OwnedPartition, PartitionContext } from "./OwnedPartition.ts"
import { FirstWork } from "./RebalanceTrace.ts"

/**
 * What the handlers need from the worker they belong to.
 *
 * @category models
 * @since 0.1.0
 */
export interface Host {
  readonly drainTimeoutMs: number
  readonly fenceLeadMs: number
  /** Whether handlers may run at this very instant. */
  readonly isCurrent: () => boolean
  readonly ended: (partition: PartitionId, token: Version) => Effect.Effect<void>
  readonly problem: (problem: Problem) => Effect.Effect<void>
  /** Called after a stuck handler was reported. */
  readonly stuck: Effect.Effect<void>
  /** What a handler may run when it has done its first piece of work. */
  readonly firstWork: Effect.Effect<void>
}

/**
 * A handler that somebody has registered, with all that it needs.
 *
 * @category models
 * @since 0.1.0
 */
export interface Registration {
  readonly run: (context: PartitionContext) => Effect.Effect<unknown, unknown>
  readonly drains: boolean
}

/**
 * A handler at work on one partition. `revoked` completes when it is told to stop.
 *
 * @category models
 * @since 0.1.0
 */
export interface Run {
  readonly registration: Registration
  readonly revoked: Deferred.Deferred<StopReason>
  readonly fiber: Fiber.Fiber<void, unknown>
}

const firstRetryMs = 100
const longestRetryMs = 30_000

/**
 * Runs a handler again and again until it is told to stop; fails only if it fails after that.
 *
 * @category running
 * @since 0.1.0
 */
export const supervise = (
  host: Host,
  registration: Registration,
  owned: OwnedPartition,
  revoked: Deferred.Deferred<StopReason>
): Effect.Effect<void, unknown> =>
  Effect.gen(function* () {
    const context = { ...owned, isCurrent: host.isCurrent, revoked: Deferred.await(revoked) }
    for (let attempt = 1; !Deferred.isDoneUnsafe(revoked); attempt++) {
      const startedAt = yield* Clock.monotonicTimeNanos
      const exit = yield* Effect.exit(Effect.provideService(registration.run(context), FirstWork, host.firstWork))
      if (Deferred.isDoneUnsafe(revoked)) {
        yield* exit
        return
      }
      const ranMs = Number((yield* Clock.monotonicTimeNanos) - startedAt) / 1e6
      if (ranMs >= longestRetryMs) attempt = 1
      const delayMs = Math.min(longestRetryMs, firstRetryMs * 2 ** (attempt - 1))
      const retryInMs = Math.round(delayMs * (0.8 + 0.4 * (yield* Random.next)))
      const cause = Exit.isFailure(exit) ? exit.cause : Cause.empty
      yield* host.problem(new HandlerFailed({ partition: owned.id, retryInMs, cause }))
      yield* Effect.timeoutOption(context.revoked, retryInMs)
    }
  })

/**
 * Tells every run of a partition to stop, and waits until all have ended. `urged` completes when there is less time
 * left than was thought, with the reason.
 *
 * @category running
 * @since 0.1.0
 */
export const settle = (
  host: Host,
  owned: OwnedPartition,
  runs: ReadonlyArray<Run>,
  reason: StopReason,
  urged: Deferred.Deferred<StopReason>
): Effect.Effect<void> =>
  Effect.gen(function* () {
    const allEnded = Fiber.awaitAll(runs.map(({ fiber }) => fiber))
    const graceMs = runs.some(({ registration }) => registration.drains) ? drainMs(host, reason) : 0
    for (const { fiber, registration, revoked } of runs) {
      yield* Deferred.succeed(revoked, reason)
      if (!registration.drains || graceMs === 0) fiber.interruptUnsafe()
    }
    const urgently = Effect.flatMap(Deferred.await(urged), (more) =>
      Effect.timeoutOption(allEnded, drainMs(host, more))
    )
    if (graceMs > 0) yield* Effect.raceFirst(Effect.timeoutOption(allEnded, graceMs), urgently)
    for (const { fiber } of runs) fiber.interruptUnsafe()
    const forMs = graceMs + patienceMs(host, reason, graceMs)
    const inTime = yield* Effect.timeoutOption(allEnded, forMs - graceMs)
    if (Option.isNone(inTime)) {
      yield* host.problem(new ProblemReported({ report: { _tag: "HandlerStuck", partition: owned.id, forMs } }))
      yield* host.stuck
    }
    for (const exit of yield* allEnded) {
      if (Exit.isSuccess(exit) || Cause.hasInterruptsOnly(exit.cause)) continue
      yield* host.problem(new HandlerFailed({ partition: owned.id, retryInMs: null, cause: exit.cause }))
    }
  })

/** How long a handler that drains may take before it is interrupted. */
const drainMs = (host: Host, reason: StopReason): number => {
  switch (reason) {
    case "Revoked":
    case "Stopping":
      return host.drainTimeoutMs
    case "LeaseEnding":
      // What is left of the lease belongs to finalizers.
      return host.fenceLeadMs / 2
    case "LeaseLost":
      return 0
  }
}

/** How long finalizers may take after the interruption before somebody is told. */
const patienceMs = (host: Host, reason: StopReason, graceMs: number): number => {
  switch (reason) {
    case "Revoked":
    case "Stopping":
      return graceMs === 0 ? host.drainTimeoutMs : host.fenceLeadMs
    case "LeaseEnding":
    case "LeaseLost":
      return host.fenceLeadMs - graceMs
  }
}
