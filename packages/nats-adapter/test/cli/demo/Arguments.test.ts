import { assert, describe, it } from "vitest"
import * as Arguments from "../../../src/cli/demo/Arguments.ts"

describe("The demo's command line", () => {
  it("needs no arguments", () => {
    assert.deepStrictEqual(Arguments.parse([]), {
      _tag: "Run",
      chosen: { seconds: 20, seed: 1, workers: 5, partitions: 60 }
    })
  })

  it("takes each number, with a space or an equals sign, and of two the last", () => {
    const argv = ["--seconds", "30", "--seed=7", "--workers", "4", "--workers", "6", "--partitions=100"]
    assert.deepStrictEqual(Arguments.parse(argv), {
      _tag: "Run",
      chosen: { seconds: 30, seed: 7, workers: 6, partitions: 100 }
    })
  })

  it.each([
    [["--seconds", "soon"], `--seconds takes a whole number from 8 to 600, not "soon"; try --seconds 20`],
    [["--seconds", "7"], `--seconds takes a whole number from 8 to 600, not "7"; try --seconds 20`],
    [["--seconds=601"], `--seconds takes a whole number from 8 to 600, not "601"; try --seconds 20`],
    [["--seed", "-1"], `--seed takes a whole number from 0 to 2147483647, not "-1"; try --seed 1`],
    [["--workers", "4.5"], `--workers takes a whole number from 4 to 24, not "4.5"; try --workers 5`],
    [["--partitions", "0"], `--partitions takes a whole number from 1 to 1000, not "0"; try --partitions 60`],
    [["--partitions="], `--partitions takes a whole number from 1 to 1000, not ""; try --partitions 60`],
    [["--workers"], "--workers takes a whole number from 4 to 24; try --workers 5"],
    [["--seconds", "--seed"], `--seconds takes a whole number from 8 to 600, not "--seed"; try --seconds 20`],
    [
      ["--second", "20"],
      "there is no option --second; there are --seconds, --seed, --workers, --partitions and --help"
    ],
    [["-x"], "there is no option -x; there are --seconds, --seed, --workers, --partitions and --help"],
    [
      ["--toString", "1"],
      "there is no option --toString; there are --seconds, --seed, --workers, --partitions and --help"
    ],
    [["20"], `"20" is not expected; options look like --seconds 20`]
  ])("answers %j in one line, with advice", (argv, advice) => {
    assert.deepStrictEqual(Arguments.parse(argv), { _tag: "Refused", advice })
  })

  it.each([["--help"], ["-h"]])("explains every option for %s", (flag) => {
    const parsed = Arguments.parse([flag])
    assert.strictEqual(parsed._tag, "Help")
    if (parsed._tag !== "Help") return
    for (const name of ["--seconds", "--seed", "--workers", "--partitions", "--help"]) assert.include(parsed.text, name)
  })
})
