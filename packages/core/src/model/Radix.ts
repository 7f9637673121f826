/**
 * Sorting by 32-bit numbers without comparisons.
 *
 * An index in range always has a value; `?? 0` only says so to the compiler.
 *
 * @since 0.1.0
 */

const digitBits = 11
const digits = 1 << digitBits

/**
 * The numbers from 0 up to `count`.
 *
 * @category sorting
 * @since 0.1.0
 */
export const ascending = (count: number): Uint32Array => {
  const numbers = new Uint32Array(count)
  for (let i = 0; i < count; i++) numbers[i] = i
  return numbers
}

const pass = (keys: Uint32Array, from: Uint32Array, into: Uint32Array, shift: number): void => {
  const starts = new Uint32Array(digits + 1)
  for (let i = 0; i < keys.length; i++) {
    const digit = ((keys[i] ?? 0) >>> shift) & (digits - 1)
    starts[digit + 1] = (starts[digit + 1] ?? 0) + 1
  }
  for (let digit = 0; digit < digits; digit++) starts[digit + 1] = (starts[digit + 1] ?? 0) + (starts[digit] ?? 0)
  for (let i = 0; i < from.length; i++) {
    const item = from[i] ?? 0
    const digit = ((keys[item] ?? 0) >>> shift) & (digits - 1)
    const place = starts[digit] ?? 0
    into[place] = item
    starts[digit] = place + 1
  }
}

const isAscending = (keys: Uint32Array): boolean => {
  for (let i = 1; i < keys.length; i++) if ((keys[i - 1] ?? 0) > (keys[i] ?? 0)) return false
  return true
}

/**
 * The indices of `keys` in ascending order of their keys. Equal keys keep the order they have in `start`. O(n).
 *
 * @category sorting
 * @since 0.1.0
 */
export const order = (keys: Uint32Array, start: Uint32Array | null = null): Uint32Array => {
  // Nothing is to be done for the low halves of weights that are small whole numbers: all are the same.
  if (start === null && isAscending(keys)) return ascending(keys.length)
  let from: Uint32Array = start?.slice() ?? ascending(keys.length)
  let into: Uint32Array = new Uint32Array(keys.length)
  for (let shift = 0; shift < 32; shift += digitBits) {
    pass(keys, from, into, shift)
    const done = into
    into = from
    from = done
  }
  return from
}
