// `npm run release`: gives the packages their next version, and moves what the changesets tell into CHANGELOG.md. The tool's own
// changelogs are off: it writes one for each package, and these are always released together.

import { spawnSync } from "node:child_process"
import { globSync, readFileSync, writeFileSync } from "node:fs"
import { basename } from "node:path"
import { fileURLToPath } from "node:url"

const changesets = fileURLToPath(import.meta.resolve("@changesets/cli/bin.js"))

/** What a changeset tells, without the lines that name packages: one item of a list. */
const itemOf = (path) => {
  const [, text = ""] = /^---\n[^]*?\n?---\n([^]*)$/.exec(readFileSync(path, "utf8").replaceAll("\r\n", "\n")) ?? []
  return text.trim() === "" ? [] : [`- ${text.trim().replaceAll(/\n(?=.)/g, "\n  ")}`]
}

const versionNow = () => JSON.parse(readFileSync("packages/core/package.json", "utf8")).version

const items = globSync(".changeset/*.md")
  .filter((path) => basename(path) !== "README.md")
  .sort()
  .flatMap(itemOf)
const before = versionNow()
const changelog = readFileSync("CHANGELOG.md", "utf8").replaceAll("\r\n", "\n")
const newest = changelog.indexOf("\n## ") + 1

const fail = (advice) => {
  console.error(advice)
  process.exit(1)
}

if (changelog.includes(`\n## ${before} (unreleased)\n`)) {
  fail(`${before} is not released yet: date its section in CHANGELOG.md, and publish it, before there is a next one.`)
}
if (items.length === 0) fail("No changeset tells users of anything: `npm run changeset` writes one.")
if (spawnSync(process.execPath, [changesets, "version"], { stdio: "inherit" }).status !== 0) {
  fail("The versions are not set, see above; CHANGELOG.md is as it was.")
}

const section = `## ${versionNow()} (${new Date().toISOString().slice(0, 10)})\n\n${items.join("\n")}\n\n`
writeFileSync("CHANGELOG.md", changelog.slice(0, newest) + section + changelog.slice(newest))
console.log(`${before} is followed by ${versionNow()}; review CHANGELOG.md.`)
