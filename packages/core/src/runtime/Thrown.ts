/**
 * What was thrown, in words. Anything may be: an error, a text, an object that cannot be turned into one.
 *
 * @since 0.1.0
 */
import { format } from "effect/Formatter"

/**
 * The message of an error, else the value itself as text. It never throws: whoever tells of a failure must not fail by it.
 *
 * @category conversions
 * @since 0.1.0
 */
export const describe = (thrown: unknown): string => {
  if (thrown instanceof Error) return thrown.message
  return typeof thrown === "string" ? thrown : format(thrown)
}
