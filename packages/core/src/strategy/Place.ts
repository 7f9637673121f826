/**
 * Gives partitions without an owner to workers.
 *
 * An index in range always has a value; `?? 0` only says so to the compiler.
 *
 * @since 0.1.0
 */
import type { Wishes } from "./Affinity.ts"
import type { Scene } from "./Board.ts"
import { Heap } from "./Heap.ts"

/** Sends home what home may carry. */
const sendHome = (
  { frame, board, bounds }: Scene,
  pool: ReadonlyArray<number>,
  homeOf: (partition: number) => number
): void => {
  for (const partition of pool) {
    const to = board.ownerOf(partition) < 0 ? homeOf(partition) : -1
    if (to < 0 || (bounds.giant[to] ?? -1) >= 0 || !board.hasRoom(to)) continue
    if (board.load(to) + board.weight(partition) <= (bounds.most[to] ?? 0) + frame.grain) board.transfer(partition, to)
  }
}

// Where capacities differ, a partition this heavy against the smallest share fills a small worker much more than a large
// one, so that the least loaded is not always the best.
const heavy = 0.1

const bestFor = ({ frame, board }: Scene, receivers: ReadonlyArray<number>, weight: number): number => {
  let best = -1
  let least = Infinity
  for (const j of receivers) {
    if (!board.hasRoom(j)) continue
    const ratio = (board.load(j) + weight) / (frame.capacity[j] ?? 1)
    if (ratio < least) {
      least = ratio
      best = j
    }
  }
  return best
}

const placeHeavy = (scene: Scene, pool: ReadonlyArray<number>, receivers: ReadonlyArray<number>): void => {
  const { frame, board } = scene
  const { capacity, level } = frame
  const smallest = receivers.reduce((min, j) => Math.min(min, capacity[j] ?? 0), Infinity)
  const largest = receivers.reduce((max, j) => Math.max(max, capacity[j] ?? 0), 0)
  if (smallest === largest) return
  for (const partition of pool) {
    const weight = board.weight(partition)
    if (weight <= heavy * smallest * level.perCapacity) return
    const to = board.ownerOf(partition) < 0 ? bestFor(scene, receivers, weight) : -1
    if (to >= 0) board.transfer(partition, to)
  }
}

const placeAll = ({ frame, board }: Scene, pool: ReadonlyArray<number>, receivers: ReadonlyArray<number>): void => {
  const { capacity } = frame
  const heap = new Heap(receivers, (a, b) => {
    const one = capacity[a] ?? 1
    const other = capacity[b] ?? 1
    const byLoad = board.load(a) * other - board.load(b) * one
    if (byLoad !== 0) return byLoad < 0
    const byCount = board.count(a) * other - board.count(b) * one
    return byCount === 0 ? a < b : byCount < 0
  })
  for (const partition of pool) {
    if (board.ownerOf(partition) >= 0) continue
    while (heap.first() >= 0 && !board.hasRoom(heap.first())) heap.drop()
    const to = heap.first()
    if (to < 0) return
    board.transfer(partition, to)
    heap.sink()
  }
}

/** The least loaded worker that suits a partition with a wish. */
const wished =
  (scene: Scene, wishes: Wishes, receivers: ReadonlyArray<number>) =>
  (partition: number): number => {
    if (!wishes.has(partition)) return -1
    const suited = receivers.filter((j) => wishes.suits(partition, j))
    return bestFor(scene, suited, scene.board.weight(partition))
  }

/**
 * Gives every partition an owner: its home if home may carry it, or a worker that suits its wish; else, the heaviest
 * first, the worker with the least load for its capacity. Hosts of giants get something only when all others have reached
 * their limits.
 *
 * @category running
 * @since 0.1.0
 */
export const place = (scene: Scene, home: Int32Array | null): void => {
  const { frame, board, bounds } = scene
  const pool = board.pool()
  if (pool.length === 0) return
  const usable = Array.from(frame.capacity, (_, j) => j).filter((j) => (frame.limits[j] ?? 0) >= 1)
  const receivers = usable.filter((j) => bounds.giant[j] === -1)
  if (home !== null) sendHome(scene, pool, (partition) => home[partition] ?? -1)
  if (frame.wishes !== null) sendHome(scene, pool, wished(scene, frame.wishes, receivers))
  placeHeavy(scene, pool, receivers)
  placeAll(scene, pool, receivers)
  placeAll(scene, pool, usable)
}
