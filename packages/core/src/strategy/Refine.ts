/**
 * Betters a weighted plan, one move or exchange at a time.
 *
 * An index in range always has a value; `?? 0` only says so to the compiler.
 *
 * @since 0.1.0
 */
import type { Scene } from "./Board.ts"
import { outside } from "./Bounds.ts"
import { holdings } from "./Shed.ts"

interface Work extends Scene {
  /** What each worker has that may move, the heaviest first. */
  readonly lists: ReadonlyArray<Array<number>>
}

/** `give` goes from the fuller worker to the other, `take` comes back for it (-1: nothing). */
interface Exchange {
  readonly give: number
  readonly take: number
  readonly gain: number
}

const isDust = ({ frame, board }: Scene, partition: number): boolean =>
  board.weight(partition) === 0 || board.weight(partition) < frame.dust

const listsOf = (scene: Scene): ReadonlyArray<Array<number>> => {
  const { frame, bounds } = scene
  const { starts, items } = holdings(scene)
  return Array.from(frame.capacity, (_, j) =>
    Array.from(items.subarray(starts[j], starts[j + 1])).filter(
      (partition) => !isDust(scene, partition) && bounds.giant[j] !== partition
    )
  )
}

/** By how much both workers together come nearer to their bounds when so much load goes from one to the other. */
const gainOf = ({ board, bounds }: Scene, from: number, to: number, load: number): number => {
  const one = board.load(from)
  const other = board.load(to)
  const before = outside(bounds, from, one) + outside(bounds, to, other)
  return before - outside(bounds, from, one - load) - outside(bounds, to, other + load)
}

/** The least load that would do. */
const wantedOf = ({ board, bounds }: Scene, from: number, to: number): number =>
  Math.max(0, board.load(from) - (bounds.most[from] ?? 0), (bounds.least[to] ?? 0) - board.load(to))

const bestMove = (work: Work, from: number, to: number): Exchange | null => {
  const { board, lists } = work
  if (!board.hasRoom(to)) return null
  let best: Exchange | null = null
  for (const give of lists[from] ?? []) {
    const gain = gainOf(work, from, to, board.weight(give))
    // Equal gains: the later one is lighter.
    if (gain >= (best?.gain ?? work.frame.grain) && board.mayMove(give)) best = { give, take: -1, gain }
  }
  return best
}

const bestSwap = (work: Work, from: number, to: number): Exchange | null => {
  const { board, lists, frame } = work
  const wanted = wantedOf(work, from, to)
  const theirs = lists[to] ?? []
  let best: Exchange | null = null
  let at = 0
  for (const give of lists[from] ?? []) {
    // As `give` gets lighter, so does what makes the difference right: both lists are walked once.
    while (at < theirs.length && board.weight(theirs[at] ?? 0) > board.weight(give) - wanted) at++
    for (const take of theirs.slice(Math.max(0, at - 1), at + 1)) {
      const difference = board.weight(give) - board.weight(take)
      if (difference <= 0) continue
      const gain = gainOf(work, from, to, difference)
      if (gain > (best?.gain ?? frame.grain) && board.mayMove(give, take)) best = { give, take, gain }
    }
  }
  return best
}

const insert = (work: Work, worker: number, partition: number): void => {
  const list = work.lists[worker] ?? []
  const weight = work.board.weight(partition)
  const place = list.findIndex(
    (other) => work.board.weight(other) < weight || (work.board.weight(other) === weight && other > partition)
  )
  list.splice(place < 0 ? list.length : place, 0, partition)
}

const carry = (work: Work, partition: number, from: number, to: number): void => {
  const list = work.lists[from] ?? []
  list.splice(list.indexOf(partition), 1)
  insert(work, to, partition)
  work.board.transfer(partition, to)
}

const tryPair = (work: Work, from: number, to: number): boolean => {
  const move = bestMove(work, from, to)
  const swap = bestSwap(work, from, to)
  const best = swap !== null && swap.gain > (move?.gain ?? 0) + work.frame.grain ? swap : move
  if (best === null) return false
  carry(work, best.give, from, to)
  if (best.take >= 0) carry(work, best.take, to, from)
  return true
}

/** The worker furthest outside its bounds of those not given up; -1 when all are within. */
const worstOf = ({ frame, board, bounds }: Scene, isStuck: Uint8Array): number => {
  let worst = -1
  let most = frame.grain
  for (let j = 0; j < isStuck.length; j++) {
    const far = isStuck[j] === 1 ? 0 : outside(bounds, j, board.load(j))
    if (far > most) {
      most = far
      worst = j
    }
  }
  return worst
}

/** How many partners are tried before a worker is given up. */
const partners = 3

/** Those who stand at the other end: the least loaded for an overfull worker, the most loaded for the others. */
const opposites = ({ frame, board, bounds }: Scene, worker: number, isOver: boolean): ReadonlyArray<number> => {
  const sign = isOver ? 1 : -1
  const key = (j: number): number => (sign * board.load(j)) / (frame.capacity[j] ?? 1)
  const best: Array<number> = []
  for (let j = 0; j < frame.capacity.length; j++) {
    if (j === worker || bounds.giant[j] !== -1 || (frame.limits[j] ?? 0) < 1) continue
    const place = best.findIndex((other) => key(j) < key(other))
    if (place >= 0) best.splice(place, 0, j)
    else best.push(j)
    if (best.length > partners) best.pop()
  }
  return best
}

/**
 * Takes the worker furthest outside its bounds and moves or exchanges what brings it and a worker at the other end nearer
 * to theirs; then the next worst, until nothing helps or enough was tried.
 *
 * @category running
 * @since 0.1.0
 */
export const refine = (scene: Scene): void => {
  const { frame, board, bounds } = scene
  const isStuck = new Uint8Array(frame.capacity.length)
  if (worstOf(scene, isStuck) < 0) return
  const work = { ...scene, lists: listsOf(scene) }
  for (let steps = 4 * isStuck.length; steps > 0; steps--) {
    const worst = worstOf(work, isStuck)
    if (worst < 0) return
    const isOver = board.load(worst) > (bounds.most[worst] ?? 0)
    const helped = opposites(work, worst, isOver).some((other) =>
      isOver ? tryPair(work, worst, other) : tryPair(work, other, worst)
    )
    if (!helped) isStuck[worst] = 1
  }
}

/**
 * Sends back whatever moved for nothing: the heaviest first, each partition whose return brings nobody further outside the
 * bounds.
 *
 * @category running
 * @since 0.1.0
 */
export const restore = (scene: Scene, start: Int32Array): void => {
  const { board } = scene
  const touched = [...new Set(board.touched)].sort((a, b) => board.weight(b) - board.weight(a) || a - b)
  for (const partition of touched) {
    const back = start[partition] ?? -1
    const now = board.ownerOf(partition)
    if (back < 0 || back === now || !board.hasRoom(back)) continue
    if (gainOf(scene, now, back, board.weight(partition)) >= 0) board.transfer(partition, back)
  }
}
