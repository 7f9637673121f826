// Fetches a program from Debian's archive without installing its package: from the mirror that this machine uses, past its
// other sources and its pins, with signatures checked.

import { spawnSync } from "node:child_process"
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { env } from "node:process"
import { writableCache } from "./cache.mjs"

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

/** Runs a command in a folder; throws what it said when it fails. */
export const run = (work, more, command, ...args) => {
  const result = spawnSync(command, args, { cwd: work, encoding: "utf8", env: { ...env, LC_ALL: "C", ...more } })
  if (result.status === 0) return
  throw new Error(`${command} ${args.join(" ")}\n${(result.error?.message ?? result.stderr).trim()}`)
}

/** Downloads and unpacks the first of these packages that there is. */
const download = (work, [name, ...others]) => {
  try {
    run(work, {}, "apt-get", "-q", "-c", "apt.conf", "download", name)
  } catch (error) {
    if (others.length > 0) return download(work, others)
    throw error
  }
  const deb = readdirSync(work).find((file) => file.endsWith(".deb"))
  if (deb === undefined) throw new Error("apt-get downloaded no package")
  run(work, {}, "dpkg-deb", "-x", deb, "x")
}

/** Downloads and unpacks the suite's package; answers what `keep` makes of the program in it. */
const fetchFrom = ({ keep, names, path, suite, uri }) => {
  const work = mkdtempSync(join(writableCache(), "fetch-"))
  try {
    for (const folder of ["lists/partial", "archives/partial", "x"]) mkdirSync(join(work, folder), { recursive: true })
    writeFileSync(join(work, "status"), "")
    writeFileSync(join(work, "only.sources"), aptSource(uri, suite))
    writeFileSync(join(work, "apt.conf"), aptConfiguration(work))
    // Without this mode `update` may end well although it fetched nothing.
    run(work, {}, "apt-get", "-q", "-c", "apt.conf", "-o", "APT::Update::Error-Mode=any", "update")
    download(work, names)
    return keep(join(work, "x", path), `from Debian ${suite}`)
  } finally {
    rmSync(work, { recursive: true, force: true })
  }
}

/**
 * Fetches the program that stands at `path` in the first of these packages that there is, from the first of the suites that will
 * do. `keep` is given where it lies until then, and whence it comes; it throws when that will not do.
 */
export const fetchFromDebian = ({ keep, names, path, suites }) => {
  const uri = archive()
  if (uri === undefined) throw new Error("this machine names no Debian archive")
  const failures = []
  for (const suite of suites) {
    try {
      return fetchFrom({ keep, names, path, suite, uri })
    } catch (error) {
      failures.push(`${suite}: ${error.message}`)
    }
  }
  throw new Error(failures.join("\n"))
}
