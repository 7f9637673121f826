import { assert, describe, it } from "vitest"
import * as Recorder from "../../../src/cli/demo/Recorder.ts"

const run = (partition: string, by: string, token: number) => ({ partition, by, token })

describe("The demo's record of who runs what", () => {
  it("counts for how long partitions that were run once are run by nobody", () => {
    const recorder = Recorder.make()
    const [first, second] = [run("1", "a", 1), run("2", "a", 1)]
    recorder.began(first, 100)
    recorder.began(second, 100)
    recorder.ended(first, 1000)
    recorder.began(run("1", "b", 2), 1500)
    recorder.ended(second, 2000)
    const account = recorder.account(4000)
    assert.deepStrictEqual(account, {
      running: 1,
      overlaps: 0,
      staleTokens: 0,
      idlePartitionSeconds: 2.5,
      breaches: []
    })
    assert.strictEqual(recorder.running("a"), 0)
    assert.strictEqual(recorder.running("b"), 1)
  })

  it("notices two owners at once, also when the first of them goes on", () => {
    const recorder = Recorder.make()
    const [first, second] = [run("1", "a", 1), run("1", "b", 2)]
    recorder.began(first, 0)
    recorder.began(second, 10)
    recorder.ended(second, 20)
    recorder.began(run("1", "c", 3), 30)
    const { breaches, overlaps } = recorder.account(40)
    assert.strictEqual(overlaps, 2)
    assert.deepStrictEqual(breaches, ["1 was begun by b while a ran it", "1 was begun by c while a ran it"])
  })

  it("notices a token that does not rise from owner to owner", () => {
    const recorder = Recorder.make()
    for (const [by, token] of [
      ["a", 5],
      ["b", 5],
      ["b", 4],
      ["b", 6]
    ] as const) {
      const one = run("1", by, token)
      recorder.began(one, 0)
      recorder.ended(one, 0)
    }
    assert.strictEqual(recorder.account(0).staleTokens, 2)
  })

  it("lets an owner begin again under its token", () => {
    const recorder = Recorder.make()
    for (const one of [run("1", "a", 5), run("1", "a", 5)]) {
      recorder.began(one, 0)
      recorder.ended(one, 0)
    }
    assert.strictEqual(recorder.account(0).staleTokens, 0)
  })
})
