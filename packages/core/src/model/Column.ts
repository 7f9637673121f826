/**
 * Lists of a length that is known.
 *
 * @since 0.1.0
 */

/**
 * A list of this length, to be filled: one that grows is copied again and again, which at a million entries takes six times as
 * long as to fill it.
 *
 * @category constructors
 * @since 0.1.0
 */
export const ofLength = <A>(length: number): Array<A> => {
  // oxlint-disable-next-line unicorn/no-new-array -- the length, not an element; `Array.from` asks for each
  return new Array<A>(length)
}

/**
 * What is at these places.
 *
 * @category constructors
 * @since 0.1.0
 */
export const gather = <A>(list: ReadonlyArray<A>, places: Uint32Array): Array<A> => {
  const gathered = ofLength<A>(places.length)
  for (let k = 0; k < places.length; k++) {
    const one = list[places[k] ?? 0]
    if (one !== undefined) gathered[k] = one
  }
  return gathered
}

/**
 * The same for numbers.
 *
 * @category constructors
 * @since 0.1.0
 */
export const gatherNumbers = (numbers: Float64Array, places: Uint32Array): Float64Array => {
  const gathered = new Float64Array(places.length)
  for (let k = 0; k < places.length; k++) gathered[k] = numbers[places[k] ?? 0] ?? 0
  return gathered
}
