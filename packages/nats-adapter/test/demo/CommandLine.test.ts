import { assert, describe, it } from "vitest"
import * as CommandLine from "../../../../demo/nats/CommandLine.ts"

const usual = { seconds: 20, seed: 1, workers: 4, partitions: 64 }

describe("The command line of the demo on NATS", () => {
  it("needs nothing but to be asked for", () => {
    assert.deepStrictEqual(CommandLine.parse(["--nats"]), { _tag: "Run", chosen: { ...usual, servers: [] } })
  })

  it.each([
    ["--servers a:1,b:2", ["a:1", "b:2"]],
    ["--servers=nats://a:1", ["nats://a:1"]],
    ["--seconds 20 --servers a:1 --workers 4", ["a:1"]]
  ])("takes servers and numbers: %s", (text, servers) => {
    const argv = ["--nats", ...text.split(" ")]
    assert.deepStrictEqual(CommandLine.parse(argv), { _tag: "Run", chosen: { ...usual, servers } })
  })

  it.each([
    [["--servers"], "--servers takes addresses; try --servers nats://127.0.0.1:4222"],
    [["--servers", "--seconds", "9"], "--servers takes addresses; try --servers nats://127.0.0.1:4222"],
    [["--seconds", "4"], `--seconds takes a whole number from 5 to 3600, not "4"; try --seconds 20`],
    [["--workers", "1"], `--workers takes a whole number from 2 to 24, not "1"; try --workers 4`],
    [["a:1"], `"a:1" is not expected; options look like --seconds 20`]
  ])("answers %j in one line, with advice", (argv, advice) => {
    assert.deepStrictEqual(CommandLine.parse(["--nats", ...argv]), { _tag: "Refused", advice })
  })

  it("names every option where one is wrong, and explains each where help is wanted", () => {
    const wrong = CommandLine.parse(["--nats", "--server", "a:1"])
    const help = CommandLine.parse(["--nats", "--help"])
    assert.strictEqual(wrong._tag, "Refused")
    assert.strictEqual(help._tag, "Help")
    if (wrong._tag !== "Refused" || help._tag !== "Help") return
    for (const name of ["--seconds", "--seed", "--workers", "--partitions", "--servers", "--nats"]) {
      assert.include(wrong.advice, name)
      assert.include(help.text, name)
    }
  })
})
