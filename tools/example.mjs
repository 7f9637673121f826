// `npm run example -- hello-effect`: runs an example; without a name it lists them all.

import { spawn } from "node:child_process"
import { existsSync, globSync, readFileSync } from "node:fs"
import { dirname, join } from "node:path"
import { fileURLToPath } from "node:url"
import { findNatsServer } from "./nats-server.mjs"

const root = fileURLToPath(new URL("..", import.meta.url))
const [name, ...args] = process.argv.slice(2)

/** Each has a README whose first line is its title. */
const list = () => {
  for (const page of globSync("examples/*/README.md", { cwd: root }).sort()) {
    const folder = dirname(page)
    const title = readFileSync(join(root, page), "utf8").split("\n")[0].replace(/^# /, "")
    const isProgram = existsSync(join(root, folder, "main.ts"))
    console.log(`  ${folder.replace(/^examples./, "").padEnd(20)} ${title}${isProgram ? "" : " (to read)"}`)
  }
}

const main = join(root, "examples", name ?? "", "main.ts")
if (name !== undefined && existsSync(main)) {
  const server = findNatsServer()
  const child = spawn(process.execPath, ["--conditions=@parti/source", main, ...args], {
    env: server === undefined ? process.env : { ...process.env, NATS_SERVER_BIN: server },
    stdio: "inherit"
  })
  // The terminal signals the example as well; it decides how to end, and this waits for it.
  process.on("SIGINT", () => {})
  process.on("SIGTERM", () => child.kill("SIGTERM"))
  child.on("exit", (code) => (process.exitCode = code ?? 1))
} else {
  if (name !== undefined) console.log(`There is no program "${name}" in examples.`)
  console.log("npm run example -- <name>, one of:")
  list()
  process.exitCode = 1
}
