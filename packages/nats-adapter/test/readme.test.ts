import { assert, describe, it } from "@effect/vitest"
import { readFileSync } from "node:fs"
import { fileURLToPath } from "node:url"
import * as ChildProcess from "./ChildProcess.ts"
import * as OrdersExample from "./OrdersExample.ts"

const root = fileURLToPath(new URL("../../../", import.meta.url))

describe("The README, on NATS", () => {
  it.each(["effect", "promise"])("shows its example as it is (%s)", (name) => {
    const example = readFileSync(`${root}examples/nats-consumer/${name}.ts`, "utf8")
    assert.include(readFileSync(`${root}README.md`, "utf8"), `\`\`\`ts\n${example}\`\`\``)
    assert.isAtMost(example.trimEnd().split("\n").length, 15, "a first example is short")
  })

  it.live.each(["effect", "promise"] as const)(
    "has an example that runs, and ends in good order when it is asked to (%s)",
    (name) =>
      OrdersExample.isRight(
        (url) => ChildProcess.start(`examples/nats-consumer/${name}.ts`, { NATS_URL: url }),
        OrdersExample.exitCodes[name]
      )
  )
})
