import { assert, describe, it } from "vitest"
import * as Hash from "../../src/model/Hash.ts"

/** MurmurHash3 as its author describes it: over bytes, block by block. Slow and plain. */
const reference = (text: string, seed: number): number => {
  const bytes = new Uint8Array(
    [...Array(text.length).keys()].flatMap((i) => [text.charCodeAt(i) & 255, text.charCodeAt(i) >> 8])
  )
  const rotate = (x: number, by: number) => (x << by) | (x >>> (32 - by))
  const block = (k: number) => Math.imul(rotate(Math.imul(k, 0xcc9e2d51), 15), 0x1b873593)
  const view = new DataView(bytes.buffer)
  let h = seed
  const whole = bytes.length - (bytes.length % 4)
  for (let i = 0; i < whole; i += 4) h = (Math.imul(rotate(h ^ block(view.getUint32(i, true)), 13), 5) + 0xe6546b64) | 0
  if (bytes.length > whole) h ^= block(view.getUint16(whole, true))
  h ^= bytes.length
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b)
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35)
  return (h ^ (h >>> 16)) >>> 0
}

describe("Hash", () => {
  it("is MurmurHash3 of the UTF-16 code units", () => {
    for (const text of ["", "a", "ab", "abc", "tool-7.chamber-1", "é", "e\u0301", "😀", "\ud800", "x".repeat(999)]) {
      for (const seed of [0, 1, 0xdeadbeef | 0])
        assert.strictEqual(Hash.murmur3(text, seed), reference(text, seed), text)
    }
  })

  it("gives the published values of MurmurHash3 for the empty string", () => {
    assert.strictEqual(Hash.murmur3("", 0), 0)
    assert.strictEqual(Hash.murmur3("", 1), 0x514e28b7)
  })

  it("is the same for a text without excluded characters, and says so of any other", () => {
    const excluded = new Uint8Array(128)
    for (const character of " .") excluded[character.charCodeAt(0)] = 1
    for (const text of ["", "a", "tool-7", "x".repeat(999)])
      assert.strictEqual(Hash.murmur3Unless(excluded, text), Hash.murmur3(text), text)
    // At each place, of a pair or alone at the end; and characters whose low bits are those of others.
    for (const strange of [".", " ", "\u0080", "\u0161", "é", "😀"])
      for (const text of [strange, `a${strange}`, `${strange}a`, `ab${strange}`, `abc${strange}d`, `${strange}bcde`])
        assert.strictEqual(Hash.murmur3Unless(excluded, text), -1, text)
  })

  it("mixes one to one: no two of many inputs collide", () => {
    const outputs = new Set(Array.from({ length: 50_000 }, (_, i) => Hash.mix(i)))
    assert.strictEqual(outputs.size, 50_000)
  })

  it("gives the published values of FNV-1a", () => {
    assert.strictEqual(Hash.fnv1a(""), 0x811c9dc5)
    assert.strictEqual(Hash.fnv1a("a"), 0xe40c292c)
    assert.strictEqual(Hash.fnv1a("foobar"), 0xbf9cf968)
  })

  it("hashes the UTF-8 bytes of text beyond ASCII, as the wire carries them", () => {
    const bytewise = (text: string) =>
      new TextEncoder().encode(text).reduce((h, byte) => Math.imul(h ^ byte, 0x01000193), 0x811c9dc5) >>> 0
    for (const text of ["é", "日本", "😀 x", "\ud800", "\u07ff\u0800\uffff"])
      assert.strictEqual(Hash.fnv1a(text), bytewise(text))
  })

  it("numbers a subject's tokens as the server's partition transform does: hashed without the dots, modulo the count", () => {
    assert.strictEqual(Hash.subjectPartition(["foo", "bar"], 16), 0xbf9cf968 % 16)
  })
})
