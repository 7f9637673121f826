// Everything that can be imported must say what it is, and show how: in an example that uses it by name, its own or another's.
// Reads what `tsc -b` wrote. That the examples compile is checked by tools/examples.mjs.

import { relative } from "node:path"
import { modules, root } from "./exports.mjs"
import { usesIn, whyNotShown } from "./uses.mjs"

const all = modules()
const uses = usesIn(all)
const exported = all.flatMap((module) => module.exports.map((one) => ({ module, one })))
const where = ({ source }) => relative(root, source).replace("dist", "src").replace(".d.ts", ".ts")

const problems = [
  ...all.filter(({ doc }) => doc === "").map(({ specifier }) => `${specifier} does not say what it is.`),
  ...exported.flatMap(({ module, one }) => {
    const fault = whyNotShown(uses, module, one)
    return [
      ...(one.doc === "" ? [`${module.specifier}: ${one.name} has no doc comment (${where(one)}).`] : []),
      ...(one.category === "" ? [`${module.specifier}: ${one.name} has no @category (${where(one)}).`] : []),
      ...(fault === undefined ? [] : [`${module.specifier}: ${one.name} ${fault} (${where(one)}).`])
    ]
  })
]

for (const problem of problems) console.log(problem)
if (problems.length > 0) process.exitCode = 1
else console.log(`${exported.length} exports say what they are, and each stands in an example that compiles.`)
