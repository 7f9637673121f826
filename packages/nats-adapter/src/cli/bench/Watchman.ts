/**
 * Who runs which partition, for as long as nobody does, and whoever waits for that.
 *
 * @since 0.1.0
 */
import type { PartitionContext } from "@parti/core/Parti"
import * as Effect from "effect/Effect"

/**
 * The record of the handlers of a group whose workers are all in this process, by one clock.
 *
 * @category models
 * @since 0.1.0
 */
export interface Watchman {
  /** The handler of a worker: runs until it is told to stop, and then ends at once. */
  readonly handler: (worker: string) => (context: PartitionContext) => Effect.Effect<void>
  /** How many partitions one handler runs, of this worker or of any. */
  readonly running: (worker?: string) => number
  /** Waits until it is so. */
  readonly until: (isSo: () => boolean) => Effect.Effect<void>
  /** For how long partitions were run by nobody between two handlers, in milliseconds; from here on anew. */
  readonly takeGaps: () => ReadonlyArray<number>
}

/**
 * An empty record.
 *
 * @category constructors
 * @since 0.1.0
 */
export const make = (): Watchman => {
  const owners = new Map<string, string>()
  const endedAt = new Map<string, number>()
  const waiting = new Set<() => void>()
  let gaps: Array<number> = []
  const changed = (): void => {
    for (const look of waiting) look()
  }
  const began = (partition: string, worker: string): void => {
    const ended = endedAt.get(partition)
    if (ended !== undefined) gaps.push(performance.now() - ended)
    endedAt.delete(partition)
    owners.set(partition, worker)
    changed()
  }
  const ended = (partition: string): void => {
    endedAt.set(partition, performance.now())
    owners.delete(partition)
    changed()
  }
  return {
    handler:
      (worker) =>
      ({ id }) =>
        Effect.acquireUseRelease(
          Effect.sync(() => began(id, worker)),
          () => Effect.never,
          () => Effect.sync(() => ended(id))
        ),
    running: (worker) =>
      worker === undefined ? owners.size : [...owners.values()].filter((owner) => owner === worker).length,
    until: (isSo) =>
      Effect.callback((resume) => {
        const look = (): void => {
          if (isSo()) resume(Effect.void)
        }
        waiting.add(look)
        look()
        return Effect.sync(() => void waiting.delete(look))
      }),
    takeGaps: () => {
      const taken = gaps
      gaps = []
      return taken
    }
  }
}
