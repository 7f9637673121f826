/**
 * What is still to happen, in the order of true time.
 *
 * @since 0.1.0
 */

/**
 * Something that happens at an instant of true time.
 *
 * @category models
 * @since 0.1.0
 */
export interface Happening {
  readonly at: number
  readonly order: number
  readonly run: () => void
}

/**
 * A binary heap of happenings. Those of one instant happen in the order in which they were put in.
 *
 * @category models
 * @since 0.1.0
 */
export interface EventQueue {
  readonly put: (at: number, run: () => void) => void
  readonly take: () => Happening | undefined
  readonly size: () => number
}

/**
 * An empty queue.
 *
 * @category constructors
 * @since 0.1.0
 */
export const make = (): EventQueue => {
  const heap: Array<Happening> = []
  let order = 0
  return {
    put: (at, run) => rise(heap, { at, order: order++, run }),
    take: () => {
      const first = heap[0]
      const last = heap.pop()
      if (last !== undefined && heap.length > 0) sink(heap, last)
      return first
    },
    size: () => heap.length
  }
}

const isBefore = (a: Happening, b: Happening): boolean => a.at < b.at || (a.at === b.at && a.order < b.order)

const rise = (heap: Array<Happening>, added: Happening): void => {
  let place = heap.length
  while (place > 0) {
    const parent = (place - 1) >> 1
    const above = heap[parent]
    if (above === undefined || isBefore(above, added)) break
    heap[place] = above
    place = parent
  }
  heap[place] = added
}

/** Puts `last` where the first one was, and lets it down to its place. */
const sink = (heap: Array<Happening>, last: Happening): void => {
  let place = 0
  for (;;) {
    const left = heap[2 * place + 1]
    if (left === undefined) break
    const right = heap[2 * place + 2]
    const isRight = right !== undefined && isBefore(right, left)
    const child = isRight ? right : left
    if (isBefore(last, child)) break
    heap[place] = child
    place = 2 * place + (isRight ? 2 : 1)
  }
  heap[place] = last
}
