// Finds the servers for the tests: the newest that can be had, and one of the oldest release that is supported. What is
// missing is fetched into the user's cache, from Debian's archive or with Go. `node tools/nats-server.mjs` prints the paths.

import { spawnSync } from "node:child_process"
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync
} from "node:fs"
import { delimiter, dirname, join } from "node:path"
import { argv, env } from "node:process"
import { fileURLToPath } from "node:url"
import { cacheFolders, writableCache } from "./cache.mjs"

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

const cached = () =>
  usable(
    cacheFolders()
      .filter((folder) => existsSync(folder))
      .flatMap((folder) =>
        readdirSync(folder)
          .filter((name) => name.startsWith("nats-server-") && name.endsWith(`-${process.arch}`))
          .map((name) => join(folder, name, "nats-server"))
      )
  )

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

/** The machine's own Debian mirror: it is known to be within reach. */
const archive = () => {
  const parts = "/etc/apt/sources.list.d"
  const files = ["/etc/apt/sources.list", ...(existsSync(parts) ? readdirSync(parts).map((n) => join(parts, n)) : [])]
  const uris = files
    .filter((file) => existsSync(file))
    .flatMap((file) => (file.endsWith(".sources") ? stanzaUris : lineUris)(readFileSync(file, "utf8")))
    .map((uri) => uri.replace(/\/+$/, ""))
  return uris.find((uri) => uri.endsWith("/debian"))
}

const lineUris = (text) => [...text.matchAll(/^\s*deb\s+(?:\[[^\]]*\]\s+)?(\S+)/gm)].map((match) => match[1])

const stanzaUris = (text) =>
  text
    .split(/\n\s*\n/)
    .filter((stanza) => !/^Enabled:\s*no\b/im.test(stanza))
    .flatMap((stanza) => /^URIs:\s*(.+)$/im.exec(stanza)?.[1]?.split(/\s+/) ?? [])

// Given with `-c`, so it is read after the machine's own configuration: its proxy stays in force, its update hooks do not.
const aptConfiguration = (work) => `
Dir::Etc::SourceList "${work}/only.sources";
Dir::Etc::SourceParts "/dev/null";
Dir::Etc::Preferences "/dev/null";
Dir::Etc::PreferencesParts "/dev/null";
Dir::State "${work}";
Dir::State::Lists "${work}/lists";
Dir::State::status "${work}/status";
Dir::Cache "${work}";
Dir::Cache::Archives "${work}/archives";
Dir::Cache::pkgcache "";
Dir::Cache::srcpkgcache "";
#clear APT::Update::Pre-Invoke;
#clear APT::Update::Post-Invoke;
#clear APT::Update::Post-Invoke-Success;
#clear APT::Architectures;
APT::Sandbox::User "root";
APT::Default-Release "";
Acquire::Languages "none";
Acquire::IndexTargets::deb::DEP-11::DefaultEnabled "false";
Acquire::AllowInsecureRepositories "false";
Acquire::AllowWeakRepositories "false";
Acquire::AllowDowngradeToInsecureRepositories "false";
APT::Get::AllowUnauthenticated "false";
Acquire::Retries "2";
Acquire::http::Timeout "20";
Acquire::https::Timeout "20";
`

const aptSource = (uri, suite) => `Types: deb
URIs: ${uri}
Suites: ${suite}
Components: main
Signed-By: /usr/share/keyrings/debian-archive-keyring.gpg
`

const run = (work, more, command, ...args) => {
  const result = spawnSync(command, args, { cwd: work, encoding: "utf8", env: { ...env, LC_ALL: "C", ...more } })
  if (result.status === 0) return
  throw new Error(`${command} ${args.join(" ")}\n${(result.error?.message ?? result.stderr).trim()}`)
}

/** Downloads and unpacks the suite's package without installing it; answers the cached binary's path. */
const fetchFrom = (cache, uri, suite) => {
  const work = mkdtempSync(join(cache, "fetch-"))
  try {
    for (const folder of ["lists/partial", "archives/partial", "x"]) mkdirSync(join(work, folder), { recursive: true })
    writeFileSync(join(work, "status"), "")
    writeFileSync(join(work, "only.sources"), aptSource(uri, suite))
    writeFileSync(join(work, "apt.conf"), aptConfiguration(work))
    // Without this mode `update` may end well although it fetched nothing.
    run(work, {}, "apt-get", "-q", "-c", "apt.conf", "-o", "APT::Update::Error-Mode=any", "update")
    run(work, {}, "apt-get", "-q", "-c", "apt.conf", "download", "nats-server")
    const archive = readdirSync(work).find((name) => name.endsWith(".deb"))
    if (archive === undefined) throw new Error("apt-get downloaded no package")
    run(work, {}, "dpkg-deb", "-x", archive, "x")
    return keep(cache, join(work, "x", "usr", "sbin", "nats-server"), `from Debian ${suite}`)
  } finally {
    rmSync(work, { recursive: true, force: true })
  }
}

const keep = (cache, binary, origin) => {
  const version = versionOf(binary)
  if (!isUsable(version)) throw new Error(`${origin}: nats-server ${version?.join(".") ?? "that does not start"}`)
  // The server names its ports file after its binary, so this must be called nats-server and nothing else.
  const kept = join(cache, `nats-server-${version.join(".")}-${process.arch}`, "nats-server")
  mkdirSync(dirname(kept), { recursive: true })
  const half = `${kept}.${process.pid}`
  copyFileSync(binary, half)
  chmodSync(half, 0o755)
  renameSync(half, kept)
  console.error(`Fetched nats-server ${version.join(".")} ${origin}.`)
  return kept
}

const fetchFromDebian = (suites) => {
  const uri = archive()
  if (uri === undefined) throw new Error("this machine names no Debian archive")
  const cache = writableCache()
  const failures = []
  for (const suite of suites) {
    try {
      return fetchFrom(cache, uri, suite)
    } catch (error) {
      failures.push(`${suite}: ${error.message}`)
    }
  }
  throw new Error(failures.join("\n"))
}

/** Builds the newest release, where there is a Go toolchain. */
const buildWithGo = () => {
  if (!pathFolders().some((folder) => existsSync(join(folder, "go")))) throw new Error("there is no Go either")
  const cache = writableCache()
  const work = mkdtempSync(join(cache, "build-"))
  try {
    run(work, { GOBIN: work }, "go", "install", "github.com/nats-io/nats-server/v2@latest")
    return keep(cache, join(work, "nats-server"), "with Go")
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
export const natsServer = () => findNatsServer() ?? firstOf([() => fetchFromDebian(suites), buildWithGo])

/** The same for the oldest supported release, which this suite of Debian has. `undefined` where it cannot be had. */
const oldestNatsServer = () => {
  try {
    return findOldestNatsServer() ?? fetchFromDebian(["trixie"])
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
