import { assert, describe, it } from "@effect/vitest"
import * as fc from "fast-check"
import { zlib } from "../../src/runtime/Compression.ts"

const check = { seed: 20261123, numRuns: 300 }

const some = new TextEncoder().encode("partition ".repeat(1000))

describe("Compression", () => {
  it("gives back what it was given, within the bound and not beyond", () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 1, maxLength: 2000 }), (bytes) => {
        const deflated = zlib.deflate(bytes)
        assert.strictEqual(deflated[0], 0x78)
        assert.deepStrictEqual(Uint8Array.from(zlib.inflate(deflated, bytes.length) ?? []), bytes)
        if (bytes.length > 1) assert.isNull(zlib.inflate(deflated, bytes.length - 1))
      }),
      check
    )
  })

  it("refuses what was cut off", () => {
    const deflated = zlib.deflate(some)
    for (let length = 0; length < deflated.length; length++) {
      assert.isNull(zlib.inflate(deflated.subarray(0, length), some.length))
    }
  })

  it("refuses what is followed by something", () => {
    assert.isNull(zlib.inflate(Uint8Array.of(...zlib.deflate(some), 0), some.length))
  })

  it("refuses what was changed", () => {
    const deflated = zlib.deflate(some)
    for (let at = 0; at < deflated.length; at++) {
      const changed = Uint8Array.from(deflated, (byte, i) => (i === at ? byte ^ 1 : byte))
      assert.isNull(zlib.inflate(changed, some.length))
    }
  })

  it("refuses any bytes", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 100 }), (bytes) => assert.isNull(zlib.inflate(bytes, 1000))),
      check
    )
  })
})
