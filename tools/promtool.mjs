// Finds Prometheus' own promtool for the test that loads the alarms and the dashboard's queries. What is missing is fetched
// into the cache, from Debian's archive. `node tools/promtool.mjs` prints its path, or why there is none.

import { spawnSync } from "node:child_process"
import { existsSync, readFileSync } from "node:fs"
import { delimiter, join } from "node:path"
import { argv, env } from "node:process"
import { fileURLToPath } from "node:url"
import { keepProgram, keptPrograms } from "./cache.mjs"
import { fetchFromDebian } from "./debian.mjs"

/** The version that a binary reports; `undefined` when it does not start, or is another program. */
const versionOf = (binary) => {
  const run = spawnSync(binary, ["--version"], { encoding: "utf8" })
  // Releases before 3 write to the one stream, later ones to the other.
  return /promtool, version (\d+\.\d+\.\d+)/.exec(`${run.stdout ?? ""}${run.stderr ?? ""}`)?.[1]
}

const isUsable = (binary) => existsSync(binary) && versionOf(binary) !== undefined

const onPath = () => (env.PATH ?? "").split(delimiter).map((folder) => join(folder, "promtool"))

/**
 * The path of a promtool that is here already, or `undefined`. Fetches nothing.
 */
export const findPromtool = () => {
  const chosen = env.PROMTOOL_BIN
  if (!chosen) return [...onPath(), ...keptPrograms("promtool")].find(isUsable)
  if (isUsable(chosen)) return chosen
  throw new Error(`PROMTOOL_BIN=${chosen} is no promtool that starts.`)
}

const keep = (binary, origin) => {
  const version = versionOf(binary)
  if (version === undefined) throw new Error(`${origin}: promtool that does not start`)
  const kept = keepProgram(binary, "promtool", version)
  console.error(`Fetched promtool ${version} ${origin}.`)
  return kept
}

/** The machine's own release: what a newer one has may need a newer C library. */
const release = () => /^VERSION_CODENAME="?(\w+)/m.exec(readFileSync("/etc/os-release", "utf8"))?.[1] ?? "stable"

/** Newer releases have it in a package of its own. */
const names = ["promtool", "prometheus"]

const fetched = () => fetchFromDebian({ names, path: "usr/bin/promtool", suites: [release()], keep })

if (argv[1] === fileURLToPath(import.meta.url)) {
  try {
    console.error(`promtool: ${findPromtool() ?? fetched()}`)
  } catch (error) {
    console.error(
      `The alarms and the dashboard's queries are not given to promtool, for there is none: ${error.message}\n` +
        "Install it (Debian: apt-get install prometheus), or let PROMTOOL_BIN name one."
    )
  }
}
