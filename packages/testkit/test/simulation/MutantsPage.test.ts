import { readFileSync } from "node:fs"
import { assert, describe, it } from "vitest"
import * as Mutants from "../../src/simulation/mutants/Mutants.ts"

const page = readFileSync(new URL("../../../../docs/mutants.md", import.meta.url), "utf8")

/** What stands in the second column in backticks and is no file. */
const named = page
  .split("\n")
  .flatMap((line) => (line.startsWith("| ") ? [...(line.split(" | ")[1] ?? "").matchAll(/`([^`]+)`/g)] : []))
  .map((match) => match[1] ?? "")
  .filter((name) => name.includes(" "))

describe("The page about mutants", () => {
  it("names every mutant", () => {
    assert.deepStrictEqual(
      Mutants.all.map(({ name }) => name).filter((name) => !named.includes(name)),
      []
    )
  })

  it("names none that is not planted", () => {
    const planted = Mutants.all.map(({ name }) => name)
    assert.deepStrictEqual(
      named.filter((name) => !planted.includes(name)),
      []
    )
  })
})
