import { assert, describe, it } from "vitest"

describe("The toolchain", () => {
  it("runs the tests on Node 24", () => {
    assert.match(process.version, /^v24\./)
  })
})
