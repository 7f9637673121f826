import { assert, describe, it } from "vitest"
import { moveReasons, named } from "../../src/protocol/Decision.ts"
import type { Explanation, Holder } from "../../src/protocol/Explanation.ts"
import * as ExplanationText from "../../src/runtime/ExplanationText.ts"
import * as DecisionSample from "../protocol/DecisionSample.ts"
import { idOf } from "./Samples.ts"

const { decision } = DecisionSample.logged(DecisionSample.joining(3, DecisionSample.numbered(12)), { number: 5 })

const holder: Holder = {
  owner: idOf("a"),
  session: "a.1",
  next: idOf("a"),
  isHandingOver: false,
  standby: null,
  token: 1000,
  since: 1000,
  isRenewed: false
}

const explanation: Explanation = { partition: "p0", holder, moves: [], gaps: [], decisions: 1, oldest: 5 }

const told = (change: Partial<Explanation>) => ExplanationText.describe({ ...explanation, ...change })

const many = named(["w1", "w2", "w3", "w4", "w5", "w6"].map(idOf))

describe("An explanation in words", () => {
  it("says who has the partition, who is to get it, and who stands by", () => {
    const handing = { ...holder, next: idOf("b"), isHandingOver: true, standby: idOf("c") }
    assert.deepStrictEqual(told({ holder: handing }), [
      "p0 is run by a since 1970-01-01 00:00:01.000Z, under token 1000.",
      "It is on its way to b.",
      "c stands by.",
      "",
      "The log has 1 decision, from #5 on; what came before is not known."
    ])
  })

  it("says that nobody has it, that nobody is to get it, and that the log is empty", () => {
    const nobody = { ...holder, owner: null, next: null, isHandingOver: true, isRenewed: true }
    assert.deepStrictEqual(told({ holder: nobody, decisions: 0, oldest: null }), [
      "p0 is run by nobody.",
      "It is on its way to nobody.",
      "",
      "The log has no decision yet."
    ])
  })

  it("tells what was different, names a few workers of many, and leaves out what did not happen", () => {
    const { changes, cost, steps } = decision
    const crowded = {
      ...decision,
      trigger: "restart" as const,
      changes: { ...changes, joined: many, crashed: named([idOf("x")]), partitionsRemoved: 1, isReweighted: true },
      cost: { ...cost, moved: 4.005, minimum: 3.5, isDeferred: true },
      steps: { ...steps, grantedAt: 1009, supersededBy: 2000 }
    }
    assert.deepStrictEqual(
      told({ moves: [{ decision: crowded, from: "a", to: null, reason: "removed" }] }).slice(1, 5),
      [
        "",
        "#5  1970-01-01 00:00:01.000Z  a → nobody: it left the source",
        "    mass restart: w1 w2 w3 w4 and 2 more joined, x crashed, 1 partition removed, weights or capacities changed; sticky; 4.01 moved, 3.5 at least, more put off",
        "    in force +4 ms · granted +9 ms · superseded before it was done"
      ]
    )
  })

  it("has words of its own for each reason", () => {
    const lines = moveReasons.map((reason) => told({ moves: [{ decision, from: "a", to: "b", reason }] })[2])
    assert.strictEqual(new Set(lines).size, moveReasons.length)
  })

  it("tells which decisions cannot say anything, and why", () => {
    assert.strictEqual(
      told({ gaps: [{ number: 3, why: "it is lost" }] }).at(-1),
      "Decision #3 cannot tell: it is lost."
    )
  })
})
