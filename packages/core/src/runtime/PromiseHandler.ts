/**
 * Handlers that return promises.
 *
 * @since 0.1.0
 */
import * as Effect from "effect/Effect"
import { UserCodeFailed } from "./Errors.ts"
import type { OwnedPartition, PartitionContext } from "./OwnedPartition.ts"

/**
 * What a handler is given.
 *
 * @category models
 * @since 0.1.0
 */
export interface HandlerContext extends OwnedPartition {
  /** Aborted when the partition is being given up. The next owner waits until the handler's promise has settled. */
  readonly signal: AbortSignal
  /**
   * Whether the worker's lease holds at this very instant, by its own clock: says no before the signal can, after a pause of
   * the process or a blocked event loop.
   */
  readonly isCurrent: () => boolean
}

/**
 * Runs a handler. When it is interrupted it is told by its signal, and awaited: a promise cannot be cut off.
 *
 * **Example**
 *
 * ```ts
 * import { Parti } from "@parti/core"
 * import { runHandler } from "@parti/core/Worker"
 * import { Effect } from "effect"
 *
 * const program = Effect.gen(function* () {
 *   const { forEachPartition } = yield* Parti.Parti
 *   yield* forEachPartition((context) => runHandler(async ({ id, signal }) => workOn(id, signal), context))
 * })
 * ```
 *
 * @category running
 * @since 0.1.0
 */
export const run = (
  handler: (context: HandlerContext) => unknown,
  { epoch, id, isCurrent, partition, token }: PartitionContext
): Effect.Effect<unknown, UserCodeFailed> =>
  // Between the call and the wait for its promise there must be no step at which the fiber could be interrupted.
  Effect.uninterruptibleMask((restore) =>
    Effect.suspend(() => {
      const controller = new AbortController()
      const { signal } = controller
      const promise = (async () => handler({ partition, id, token, epoch, isCurrent, signal }))()
      // It may reject before the fiber has its next turn, and is waited for all the same.
      promise.catch(() => undefined)
      const settled = Effect.tryPromise({ try: () => promise, catch: (cause) => new UserCodeFailed({ cause }) })
      const abort = Effect.sync(() => controller.abort())
      return Effect.onInterrupt(restore(settled), () => Effect.andThen(abort, afterAbort(settled)))
    })
  )

/** A handler that rejects with what its signal gave it has done as it was told. */
const afterAbort = (settled: Effect.Effect<unknown, UserCodeFailed>): Effect.Effect<unknown> =>
  Effect.catch(settled, (failure) =>
    failure.cause instanceof Error && failure.cause.name === "AbortError" ? Effect.void : Effect.die(failure)
  )
