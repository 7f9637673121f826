/**
 * What a worker process is told when it is started.
 *
 * @since 0.1.0
 */
import type { WorkerOptions } from "@parti/nats-adapter/Worker"

/**
 * All that it needs to know; its argument has this as JSON.
 *
 * - `handlerMs`: how long it works on a message. `heedsSignal`: whether it gives that up when it is told to. `sinkPort`: where
 *   its effects go. `workers`: how many workers the process has, where it can have several.
 *
 * @category models
 * @since 0.1.0
 */
export interface WorkerSettings {
  readonly servers: ReadonlyArray<string>
  readonly group: string
  readonly stream: string
  readonly partitions: number
  readonly config: NonNullable<WorkerOptions["config"]>
  readonly buckets: NonNullable<WorkerOptions["buckets"]>
  readonly handlerMs: number
  readonly heedsSignal: boolean
  readonly sinkPort: number
  readonly workers: number
}

/**
 * The ids of so many partitions.
 *
 * @category getters
 * @since 0.1.0
 */
export const partitionIds = (count: number): ReadonlyArray<string> => Array.from({ length: count }, (_, i) => `p${i}`)

/**
 * The subject of a partition's messages.
 *
 * @category getters
 * @since 0.1.0
 */
export const subjectOf = (stream: string, partition: string): string => `${stream}.${partition}`
