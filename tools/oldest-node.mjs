// Finds a Node of the oldest supported release for the test that installs the packages. What is missing is fetched with npm
// into the user's cache, once. `node tools/oldest-node.mjs` prints the path.

import { spawnSync } from "node:child_process"
import { existsSync, mkdtempSync, renameSync, rmSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { argv, env } from "node:process"
import { fileURLToPath } from "node:url"
import { cacheFolders, writableCache } from "./cache.mjs"

/** What `engines` of the packages asks for; a test compares the two. */
export const oldestNode = "22.19.0"

const system = `${process.platform === "win32" ? "win" : process.platform}-${process.arch}`
const folderName = `node-${oldestNode}-${system}`
const binary = join("node_modules", `node-${system}`, "bin", process.platform === "win32" ? "node.exe" : "node")

/**
 * The path of a Node of the oldest supported release that is here already, or `undefined`. Fetches nothing.
 */
export const findOldestNode = () => {
  if (env.OLDEST_NODE_BIN) return env.OLDEST_NODE_BIN
  return cacheFolders()
    .map((folder) => join(folder, folderName, binary))
    .find((path) => existsSync(path))
}

const fetchNode = () => {
  const cache = writableCache()
  const work = mkdtempSync(join(cache, "node-"))
  try {
    writeFileSync(join(work, "package.json"), JSON.stringify({ private: true }))
    const flags = ["--no-audit", "--no-fund", "--prefer-offline", "--fetch-retries=1", "--loglevel=error"]
    const npm = spawnSync("npm", ["install", `node-${system}@${oldestNode}`, ...flags], {
      cwd: work,
      encoding: "utf8",
      shell: process.platform === "win32"
    })
    if (npm.status !== 0) throw new Error((npm.error?.message ?? npm.stderr).trim())
    const kept = join(cache, folderName)
    // Somebody else may have been quicker.
    if (!existsSync(kept)) renameSync(work, kept)
    console.error(`Fetched Node ${oldestNode}.`)
    return join(kept, binary)
  } finally {
    rmSync(work, { recursive: true, force: true })
  }
}

if (argv[1] === fileURLToPath(import.meta.url)) {
  try {
    console.error(`oldest Node: ${findOldestNode() ?? fetchNode()}`)
  } catch (error) {
    console.error(`The packages are not tried on Node ${oldestNode}, for there is none: ${error.message}`)
  }
}
