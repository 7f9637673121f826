/**
 * The plan when partitions weigh differently.
 *
 * An index in range always has a value; `?? 0` only says so to the compiler.
 *
 * @since 0.1.0
 */
import type { Wishes } from "./Affinity.ts"
import type { Budget, Scene } from "./Board.ts"
import { Board } from "./Board.ts"
import type { Frame } from "./Bounds.ts"
import * as Bounds from "./Bounds.ts"
import type { Tolerance } from "./CountPlan.ts"
import * as Giant from "./Giant.ts"
import { place } from "./Place.ts"
import { refine, restore } from "./Refine.ts"
import { shed } from "./Shed.ts"
import * as Standing from "./Standing.ts"
import type { StrategyInput } from "./Strategy.ts"

interface Attempt {
  readonly frame: Frame
  readonly origin: Int32Array
  readonly budget: Budget
  readonly start: Int32Array
  readonly loads: Float64Array
  readonly home: Int32Array | null
}

interface Opening extends Scene {
  readonly hosts: Int32Array
}

const opening = ({ frame, origin, start, loads, home, budget }: Attempt): Opening => {
  const board = new Board(frame, origin, start, loads, budget)
  const hosts = Giant.hosts(frame, { owner: start, home, loads })
  return { frame, board, bounds: Bounds.make(frame, hosts), hosts }
}

/** Everybody keeps everything; only what has no owner is placed. */
const keepAll = (attempt: Attempt): Int32Array => {
  const scene = opening(attempt)
  const { frame, board, hosts } = scene
  hosts.forEach((host, k) => {
    const giant = frame.set.heaviestFirst[k] ?? 0
    if (board.ownerOf(giant) < 0 && host >= 0 && board.hasRoom(host)) board.transfer(giant, host)
  })
  place(scene, attempt.home)
  return board.owner
}

const rebalance = (attempt: Attempt): Int32Array => {
  const scene = opening(attempt)
  shed(scene, scene.hosts, attempt.home)
  place(scene, attempt.home)
  refine(scene)
  restore(scene, attempt.start)
  return scene.board.owner
}

interface Outcome {
  readonly owner: Int32Array
  readonly loads: Float64Array
  /** How far loads are outside the bounds that follow from the plan itself. */
  readonly violation: number
}

// Loads are summed anew, in canonical order, so that they depend on the plan and not on how it came about.
const outcome = (frame: Frame, owner: Int32Array): Outcome => {
  const loads = Bounds.loadsOf(frame.set, owner, frame.capacity.length)
  const { above, below } = Bounds.distance(Bounds.make(frame, Bounds.hostsOf(frame, owner)), loads)
  return { owner, loads, violation: above + below }
}

/**
 * Brings workers within tolerance of their shares, as nearly as whole partitions allow, and moves little for it.
 *
 * **Details**
 *
 * The least moves for a bound on loads are hard to find (it is a partition problem), so this is a method that is good and
 * not exact. Partitions too heavy to share a worker get one each. Workers above their bounds give the heaviest partitions
 * that fit the excess; if those below need more, the most loaded give what they can spare. What has no owner goes, the
 * heaviest first, to the least loaded. Moves and exchanges better the result, and what moved for nothing goes back.
 *
 * The result is taken only if loads are less far outside their bounds in total than when everybody keeps everything, and
 * is tried again from there until that fails. So a plan that is within bounds, or cannot be bettered, stays as it is.
 *
 * @category constructors
 * @since 0.1.0
 */
export const make = (
  input: StrategyInput,
  standing: Standing.Standing,
  tolerance: Tolerance,
  budget: Budget,
  wishes: Wishes | null
): Int32Array => {
  const { capacity, limits, owner: origin } = standing
  const frame = Bounds.frame(input.partitions, capacity, limits, tolerance, wishes)
  let start = outcome(frame, origin)
  let home = standing.home
  const attempt = (): Attempt => ({ frame, origin, budget, home, start: start.owner, loads: start.loads })
  let best = standing.unowned === 0 ? start : outcome(frame, keepAll(attempt()))
  while (best.violation > frame.grain) {
    const next = outcome(frame, rebalance(attempt()))
    if (next.violation < best.violation - frame.grain) best = next
    else if (start === best) break
    // A plan is final only when starting from itself does not better it: so it is kept when it is asked for again.
    start = best
    home = Standing.homes(input, best.owner, limits)
  }
  return best.owner
}
