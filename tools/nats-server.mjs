// Finds the servers for the tests: the newest that can be had, and one of the oldest release that is supported. What is
// missing is fetched into the user's cache, from Debian's archive or with Go. `node tools/nats-server.mjs` prints the paths.

import { spawnSync } from "node:child_process"
import { existsSync, mkdtempSync, rmSync } from "node:fs"
import { delimiter, join } from "node:path"
import { argv, env } from "node:process"
import { fileURLToPath } from "node:url"
import { keepProgram, keptPrograms, writableCache } from "./cache.mjs"
import { fetchFromDebian, run } from "./debian.mjs"

const oldest = [2, 10]
const advice =
  `Install nats-server ${oldest.join(".")} or newer, or let NATS_SERVER_BIN name one. ` +
  "Tests that need no server run alone: npx vitest run --config vitest.workspace.ts --project core"

/** The version that a binary reports, as numbers; `undefined` when it does not start. */
const versionOf = (binary) => {
  const run = spawnSync(binary, ["--version"], { encoding: "utf8" })
  const match = /v(\d+)\.(\d+)\.(\d+)/.exec(run.stdout ?? "")
  return match ? match.slice(1, 4).map(Number) : undefined
}

const compare = (left, right) => left[0] - right[0] || left[1] - right[1] || (left[2] ?? 0) - (right[2] ?? 0)
const isUsable = (version) => version !== undefined && compare(version, oldest) >= 0

/** Those that can be used, the newest first. */
const usable = (binaries) =>
  binaries
    .filter((binary) => existsSync(binary))
    .map((binary) => ({ binary, version: versionOf(binary) }))
    .filter(({ version }) => isUsable(version))
    .sort((left, right) => compare(right.version, left.version))

const cached = () => usable(keptPrograms("nats-server"))

const pathFolders = () => [...(env.PATH ?? "").split(delimiter), "/usr/sbin"]

const onPath = () => usable(pathFolders().map((folder) => join(folder, "nats-server")))

/**
 * The path of a nats-server that is here already, or `undefined`. Fetches nothing.
 */
export const findNatsServer = () => {
  const chosen = env.NATS_SERVER_BIN
  if (!chosen) return cached()[0]?.binary ?? onPath()[0]?.binary
  const version = versionOf(chosen)
  if (isUsable(version)) return chosen
  const found = version ? `is ${version.join(".")}` : "does not start"
  throw new Error(`NATS_SERVER_BIN=${chosen} ${found}; it must be nats-server ${oldest.join(".")} or newer.`)
}

/**
 * The path of a nats-server of the oldest supported release that is here already, or `undefined`. Fetches nothing.
 */
export const findOldestNatsServer = () =>
  [...cached(), ...onPath()].find(({ version }) => version[0] === oldest[0] && version[1] === oldest[1])?.binary

const keep = (binary, origin) => {
  const version = versionOf(binary)
  if (!isUsable(version)) throw new Error(`${origin}: nats-server ${version?.join(".") ?? "that does not start"}`)
  // The server names its ports file after its binary, so this must be called nats-server and nothing else.
  const kept = keepProgram(binary, "nats-server", version.join("."))
  console.error(`Fetched nats-server ${version.join(".")} ${origin}.`)
  return kept
}

const fromDebian = (suites) => fetchFromDebian({ names: ["nats-server"], path: "usr/sbin/nats-server", suites, keep })

/** Builds the newest release, where there is a Go toolchain. */
const buildWithGo = () => {
  if (!pathFolders().some((folder) => existsSync(join(folder, "go")))) throw new Error("there is no Go either")
  const work = mkdtempSync(join(writableCache(), "build-"))
  try {
    run(work, { GOBIN: work }, "go", "install", "github.com/nats-io/nats-server/v2@latest")
    return keep(join(work, "nats-server"), "with Go")
  } finally {
    rmSync(work, { recursive: true, force: true })
  }
}

/** The first way that works. */
const firstOf = (ways) => {
  const failures = []
  for (const way of ways) {
    try {
      return way()
    } catch (error) {
      failures.push(error.message)
    }
  }
  throw new Error(["No nats-server was found, and none could be fetched.", ...failures, advice].join("\n"))
}

const suites = (env.NATS_SERVER_SUITES || "forky trixie").split(/\s+/).filter(Boolean)

/**
 * The path of a nats-server: the one `NATS_SERVER_BIN` names, else the newest cached, else one on the PATH, else fetched.
 */
export const natsServer = () => findNatsServer() ?? firstOf([() => fromDebian(suites), buildWithGo])

/** The same for the oldest supported release, which this suite of Debian has. `undefined` where it cannot be had. */
const oldestNatsServer = () => {
  try {
    return findOldestNatsServer() ?? fromDebian(["trixie"])
  } catch (error) {
    console.error(`Tests on nats-server ${oldest.join(".")} are skipped, for there is none: ${error.message}`)
    return undefined
  }
}

if (argv[1] === fileURLToPath(import.meta.url)) {
  try {
    console.error(`nats-server: ${[natsServer(), oldestNatsServer()].filter(Boolean).join(", ")}`)
  } catch (error) {
    console.error(error.message)
    process.exitCode = 1
  }
}
