/**
 * Checks for mistakes of the programmer, always on.
 *
 * @since 0.1.0
 */

/**
 * Something that the program itself guarantees does not hold. It is a defect: nothing catches it to go on.
 *
 * @category errors
 * @since 0.1.0
 */
export class InvariantViolation extends Error {
  override readonly name = "InvariantViolation"
}

/**
 * States what must be true here, whatever the input was. Bad input has errors of its own.
 *
 * @category assertions
 * @since 0.1.0
 */
export function assert(condition: boolean, message: string): asserts condition {
  if (!condition) throw new InvariantViolation(message)
}
