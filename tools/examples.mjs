// Type-checks every example (```ts) of the pages and of the doc comments, each as a module of its own.

import { spawnSync } from "node:child_process"
import { globSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { examplesIn } from "./uses.mjs"

const root = fileURLToPath(new URL("..", import.meta.url))
const folder = join(root, ".cache", "examples")

const folders = [".", "docs/**", "examples/**", "packages/*"]
// The API reference repeats what the sources have.
const pages = folders
  .flatMap((name) => globSync(`${name}/*.md`, { cwd: root }))
  .filter((path) => !/^docs[\\/]api/.test(path))
const sources = globSync("packages/*/src/**/*.ts", { cwd: root })

/** The comments of a source without their stars, on the lines where they are. */
const commentsOf = (text) => text.replaceAll(/^ *\* ?/gm, "")

const examples = [
  ...pages.map((path) => ({ path, text: readFileSync(join(root, path), "utf8") })),
  ...sources.map((path) => ({ path, text: commentsOf(readFileSync(join(root, path), "utf8")) }))
].flatMap(({ path, text }) => examplesIn(text).map((example) => ({ path, ...example })))

// What examples leave to the reader.
const ambient = `import type { Strategy } from "@parti/core"

declare global {
  const alphabetical: Strategy.AssignmentStrategy
  const workOn: (...details: ReadonlyArray<unknown>) => Promise<void>
  const bill: (...details: ReadonlyArray<unknown>) => Promise<void>
}
`

rmSync(folder, { recursive: true, force: true })
mkdirSync(folder, { recursive: true })
writeFileSync(join(folder, "ambient.d.ts"), ambient)
writeFileSync(
  join(folder, "tsconfig.json"),
  JSON.stringify({
    extends: "../../tsconfig.base.json",
    compilerOptions: { noEmit: true, composite: false, incremental: false, noUnusedLocals: false },
    include: ["*.ts"]
  })
)
const places = new Map()
examples.forEach(({ code, line, path }, index) => {
  const name = `example-${index}.ts`
  places.set(name, `${path}:${line}`)
  // Also one without imports is a module of its own.
  writeFileSync(join(folder, name), `${code}export {}\n`)
})

const { status, stdout } = spawnSync("tsc", ["-p", folder, "--pretty", "false"], {
  cwd: root,
  encoding: "utf8",
  shell: process.platform === "win32"
})
const told = stdout.replaceAll(/^.*?(example-\d+\.ts)/gm, (_, name) => `${places.get(name)} (${name})`)
console.log(status === 0 ? `${examples.length} examples compile.` : told)
process.exitCode = status ?? 1
