/**
 * Compression with what Node brings along.
 *
 * @since 0.1.0
 */
import * as Zlib from "node:zlib"
import type { Compression } from "../model/Compression.ts"

/**
 * zlib, synchronous: at the sizes that plans have it takes less than a trip through the thread pool.
 *
 * @category services
 * @since 0.1.0
 */
export const zlib: Compression = {
  deflate: (bytes) => Zlib.deflateSync(bytes),
  inflate: (bytes, maxBytes) => {
    try {
      return Zlib.inflateSync(bytes, { maxOutputLength: maxBytes, rejectGarbageAfterEnd: true })
    } catch {
      // Damaged, cut off, too large, followed by something: the port has one answer to all of them.
      return null
    }
  }
}
