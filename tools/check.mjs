// `npm run check`: every static check, all of them even when one fails, and how to repeat each that did.

import { spawnSync } from "node:child_process"

const packages = ["core", "testkit", "nats-adapter"]

const checks = [
  "tsc -b",
  ...packages.map((name) => `effect-tsgo diagnostics --project packages/${name}/tsconfig.json`),
  "effect-tsgo diagnostics --project tsconfig.test.json",
  "node tools/examples.mjs",
  "oxlint --type-aware --deny-warnings",
  "oxfmt --check",
  "knip",
  // Reads what `tsc -b` wrote.
  ...packages.map((name) => `publint packages/${name} --strict --pack false`),
  "node tools/packages.mjs",
  "node tools/documented.mjs",
  "node tools/api.mjs --check"
]

const failed = checks.filter((command) => {
  console.log(`\n> ${command}`)
  return spawnSync(command, { shell: true, stdio: "inherit" }).status !== 0
})

console.log(`\n${checks.length - failed.length} of ${checks.length} checks passed.`)
for (const command of failed) console.log(`FAILED, repeat with: npx ${command}`)
if (failed.length > 0) process.exitCode = 1
