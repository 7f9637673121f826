/**
 * Numbers that look drawn, and are the same again for the same seed.
 *
 * @since 0.1.0
 */

/**
 * One stream of numbers. Every part of a simulation has its own, so that what one part draws does not disturb another.
 *
 * @category models
 * @since 0.1.0
 */
export interface Random {
  /** At least 0, below 1. */
  readonly next: () => number
  /** A whole number from `low` to `high`, both included. */
  readonly between: (low: number, high: number) => number
  /** True with this probability. */
  readonly chance: (probability: number) => boolean
  /** One of the list, which must not be empty. */
  readonly pick: <A>(list: readonly [A, ...ReadonlyArray<A>]) => A
  /** A waiting time around `mean`, as between events that know nothing of each other. */
  readonly wait: (mean: number) => number
}

/**
 * The stream that belongs to a seed and a name.
 *
 * @category constructors
 * @since 0.1.0
 */
export const make = (seed: number, name: string): Random => {
  let [a, b, c, counter] = scramble(seed, name)
  const next = (): number => {
    const sum = (a + b + counter) | 0
    counter = (counter + 1) | 0
    a = b ^ (b >>> 9)
    b = (c + (c << 3)) | 0
    c = ((c << 21) | (c >>> 11)) + sum
    c |= 0
    return (sum >>> 0) / 4_294_967_296
  }
  for (let round = 0; round < 12; round++) next()
  const between = (low: number, high: number): number => low + Math.floor(next() * (high - low + 1))
  return {
    next,
    between,
    chance: (probability) => probability > 0 && next() < probability,
    pick: (list) => list[Math.floor(next() * list.length)] ?? list[0],
    wait: (mean) => Math.max(1, Math.round(-Math.log(1 - next()) * mean))
  }
}

const scramble = (seed: number, name: string): [number, number, number, number] => {
  const state: [number, number, number, number] = [0x9e3779b9, 0x243f6a88, 0xb7e15162, 1]
  const text = `${seed}/${name}`
  for (let place = 0; place < text.length; place++) {
    const unit = text.charCodeAt(place)
    state[0] = Math.imul(state[0] ^ unit, 0x85ebca6b)
    state[1] = Math.imul(state[1] ^ (unit + place), 0xc2b2ae35)
    state[2] = Math.imul(state[2] ^ state[0] ^ (state[1] >>> 7), 0x27d4eb2f)
  }
  return state
}
