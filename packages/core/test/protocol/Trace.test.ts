import { readdirSync, readFileSync } from "node:fs"
import { describe, expect, it } from "vitest"
import { render } from "./rig/Script.ts"

// One rule each. A change of the protocol that changes a trace is reviewed line by line.
// Rewrite with: npx vitest run --config vitest.workspace.ts --project core Trace --update

const folder = new URL("traces/", import.meta.url)
const files = readdirSync(folder).filter((name) => name.endsWith(".trace"))

describe("Golden traces", () => {
  it.each(files)("%s is what the group does", async (name) => {
    const text = readFileSync(new URL(name, folder), "utf8")
    expect(text, "a trace opens with one sentence: the rule it pins").toMatch(/^# [A-Z].*\.\n/)
    const rendered = render(text)
    await expect(rendered).toMatchFileSnapshot(new URL(name, folder).pathname)
    expect(rendered.split("\n").length, "a trace of more than 60 lines is not reviewed").toBeLessThanOrEqual(60)
  })
})
