/**
 * Loads on workers while a weighted plan is being made.
 *
 * An index in range always has a value; `?? 0` only says so to the compiler.
 *
 * @since 0.1.0
 */
import type { Frame } from "./Bounds.ts"
import * as Bounds from "./Bounds.ts"

/**
 * What may move voluntarily: so much load, and so many partitions.
 *
 * @category models
 * @since 0.1.0
 */
export interface Budget {
  readonly load: number
  readonly count: number
}

/**
 * Who owns what. It changes in place, with loads, counts, and what has been spent of the budget; nobody outside the
 * making of one plan sees it.
 *
 * @category models
 * @since 0.1.0
 */
export class Board {
  readonly owner: Int32Array
  readonly loads: Float64Array
  /** All that was ever transferred, with repetitions. */
  readonly touched: Array<number> = []
  private readonly frame: Frame
  private readonly origin: Int32Array
  private readonly budget: Budget
  private readonly counts: Int32Array
  private unowned: number
  private spentLoad = 0
  private spentCount = 0

  /** Starts from `start` and its loads; what differs from `origin` is spent already. */
  constructor(frame: Frame, origin: Int32Array, start: Int32Array, loads: Float64Array, budget: Budget) {
    this.frame = frame
    this.origin = origin
    this.budget = budget
    this.owner = start.slice()
    this.loads = loads.slice()
    this.counts = Bounds.countsOf(start, frame.capacity.length)
    this.unowned = this.counts.reduce((left, count) => left - count, start.length)
    if (start === origin) return
    for (let i = 0; i < start.length; i++) {
      const first = origin[i] ?? -1
      if (first >= 0 && first !== start[i]) this.spend(i, 1)
    }
  }

  weight(partition: number): number {
    return this.frame.set.weights[partition] ?? 0
  }

  ownerOf(partition: number): number {
    return this.owner[partition] ?? -1
  }

  load(worker: number): number {
    return this.loads[worker] ?? 0
  }

  count(worker: number): number {
    return this.counts[worker] ?? 0
  }

  hasRoom(worker: number): boolean {
    return this.count(worker) < (this.frame.limits[worker] ?? 0)
  }

  /** What has no owner, the heaviest first. */
  pool(): ReadonlyArray<number> {
    const pool: Array<number> = []
    const order = this.frame.set.heaviestFirst
    for (let k = 0; pool.length < this.unowned; k++) {
      const partition = order[k] ?? 0
      if (this.ownerOf(partition) < 0) pool.push(partition)
    }
    return pool
  }

  /**
   * Whether the budget admits that a partition moves, or that two do (-1: only one). The first move is admitted however
   * heavy it is.
   */
  mayMove(partition: number, other = -1): boolean {
    const [one, two] = [this.isFirstMove(partition), other >= 0 && this.isFirstMove(other)]
    const count = this.spentCount + Number(one) + Number(two)
    if (count === this.spentCount) return true
    if (count > this.budget.count || this.budget.load === 0) return false
    const load = this.spentLoad + (one ? this.weight(partition) : 0) + (two ? this.weight(other) : 0)
    return count === 1 || load <= this.budget.load
  }

  /** Gives a partition to a worker, or to nobody (-1). */
  transfer(partition: number, to: number): void {
    const from = this.ownerOf(partition)
    const first = this.origin[partition] ?? -1
    if (first >= 0) this.spend(partition, Number(from === first) - Number(to === first))
    if (from >= 0) this.add(from, -this.weight(partition), -1)
    if (to >= 0) this.add(to, this.weight(partition), 1)
    this.unowned += Number(to < 0) - Number(from < 0)
    this.owner[partition] = to
    this.touched.push(partition)
  }

  private isFirstMove(partition: number): boolean {
    const owner = this.ownerOf(partition)
    return owner >= 0 && this.origin[partition] === owner
  }

  private add(worker: number, load: number, count: number): void {
    this.loads[worker] = this.load(worker) + load
    this.counts[worker] = this.count(worker) + count
  }

  private spend(partition: number, times: number): void {
    this.spentLoad += times * this.weight(partition)
    this.spentCount += times
  }
}

/**
 * What each step of the making of a weighted plan works on.
 *
 * @category models
 * @since 0.1.0
 */
export interface Scene {
  readonly frame: Frame
  readonly board: Board
  readonly bounds: Bounds.Bounds
}
