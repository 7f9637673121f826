import { readFileSync } from "node:fs"
import { assert, describe, expect, it } from "@effect/vitest"
import * as Result from "effect/Result"
import * as fc from "fast-check"
import type { ConfigOptions } from "../../src/model/ConfigOption.ts"
import * as ConfigRule from "../../src/model/ConfigRule.ts"
import * as ConfigTable from "../../src/model/ConfigTable.ts"
import * as PartiConfig from "../../src/model/PartiConfig.ts"
import * as ConfigPage from "./ConfigPage.ts"

const group = "orders"

const brokenBy = (input: PartiConfig.PartiConfigInput): ReadonlyArray<PartiConfig.BrokenRule> =>
  Result.match(PartiConfig.parse(input), { onFailure: ({ broken }) => broken, onSuccess: () => [] })

/** What callers without types may hand over. */
const untyped = (fields: Readonly<Record<string, unknown>>) => ({ group, ...fields }) as PartiConfig.PartiConfigInput

const span = [0, -1, 1.5, Number.NaN, Infinity, 86_400_001, "2 seconds", null]

const spanFromZero = span.slice(1)

const name = ["", "a.b", "-a", "a b", "ä", "x".repeat(65), 7]

const count = [0, -1, 2.5, 10_001, "3"]

/** For each option, values that its own rule refuses. */
const wrongValues: Readonly<Record<keyof ConfigOptions, ReadonlyArray<unknown>>> = {
  group: [...name, undefined, null],
  workerId: name,
  workerIdPool: [null, "worker", {}, { prefix: "a.b", count: 3 }, ...count.map((one) => ({ prefix: "a", count: one }))],
  instance: ["x".repeat(257), null],
  capacity: [-1, 1_000_001, Number.NaN, "1"],
  maxPartitions: [-1, 1.5, 1_000_001, "7"],
  zone: ["", "x".repeat(129), 7],
  version: ["", " \u001B[2J", "1.2\n", "1.2\u202E", "1.2\u2028", "\uD800", "x".repeat(65), 7, {}],
  heartbeatIntervalMs: span,
  leaseMs: [...span, 300_001],
  marginMs: span,
  fenceLeadMs: span,
  requestTimeoutMs: span,
  electionJitterMs: spanFromZero,
  candidates: count,
  onStoreLoss: ["stop", null],
  degradedPreset: ["eager", null],
  degradedAfterMs: span,
  recoverAfterMs: span,
  coldStart: ["lazy", null],
  coldStartWindowMs: spanFromZero,
  plannedWindowMs: spanFromZero,
  restartWindowMs: spanFromZero,
  drainWindowMs: spanFromZero,
  restartRatio: [0, 1.1, -0.5, Number.NaN, "0.5"],
  minRebalanceIntervalMs: spanFromZero,
  settleAfterMs: span.slice(0, -1),
  expectedWorkers: count,
  gatherMs: spanFromZero,
  drainTimeoutMs: spanFromZero,
  revokeTimeoutMs: span,
  startupTimeoutMs: span,
  shutdownTimeoutMs: span
}

/** For each relation, options that are in order one by one and break it; the others that they break, too, if any. */
const wrongRelations: ReadonlyArray<readonly [broken: string, input: PartiConfig.PartiConfigInput]> = [
  ["C1", { heartbeatIntervalMs: 4751, degradedAfterMs: 7000 }],
  ["C2", { fenceLeadMs: 7500, revokeTimeoutMs: 20_000 }],
  ["C3 C6", { requestTimeoutMs: 7500 }],
  ["C4", { marginMs: 99 }],
  ["C5", { electionJitterMs: 2001 }],
  ["C6", { degradedAfterMs: 3500 }],
  ["C7", { degradedAfterMs: 9500 }],
  ["C8", { recoverAfterMs: 1999 }],
  ["C9", { revokeTimeoutMs: 6000 }],
  ["C10", { gatherMs: 10_000 }],
  ["C11", { settleAfterMs: 30_001 }],
  ["C12", { expectedWorkers: 101 }],
  ["C13", { startupTimeoutMs: 10_500 }],
  ["C14", { shutdownTimeoutMs: 6000 }]
]

/** The same relations, just kept. */
const rightRelations: ReadonlyArray<PartiConfig.PartiConfigInput> = [
  { heartbeatIntervalMs: 4750, degradedAfterMs: 7000 },
  { fenceLeadMs: 7499, revokeTimeoutMs: 20_000 },
  { requestTimeoutMs: 7498, degradedAfterMs: 9499 },
  { marginMs: 100 },
  { electionJitterMs: 2000 },
  { degradedAfterMs: 3501 },
  { degradedAfterMs: 9499 },
  { recoverAfterMs: 2000 },
  { revokeTimeoutMs: 6001 },
  { gatherMs: 9999 },
  { settleAfterMs: 30_000 },
  { expectedWorkers: 100 },
  { expectedWorkers: 101, workerId: "orders-7" },
  { startupTimeoutMs: 10_501 },
  { shutdownTimeoutMs: 6001 }
]

describe("The configuration", () => {
  it("has the documented defaults", () => {
    const { workerIds, ...config } = Result.getOrThrow(PartiConfig.parse({ group }))
    assert.lengthOf(workerIds, 100)
    assert.deepStrictEqual([workerIds[0], workerIds[99]].map(String), ["worker-0", "worker-99"])
    assert.deepStrictEqual(config, {
      group,
      workerId: null,
      instance: "",
      capacity: 1,
      maxPartitions: null,
      zone: null,
      version: null,
      heartbeatIntervalMs: 2000,
      leaseMs: 10_000,
      marginMs: 500,
      fenceLeadMs: 1000,
      requestTimeoutMs: 1500,
      electionJitterMs: 100,
      candidates: 3,
      onStoreLoss: "fence",
      degradedPreset: "balanced",
      degradedAfterMs: 5000,
      recoverAfterMs: 5000,
      coldStart: "window",
      coldStartWindowMs: 30_000,
      plannedWindowMs: 10_000,
      restartWindowMs: 30_000,
      drainWindowMs: 1000,
      restartRatio: 0.5,
      minRebalanceIntervalMs: 10_000,
      settleAfterMs: null,
      expectedWorkers: null,
      gatherMs: 25,
      drainTimeoutMs: 5000,
      revokeTimeoutMs: 10_000,
      startupTimeoutMs: 60_000,
      shutdownTimeoutMs: 30_000
    })
  })

  it.each([
    ["development", 500, 2000],
    ["balanced", 2000, 10_000],
    ["production", 3000, 15_000]
  ] as const)("keeps every rule with the preset %s", (preset, heartbeatIntervalMs, leaseMs) => {
    const config = Result.getOrThrow(PartiConfig.parse({ group, preset }))
    assert.deepInclude(config, { heartbeatIntervalMs, leaseMs })
  })

  it("takes what is given, and the default for what is undefined", () => {
    const input = {
      group,
      workerId: "orders-7",
      workerIdPool: { prefix: "pod", count: 2 },
      zone: undefined,
      capacity: 0
    }
    const config = Result.getOrThrow(PartiConfig.parse(input))
    assert.deepInclude(config, { zone: null, capacity: 0 })
    assert.strictEqual(String(config.workerId), "orders-7")
    assert.deepStrictEqual(config.workerIds.map(String), ["pod-0", "pod-1"])
  })

  it.each(ConfigTable.names)("refuses values that break the rule of %s", (option) => {
    for (const value of wrongValues[option]) {
      const broken = brokenBy(untyped({ [option]: value }))
      assert.deepStrictEqual(
        broken.map(({ rule }) => rule),
        [option],
        `${option}: ${String(value)}`
      )
      assert.include(broken[0]?.message ?? "", `it takes ${ConfigTable.table[option].rule}`)
    }
  })

  it.each(wrongRelations)("refuses options that break %s", (broken, input) => {
    assert.deepStrictEqual(
      brokenBy({ group, ...input }).map(({ rule }) => rule),
      broken.split(" ")
    )
  })

  it.each(rightRelations)("accepts options that just keep a relation: %j", (input) => {
    assert.deepStrictEqual(brokenBy({ group, ...input }), [])
  })

  it("takes how soon a worker calls itself degraded from a preset of its own, whatever else is preset", () => {
    for (const preset of ["development", "balanced", "production"] as const) {
      const [late, usual, early] = (["conservative", "balanced", "aggressive"] as const).map((degradedPreset) =>
        Result.getOrThrow(PartiConfig.parse({ group, preset, degradedPreset }))
      )
      for (const option of ["degradedAfterMs", "recoverAfterMs"] as const) {
        assert.isAbove(late?.[option] ?? NaN, usual?.[option] ?? NaN)
        assert.isBelow(early?.[option] ?? NaN, usual?.[option] ?? NaN)
      }
      assert.deepStrictEqual({ ...late, ...early }, { ...usual, ...early }, "nothing else differs")
    }
    const given = PartiConfig.parse({ group, degradedPreset: "aggressive", degradedAfterMs: 7000 })
    assert.deepInclude(Result.getOrThrow(given), { degradedAfterMs: 7000, recoverAfterMs: 2000 })
  })

  it("has a case for every rule", () => {
    for (const option of ConfigTable.names) assert.isNotEmpty(wrongValues[option], option)
    assert.deepStrictEqual(
      wrongRelations.map(([broken]) => broken.split(" ")[0]),
      ConfigRule.rules.map(({ id }) => id)
    )
  })

  it.each(wrongRelations)("gives advice that cures %s", (broken, input) => {
    const defaults = ConfigTable.names.map((one) => [one, ConfigTable.table[one].defaults?.balanced])
    const rule = ConfigRule.rules.find(({ id }) => id === broken.split(" ")[0])
    if (rule === undefined) assert.fail("there is no such rule")
    const sick = { ...Object.fromEntries(defaults), ...input } as ConfigOptions
    const { option, to } = rule.cure(sick)
    assert.isFalse(rule.holds(sick))
    assert.isTrue(rule.holds({ ...sick, [option]: to }))
    assert.isTrue(ConfigTable.table[option].accepts(to))
  })

  it("says the relation, the values, the consequence and the cure", () => {
    const [broken] = brokenBy({ group, heartbeatIntervalMs: 4751, degradedAfterMs: 7000 })
    assert.strictEqual(
      broken?.message,
      "C1: heartbeatIntervalMs × 2 ≤ leaseMs − marginMs; but heartbeatIntervalMs is 4751, leaseMs is 10000, marginMs is " +
        "500: a single lost heartbeat would cost the lease; raise leaseMs to 10002, or lower heartbeatIntervalMs"
    )
  })

  it("reports all broken rules at once", () => {
    const input = untyped({
      group: "my group",
      preset: "fast",
      leaseMs: "10s",
      heartbeatMs: 1,
      restartRatio: 2,
      marginMs: 99
    })
    const result = PartiConfig.parse({ ...input, gatherMs: 10_000 })
    if (Result.isSuccess(result)) assert.fail("was accepted")
    assert.strictEqual(
      result.failure.message,
      `the configuration breaks 6 rules:
- "heartbeatMs" is not an option; is it misspelt?
- preset is "fast"; it takes development, balanced, production
- group is "my group"; it takes 1 to 64 letters, digits, _ and -, the first a letter or digit
- leaseMs is "10s"; it takes a whole number of milliseconds from 1 to 300000
- restartRatio is 2; it takes a number above 0 and at most 1
- C10: gatherMs < revokeTimeoutMs; but gatherMs is 10000, revokeTimeoutMs is 10000: workers that have acknowledged would be taken for workers that do not; raise revokeTimeoutMs to 10001, or lower gatherMs`
    )
  })

  it("is accepted or refused, whatever it is", () => {
    const value = fc.oneof(fc.integer({ min: 0, max: 20_000 }), fc.anything())
    fc.assert(
      fc.property(fc.dictionary(fc.constantFrom("preset", "x", "__proto__", ...ConfigTable.names), value), (fields) => {
        const result = PartiConfig.parse(untyped(fields))
        if (Result.isFailure(result)) assert.isNotEmpty(result.failure.message)
      }),
      { seed: 20261123, numRuns: 500 }
    )
  })
})

describe("The table of options", () => {
  const source = readFileSync(new URL("../../src/model/ConfigOption.ts", import.meta.url), "utf8")

  const commentOn = (option: string): string => {
    const [before = ""] = source.split(`\n  readonly ${option}: `)
    const comment = before.slice(before.lastIndexOf("/**"))
    return comment
      .replaceAll(/\/\*\*|\*\/|\n\s*\*(?!\/)/g, " ")
      .replaceAll(/\s+/g, " ")
      .trim()
  }

  it.each(ConfigTable.names)("says of %s what its doc comment says", (option) => {
    assert.strictEqual(commentOn(option), ConfigTable.describe(option))
  })

  it("is what docs/configuration.md shows", async () => {
    await expect(ConfigPage.page).toMatchFileSnapshot("../../../../docs/configuration.md")
  })

  it("has defaults that keep the rule of their option", () => {
    for (const option of ConfigTable.names) {
      const { accepts, defaults } = ConfigTable.table[option]
      for (const value of Object.values(defaults ?? {})) assert.isTrue(accepts(value), option)
    }
  })
})
