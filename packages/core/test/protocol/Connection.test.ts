import { assert, describe, it } from "vitest"
import * as Connection from "../../src/protocol/Connection.ts"
import { config } from "./rig/Sample.ts"

// Degraded after 5 s without an accepted write, connected again after 5 s of health; healthy: none missing for 4 s.
const setting = config()
const start = Connection.initial(0)
const degraded = Connection.proceed(setting, start, 5_000)

const acceptedAt = (state: Connection.State, ...times: ReadonlyArray<number>): Connection.State =>
  times.reduce((before, at) => Connection.proceed(setting, Connection.accepted(setting, before, at), at), state)

describe("The connection", () => {
  it("is given the benefit of the doubt at the start", () => {
    assert.deepStrictEqual(start.shown, { _tag: "Connected" })
    assert.strictEqual(Connection.wakeAt(setting, start), 5_000)
  })

  it("is degraded, since the last accepted write, when none was accepted for long", () => {
    assert.strictEqual(Connection.proceed(setting, start, 4_999), start)
    assert.deepStrictEqual(degraded.shown, { _tag: "Degraded", since: 0 })
    assert.strictEqual(Connection.proceed(setting, degraded, 60_000), degraded)
  })

  it("stays connected while writes are accepted", () => {
    const state = acceptedAt(start, 2_000, 4_000, 6_000, 8_000)
    assert.deepStrictEqual(state.shown, { _tag: "Connected" })
    assert.strictEqual(Connection.wakeAt(setting, state), 13_000)
  })

  it("is connected again after enough health, and not before", () => {
    const well = acceptedAt(degraded, 20_000, 22_000, 24_000)
    assert.deepStrictEqual(well.shown, { _tag: "Degraded", since: 0 })
    assert.strictEqual(Connection.wakeAt(setting, well), 25_000)
    assert.deepStrictEqual(Connection.proceed(setting, well, 24_999).shown, { _tag: "Degraded", since: 0 })
    assert.deepStrictEqual(Connection.proceed(setting, well, 25_000).shown, { _tag: "Connected" })
  })

  it("starts counting its health anew after a gap", () => {
    const relapsed = acceptedAt(degraded, 20_000, 22_000, 27_000)
    assert.deepStrictEqual(Connection.proceed(setting, relapsed, 28_000).shown, { _tag: "Degraded", since: 0 })
    assert.strictEqual(Connection.wakeAt(setting, relapsed), 32_000)
  })

  it("has nothing to wait for while it is degraded and nothing is accepted", () => {
    assert.strictEqual(Connection.wakeAt(setting, degraded), Number.POSITIVE_INFINITY)
  })

  it("counts the silence of others from when the observer itself was last cut off", () => {
    const state = acceptedAt(start, 2_000, 4_000, 9_000, 11_000)
    assert.strictEqual(Connection.listeningSince(setting, state, 12_000), 9_000)
    assert.strictEqual(Connection.listeningSince(setting, state, 15_000), 9_000)
    assert.strictEqual(Connection.listeningSince(setting, state, 15_001), 15_001)
  })
})
