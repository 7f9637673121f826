/**
 * What there is to see at one instant: plain data, from which a frame is drawn.
 *
 * @since 0.1.0
 */

/**
 * One process, and the worker in it. `status`: the worker's state, or what has become of it.
 *
 * @category models
 * @since 0.1.0
 */
export interface Row {
  readonly process: string
  readonly workerId: string | null
  readonly isLeader: boolean
  readonly status: string
  readonly mood: "well" | "busy" | "gone"
  readonly running: number
}

/**
 * What the group is doing; `leftMs` of `windowMs` are left where a window is open.
 *
 * @category models
 * @since 0.1.0
 */
export interface Phase {
  readonly tag: string
  readonly reason: string | null
  readonly leftMs: number | null
  readonly windowMs: number | null
}

/**
 * A rebalance: how many partitions it moved, and how few would have done.
 *
 * @category models
 * @since 0.1.0
 */
export interface Rebalance {
  readonly reason: string
  readonly moved: number
  readonly minimum: number
}

/**
 * One line of the log.
 *
 * @category models
 * @since 0.1.0
 */
export interface Entry {
  readonly atMs: number
  readonly text: string
  readonly tone: "plain" | "act" | "alarm"
}

/**
 * One more thing that was counted; `isWell`: whether it is as it must be.
 *
 * @category models
 * @since 0.1.0
 */
export interface Fact {
  readonly label: string
  readonly text: string
  readonly isWell: boolean
}

/**
 * All of it. `running` is what the handlers record; `unowned` and `handingOver` are what the plan says; `most` is the
 * highest load that any worker has had so far.
 *
 * @category models
 * @since 0.1.0
 */
export interface Scene {
  readonly title: string
  readonly atMs: number
  readonly lengthMs: number
  readonly phase: Phase
  readonly leader: string | null
  readonly partitions: number
  readonly running: number
  readonly unowned: number
  readonly handingOver: number
  readonly most: number
  readonly last: Rebalance | null
  readonly facts: ReadonlyArray<Fact>
  readonly rows: ReadonlyArray<Row>
  readonly log: ReadonlyArray<Entry>
}

/**
 * Seconds with one decimal.
 *
 * @category conversions
 * @since 0.1.0
 */
export const seconds = (ms: number): string => (ms / 1000).toFixed(1)
