/**
 * The states that have been reached and not yet left, first in, first out.
 *
 * @since 0.1.0
 */

/**
 * A queue of rows of equal length.
 *
 * @category models
 * @since 0.1.0
 */
export interface Frontier {
  readonly push: (row: Int32Array) => void
  /** The oldest row, until the next call; `null` when there is none. */
  readonly shift: () => Int32Array | null
  readonly size: () => number
}

/**
 * An empty queue of rows of so many numbers.
 *
 * @category constructors
 * @since 0.1.0
 */
export const make = (width: number): Frontier => {
  const chunks: Array<Int32Array> = []
  let first = 0
  let size = 0
  return {
    push: (row) => {
      const place = first + size
      const index = Math.floor(place / rows)
      const chunk = chunks[index] ?? new Int32Array(rows * width)
      chunks[index] = chunk
      chunk.set(row, (place % rows) * width)
      size += 1
    },
    shift: () => {
      const chunk = chunks[0]
      if (size === 0 || chunk === undefined) return null
      const row = chunk.slice(first * width, (first + 1) * width)
      first += 1
      size -= 1
      if (first === rows) {
        chunks.shift()
        first = 0
      }
      return row
    },
    size: () => size
  }
}

/** So many rows are kept together. */
const rows = 16_384
