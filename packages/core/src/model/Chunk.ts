/**
 * Values that are too large for one key, cut into parts.
 *
 * @since 0.1.0
 */

/**
 * Cuts bytes into parts of at most `maxBytes`, in order; the parts share the bytes' memory.
 *
 * @category encoding
 * @since 0.1.0
 */
export const split = (bytes: Uint8Array, maxBytes: number): ReadonlyArray<Uint8Array> => {
  const parts: Array<Uint8Array> = []
  for (let start = 0; start < bytes.length; start += maxBytes) parts.push(bytes.subarray(start, start + maxBytes))
  return parts
}

/**
 * Puts the parts together again.
 *
 * @category decoding
 * @since 0.1.0
 */
export const join = (parts: ReadonlyArray<Uint8Array>): Uint8Array => {
  const joined = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0))
  let at = 0
  for (const part of parts) {
    joined.set(part, at)
    at += part.length
  }
  return joined
}
