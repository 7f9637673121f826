// Run by hand after each upgrade: `node tools/complete-lock.mjs`.
// npm leaves out of the lock file an optional package that the registry does not have at that moment (often another
// platform's newest binary), and `npm ci` then refuses the file. This names each such package in it, without a checksum.

import { readFileSync, writeFileSync } from "node:fs"

const path = "package-lock.json"
const lock = JSON.parse(readFileSync(path, "utf8"))
const systems = ["aix", "android", "darwin", "freebsd", "linux", "netbsd", "openbsd", "openharmony", "sunos", "win32"]
const processors = ["arm", "arm64", "ia32", "loong64", "mips64el", "ppc64", "riscv64", "s390x", "wasm32", "x64"]

/** What a platform package's name tells: without `os` and `cpu` npm would try to install it everywhere. */
const platform = (name) => {
  const words = name.split(/[-/]/)
  const os = systems.filter((system) => words.includes(system))
  const cpu = processors.filter((processor) => words.includes(processor))
  const libc = words.some((word) => word.startsWith("musl"))
    ? ["musl"]
    : words.some((word) => word.startsWith("gnu"))
      ? ["glibc"]
      : []
  return {
    ...(os.length > 0 ? { os } : {}),
    ...(cpu.length > 0 ? { cpu } : {}),
    ...(libc.length > 0 && os[0] === "linux" ? { libc } : {})
  }
}

const added = []
for (const [owner, { optionalDependencies = {} }] of Object.entries(lock.packages)) {
  for (const [name, version] of Object.entries(optionalDependencies)) {
    const key = `node_modules/${name}`
    if (lock.packages[key] || lock.packages[`${owner}/${key}`]) continue
    lock.packages[key] = { version, optional: true, ...platform(name) }
    added.push(`${name}@${version}`)
  }
}

const packages = Object.fromEntries(
  Object.entries(lock.packages).sort(([left], [right]) => (left < right ? -1 : left > right ? 1 : 0))
)
writeFileSync(path, `${JSON.stringify({ ...lock, packages }, undefined, 2)}\n`)
console.log(added.length === 0 ? "The lock file is complete." : `Added:\n${added.join("\n")}`)
