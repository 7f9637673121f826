/**
 * Large documents: compressed when that pays, bounded when they are read.
 *
 * @since 0.1.0
 */
import * as Result from "effect/Result"
import * as Codec from "./Codec.ts"

/**
 * The one thing that codecs need and cannot do themselves.
 *
 * **Contract**
 *
 * Both are pure. `deflate` writes the zlib format (RFC 1950), which begins with the byte 0x78 and ends with a checksum.
 * `inflate` gives back what `deflate` was given, or `null` when the bytes are damaged, when something follows them, or
 * when there are more than `maxBytes` in them; it never holds much more than that.
 *
 * @category services
 * @since 0.1.0
 */
export interface Compression {
  readonly deflate: (bytes: Uint8Array) => Uint8Array
  readonly inflate: (bytes: Uint8Array, maxBytes: number) => Uint8Array | null
}

/** Documents up to here stay readable: the time of a person who looks costs more than the bytes. */
const compressedAboveBytes = 4096

const openingBrace = 0x7b

const zlibMark = 0x78

/**
 * The document in as few bytes as may be.
 *
 * @category encoding
 * @since 0.1.0
 */
export const pack = (compression: Compression, document: Uint8Array): Uint8Array => {
  if (document.length <= compressedAboveBytes) return document
  const deflated = compression.deflate(document)
  return deflated.length < document.length ? deflated : document
}

const unpack = (compression: Compression, bytes: Uint8Array, maxBytes: number): Codec.Decoded<Uint8Array> => {
  if (bytes[0] === openingBrace) return Result.succeed(bytes)
  if (bytes[0] !== zlibMark) return Codec.undecodable("it is neither JSON nor compressed")
  const inflated = compression.inflate(bytes, maxBytes)
  return inflated === null
    ? Codec.undecodable(`what is compressed in it is damaged, or has more than ${maxBytes} bytes`)
    : Result.succeed(inflated)
}

/**
 * Reads a document that may be compressed: the first byte tells.
 *
 * @category decoding
 * @since 0.1.0
 */
export const read = (compression: Compression, bytes: Uint8Array, maxBytes: number): Codec.Decoded<Codec.Fields> =>
  Result.flatMap(unpack(compression, bytes, maxBytes), (document) => Codec.read(document, maxBytes))
