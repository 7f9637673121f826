/**
 * Takes from workers what they should not carry.
 *
 * An index in range always has a value; `?? 0` only says so to the compiler.
 *
 * @since 0.1.0
 */
import type { Board, Scene } from "./Board.ts"
import { distance } from "./Bounds.ts"

/**
 * The partitions of each worker, the heaviest first: those of worker `j` are `items` from `starts[j]` to `starts[j + 1]`.
 *
 * @category models
 * @since 0.1.0
 */
export interface Holdings {
  readonly starts: Int32Array
  readonly items: Int32Array
}

/**
 * Sorts partitions by owner.
 *
 * @category constructors
 * @since 0.1.0
 */
export const holdings = ({ frame: { set, capacity }, board }: Scene): Holdings => {
  const starts = new Int32Array(capacity.length + 1)
  for (let j = 0; j < capacity.length; j++) starts[j + 1] = (starts[j] ?? 0) + board.count(j)
  const ends = starts.slice()
  const items = new Int32Array(starts[capacity.length] ?? 0)
  const { heaviestFirst } = set
  for (let k = 0; k < heaviestFirst.length; k++) {
    const partition = heaviestFirst[k] ?? 0
    const j = board.owner[partition] ?? -1
    if (j < 0) continue
    const end = ends[j] ?? 0
    items[end] = partition
    ends[j] = end + 1
  }
  return { starts, items }
}

/** Giants go to their hosts, and hosts give away all else that weighs anything. */
const clearHosts = ({ frame, board }: Scene, hosts: Int32Array, { starts, items }: Holdings): void => {
  const order = frame.set.heaviestFirst
  hosts.forEach((host, k) => {
    const giant = order[k] ?? 0
    if (host >= 0 && board.ownerOf(giant) !== host && board.mayMove(giant)) board.transfer(giant, -1)
  })
  hosts.forEach((host, k) => {
    if (host < 0) return
    for (let at = starts[host] ?? 0; at < (starts[host + 1] ?? 0); at++) {
      const partition = items[at] ?? 0
      if (board.weight(partition) === 0) break
      const isMovable = partition !== order[k] && board.ownerOf(partition) === host && board.mayMove(partition)
      if (isMovable) board.transfer(partition, -1)
    }
  })
  hosts.forEach((host, k) => {
    const giant = order[k] ?? 0
    if (host >= 0 && board.ownerOf(giant) < 0 && board.hasRoom(host)) board.transfer(giant, host)
  })
}

const unownedLoad = (board: Board): number => board.pool().reduce((sum, partition) => sum + board.weight(partition), 0)

/** Partitions go home as long as home wants them and their owner can spare them. */
const sendHome = ({ frame, board, bounds }: Scene, home: Int32Array, amount: number): number => {
  const { most, least } = bounds
  let left = amount
  const { heaviestFirst } = frame.set
  for (let k = 0; k < heaviestFirst.length && left > frame.grain; k++) {
    const partition = heaviestFirst[k] ?? 0
    const to = home[partition] ?? -1
    const from = board.ownerOf(partition)
    const weight = board.weight(partition)
    if (to < 0 || from < 0 || weight === 0 || !board.hasRoom(to)) continue
    const isWanted = board.load(to) < (least[to] ?? 0) && board.load(to) + weight <= (most[to] ?? 0)
    if (!isWanted || board.load(from) - weight < (least[from] ?? 0) || !board.mayMove(partition)) continue
    board.transfer(partition, to)
    left -= weight
  }
  return left
}

/** Workers that host no giant, the most loaded for their capacity first. */
const donorsOf = ({ frame, board, bounds }: Scene): Array<number> => {
  const ratio = frame.capacity.map((one, j) => board.load(j) / one)
  const donors: Array<number> = []
  for (let j = 0; j < ratio.length; j++) if (bounds.giant[j] === -1 && board.load(j) > 0) donors.push(j)
  return donors.sort((a, b) => (ratio[b] ?? 0) - (ratio[a] ?? 0) || b - a)
}

interface Giving extends Scene {
  readonly holdings: Holdings
  readonly donors: ReadonlyArray<number>
}

/** The load per capacity to which the most loaded come down when `amount` is taken from them. */
const waterLevel = ({ frame, board, donors }: Giving, amount: number): number => {
  let load = -amount
  let room = 0
  for (let d = 0; d < donors.length; d++) {
    const j = donors[d] ?? 0
    if (room > 0 && load / room >= board.load(j) / (frame.capacity[j] ?? 1)) break
    load += board.load(j)
    room += frame.capacity[j] ?? 0
  }
  return Math.max(0, load / room)
}

/** From place `at` on, the first of a worker's partitions that is no heavier than `most`; `end` when there is none. */
const firstFitting = ({ board, holdings: { items } }: Giving, at: number, end: number, most: number): number => {
  // What is near fits nearly always, but for the first: all that is heavier than the excess comes before it.
  if (at >= end || board.weight(items[at] ?? 0) <= most) return at
  let low = at + 1
  let high = end
  while (low < high) {
    const middle = (low + high) >> 1
    if (board.weight(items[middle] ?? 0) <= most) high = middle
    else low = middle + 1
  }
  return low
}

/** Worker by worker, the heaviest first, whatever fits above the level and is still needed. Tells what is still needed. */
const giveDownTo = (giving: Giving, level: number, amount: number): number => {
  const { frame, board, bounds, holdings, donors } = giving
  const { starts, items } = holdings
  let left = amount
  for (const j of donors) {
    if (left <= frame.grain) break
    const floor = Math.max(bounds.least[j] ?? 0, level * (frame.capacity[j] ?? 0))
    let excess = Math.min(left, board.load(j) - floor)
    const end = starts[j + 1] ?? 0
    for (let at = starts[j] ?? 0; excess > 0; at++) {
      at = firstFitting(giving, at, end, excess)
      if (at === end) break
      const partition = items[at] ?? 0
      const weight = board.weight(partition)
      if (weight < frame.dust || weight === 0) break
      if (board.ownerOf(partition) !== j || !board.mayMove(partition)) continue
      board.transfer(partition, -1)
      left -= weight
      excess -= weight
    }
  }
  return left
}

/** What fits nowhere between the level and what is needed is made up by one partition, the lightest that will do. */
const giveRest = ({ board, bounds, holdings, donors }: Giving, amount: number): void => {
  const { starts, items } = holdings
  for (const j of donors) {
    const spare = board.load(j) - (bounds.least[j] ?? 0)
    for (let at = (starts[j + 1] ?? 0) - 1; at >= (starts[j] ?? 0); at--) {
      const partition = items[at] ?? 0
      const weight = board.weight(partition)
      if (weight > spare) break
      if (weight < amount || board.ownerOf(partition) !== j || !board.mayMove(partition)) continue
      board.transfer(partition, -1)
      return
    }
  }
}

/** Gives away dust, the heaviest first, if there is enough of it to bring the worker below its bound. */
const giveDust = ({ frame, board, holdings }: Giving, worker: number, excess: number): boolean => {
  const { starts, items } = holdings
  const end = starts[worker + 1] ?? 0
  let first = end
  let sum = 0
  for (; first > (starts[worker] ?? 0); first--) {
    const partition = items[first - 1] ?? 0
    if (board.weight(partition) >= frame.dust) break
    if (board.ownerOf(partition) === worker) sum += board.weight(partition)
  }
  if (sum < excess) return false
  for (let at = first, left = excess; at < end && left > 0; at++) {
    const partition = items[at] ?? 0
    if (board.ownerOf(partition) !== worker || !board.mayMove(partition)) continue
    board.transfer(partition, -1)
    left -= board.weight(partition)
  }
  return true
}

/** Who is still above its bound gives dust or the lightest partition that brings it below. */
const giveCover = (giving: Giving): void => {
  const { board, bounds, holdings, donors } = giving
  for (const j of donors) {
    const excess = board.load(j) - (bounds.most[j] ?? 0)
    if (excess <= 0 || giveDust(giving, j, excess)) continue
    for (let at = (holdings.starts[j + 1] ?? 0) - 1; at >= (holdings.starts[j] ?? 0); at--) {
      const partition = holdings.items[at] ?? 0
      if (board.weight(partition) < excess || board.ownerOf(partition) !== j || !board.mayMove(partition)) continue
      board.transfer(partition, -1)
      break
    }
  }
}

/**
 * Takes from workers above their bounds what is too much and, if those below need more, from the most loaded what they can
 * spare; and moves giants to their hosts. What is taken has no owner afterwards.
 *
 * @category running
 * @since 0.1.0
 */
export const shed = (scene: Scene, hosts: Int32Array, home: Int32Array | null): void => {
  const { frame, board, bounds } = scene
  const held = holdings(scene)
  clearHosts(scene, hosts, held)
  const { above, below } = distance(bounds, board.loads)
  let left = Math.max(above, below - unownedLoad(board))
  if (left <= frame.grain) return
  if (home !== null) left = sendHome(scene, home, left)
  const giving = { ...scene, holdings: held, donors: donorsOf(scene) }
  const top = waterLevel(giving, left)
  const bottom = frame.level.perCapacity * Math.max(0, 1 - frame.tolerance.down)
  for (const level of [top, (top + bottom) / 2, bottom]) left = giveDownTo(giving, level, left)
  if (left > frame.grain) giveRest(giving, left)
  giveCover(giving)
}
