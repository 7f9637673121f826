/**
 * Hashes of strings: 32 bits, the same in every process and on every machine. Not for secrets.
 *
 * An index in range always has a value; `?? 0` only says so to the compiler.
 *
 * @since 0.1.0
 */

/**
 * Scrambles 32 bits so that each bit of the input changes half of the output: the finaliser of MurmurHash3. One to one.
 *
 * @category hashing
 * @since 0.1.0
 */
export const mix = (bits: number): number => {
  let h = bits
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b)
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35)
  return (h ^ (h >>> 16)) >>> 0
}

const scramble = (block: number): number => {
  const k = Math.imul(block, 0xcc9e2d51)
  return Math.imul((k << 15) | (k >>> 17), 0x1b873593)
}

const absorb = (before: number, block: number): number => {
  const h = before ^ scramble(block)
  return (Math.imul((h << 13) | (h >>> 19), 5) + 0xe6546b64) | 0
}

/**
 * MurmurHash3 (32 bits) of a string's UTF-16 code units, low byte first. Any string will do, lone surrogates included;
 * strings that look alike but differ in code units are different.
 *
 * @category hashing
 * @since 0.1.0
 */
export const murmur3 = (text: string, seed = 0): number => {
  const pairs = text.length >> 1
  let h = seed
  for (let i = 0; i < pairs; i++) h = absorb(h, text.charCodeAt(2 * i) | (text.charCodeAt(2 * i + 1) << 16))
  if (text.length % 2 === 1) h ^= scramble(text.charCodeAt(text.length - 1))
  return mix(h ^ (2 * text.length))
}

/**
 * The same hash of a text that has only ASCII characters which are not `excluded` (128 entries, 1 for those that are); of any
 * other text, -1. The answer costs next to nothing beside the hash: a processor looks the characters up while it multiplies.
 *
 * @category hashing
 * @since 0.1.0
 */
export const murmur3Unless = (excluded: Uint8Array, text: string): number => {
  const pairs = text.length >> 1
  let h = 0
  let seen = 0
  for (let i = 0; i < pairs; i++) {
    const low = text.charCodeAt(2 * i)
    const high = text.charCodeAt(2 * i + 1)
    seen |= (excluded[low & 0x7f] ?? 1) | (excluded[high & 0x7f] ?? 1) | ((low | high) >>> 7)
    h = absorb(h, low | (high << 16))
  }
  if (text.length % 2 === 1) {
    const last = text.charCodeAt(text.length - 1)
    seen |= (excluded[last & 0x7f] ?? 1) | (last >>> 7)
    h ^= scramble(last)
  }
  return seen === 0 ? mix(h ^ (2 * text.length)) : -1
}

const otherSeed = 0x9e3779b9

const hex = (bits: number): string => bits.toString(16).padStart(8, "0")

/**
 * 64 bits of a text as 16 hexadecimal digits: equal for equal texts, different for different ones but by accident.
 *
 * @category hashing
 * @since 0.1.0
 */
export const digest = (text: string): string => hex(murmur3(text)) + hex(murmur3(text, otherSeed))

const offsetBasis = 0x811c9dc5
const prime = 0x01000193

const eat = (h: number, byte: number): number => Math.imul(h ^ byte, prime)

/**
 * FNV-1a (32 bits) of a string's UTF-8 bytes. A lone surrogate counts as U+FFFD, as it would on the wire.
 *
 * @category hashing
 * @since 0.1.0
 */
export const fnv1a = (text: string): number => {
  let h = offsetBasis
  for (const character of text) {
    const point = character.codePointAt(0) ?? 0
    const scalar = point >= 0xd800 && point <= 0xdfff ? 0xfffd : point
    if (scalar < 0x80) {
      h = eat(h, scalar)
    } else if (scalar < 0x800) {
      h = eat(eat(h, 0xc0 | (scalar >> 6)), 0x80 | (scalar & 63))
    } else if (scalar < 0x10000) {
      h = eat(eat(eat(h, 0xe0 | (scalar >> 12)), 0x80 | ((scalar >> 6) & 63)), 0x80 | (scalar & 63))
    } else {
      h = eat(eat(h, 0xf0 | (scalar >> 18)), 0x80 | ((scalar >> 12) & 63))
      h = eat(eat(h, 0x80 | ((scalar >> 6) & 63)), 0x80 | (scalar & 63))
    }
  }
  return h >>> 0
}

/**
 * The number that a NATS subject transform `partition(count, …)` gives to these tokens: which of `count` partitions a
 * message falls into.
 *
 * **Example**
 *
 * ```ts
 * import { Partition } from "@parti/core"
 *
 * // {src: "order.*.*", dest: "order.{{partition(16,1)}}.{{wildcard(1)}}.{{wildcard(2)}}"}
 * Partition.subjectPartition(["customer-7"], 16)
 * ```
 *
 * @category hashing
 * @since 0.1.0
 */
export const subjectPartition = (tokens: ReadonlyArray<string>, count: number): number => fnv1a(tokens.join("")) % count
