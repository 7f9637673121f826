// Everything that can be imported must say what it is, and what users call must show how. Which of it that is stands here. Reads what
// `tsc -b` wrote. That the examples compile is checked by tools/examples.mjs.

import { relative } from "node:path"
import { modules, root } from "./exports.mjs"

/** Things that are made, provided or run. Types and constants are shown by what takes them, errors by docs/troubleshooting.md. */
const categories = [
  "combinators",
  "constructors",
  "judging",
  "laws",
  "layers",
  "running",
  "services",
  "strategies",
  "tests"
]

/** Parts that other modules are made of: for authors of stores, shells and test kits, who read the code anyway. */
const parts = [
  "@parti/core/Protocol",
  "@parti/core/Revision",
  "@parti/core/StoreKey",
  "@parti/core/Testing",
  "@parti/testkit/NatsServerBinary",
  "@parti/testkit/NatsServerConfig",
  "@parti/testkit/NatsServerPort",
  "@parti/testkit/NatsServerProcess",
  "@parti/testkit/StrategyArbitrary",
  "@parti/testkit/StrategyLawsBalance",
  "@parti/testkit/StrategyLawsGolden",
  "@parti/testkit/StrategyLawsInput",
  "@parti/testkit/StrategyLawsReturn",
  "@parti/testkit/StrategyLawsRule",
  "@parti/testkit/StrategyLawsValidity",
  "@parti/testkit/StrategyOracle",
  "@parti/testkit/StrategyReport"
]

const needsExample = ({ specifier }, { category, isCallable, kind }) =>
  !parts.includes(specifier) && categories.includes(category) && (isCallable || kind === "class")

const all = modules()
const exported = all.flatMap((module) => module.exports.map((one) => ({ module, one })))
const unknown = parts.filter((part) => !all.some(({ specifier }) => specifier === part))
const where = ({ source }) => relative(root, source).replace("dist", "src").replace(".d.ts", ".ts")

const problems = [
  ...unknown.map((part) => `${part} is exempt in tools/documented.mjs, but is not there.`),
  ...all.filter(({ doc }) => doc === "").map(({ specifier }) => `${specifier} does not say what it is.`),
  ...exported.flatMap(({ module, one }) => [
    ...(one.doc === "" ? [`${module.specifier}: ${one.name} has no doc comment (${where(one)}).`] : []),
    ...(one.category === "" ? [`${module.specifier}: ${one.name} has no @category (${where(one)}).`] : []),
    ...(needsExample(module, one) && !one.hasExample
      ? [`${module.specifier}: ${one.name} has no example (${where(one)}).`]
      : [])
  ])
]

for (const problem of problems) console.log(problem)
const shown = exported.filter(({ module, one }) => needsExample(module, one)).length
if (problems.length === 0)
  console.log(`${exported.length} exports say what they are, ${shown} that are called show how.`)
else process.exitCode = 1
