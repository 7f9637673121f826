/**
 * Chance without state: the n-th draw of a stream is a function of the seed.
 *
 * @since 0.1.0
 */

/**
 * What is drawn. Each purpose has a stream of its own, so that a draw more in one place changes nothing in another.
 *
 * @category models
 * @since 0.1.0
 */
export type Purpose = "WorkerId" | "Election" | "Retry"

const salt: Readonly<Record<Purpose, number>> = { WorkerId: 0x9e3779b9, Election: 0x85ebca6b, Retry: 0xc2b2ae35 }

/**
 * A number of [0, 1), the same for the same arguments.
 *
 * @category constructors
 * @since 0.1.0
 */
export const unit = (seed: number, purpose: Purpose, n: number): number => {
  // The finaliser of murmur3 over the three inputs: each bit of them reaches each bit of the result.
  let h = (seed ^ salt[purpose] ^ Math.imul(n + 1, 0x27d4eb2f)) >>> 0
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b)
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35)
  return ((h ^ (h >>> 16)) >>> 0) / 0x1_0000_0000
}
