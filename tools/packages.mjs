// Packs each package as it would be published, and looks at what is inside: the licence and a README, nothing of tests,
// types that resolve from every public entry point, and a size within its budget. Reads what `tsc -b` wrote.

import { checkPackage, createPackageFromTarballData } from "@arethetypeswrong/core"
import { spawnSync } from "node:child_process"
import { globSync, mkdirSync, readFileSync, rmSync } from "node:fs"
import { basename, join } from "node:path"
import { fileURLToPath } from "node:url"

const root = fileURLToPath(new URL("..", import.meta.url))
const folder = join(root, ".cache", "packs")

/** The packed size that each may have, in kB. Raise one knowingly: users download it. */
const budgets = { core: 620, testkit: 500, "nats-adapter": 360 }

// The packages are modules alone: `require` and resolution as before Node 12 are not meant to work.
const unsupported = (problem) =>
  problem.resolutionKind === "node10" ||
  problem.resolutionKind === "node16-cjs" ||
  problem.resolutionOption === "node10"

const pack = () => {
  rmSync(folder, { recursive: true, force: true })
  mkdirSync(folder, { recursive: true })
  const names = Object.keys(budgets).flatMap((name) => ["--workspace", `packages/${name}`])
  const npm = spawnSync("npm", ["pack", "--json", "--loglevel=error", "--pack-destination", folder, ...names], {
    cwd: root,
    encoding: "utf8",
    maxBuffer: 2 ** 26,
    shell: process.platform === "win32"
  })
  if (npm.status !== 0) throw new Error(npm.stderr)
  const packed = JSON.parse(npm.stdout)
  return Array.isArray(packed) ? packed : Object.values(packed)
}

const entrypointsOf = (name) =>
  globSync("src/*.ts", { cwd: join(root, "packages", name) })
    .map((path) => basename(path, ".ts"))
    .map((module) => (module === "index" ? "." : `./${module}`))

/** Each file in `src` is an entry point. `./*` would let in what is in folders, too: each must be refused by name. */
const openFolders = (name) => {
  const folder = join(root, "packages", name)
  const { exports } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"))
  return globSync("src/*/", { cwd: folder })
    .map((path) => `./${basename(path)}/*`)
    .filter((pattern) => exports[pattern] !== null)
}

const contentProblems = (paths) => [
  ...["LICENSE", "README.md", "package.json"].filter((path) => !paths.includes(path)).map((path) => `lacks ${path}`),
  ...paths.filter((path) => /\.test\.|tsbuildinfo|(^|\/)test\//.test(path)).map((path) => `should not have ${path}`)
]

const typeProblems = async (name, path) => {
  const entrypoints = entrypointsOf(name)
  const { problems } = await checkPackage(createPackageFromTarballData(new Uint8Array(readFileSync(path))), {
    entrypoints
  })
  return problems
    .filter((problem) => !unsupported(problem))
    .map((problem) => `${problem.kind}: ${problem.entrypoint ?? problem.fileName ?? ""}`)
}

let failures = 0
for (const { filename, files, name: full, size } of pack()) {
  const name = full.replace("@parti/", "")
  const kilobytes = Math.ceil(size / 1000)
  const budget = budgets[name]
  const problems = [
    ...contentProblems(files.map(({ path }) => path)),
    ...openFolders(name).map((pattern) => `lets everybody import ${pattern}: its package.json must refuse it`),
    ...(kilobytes > budget ? [`takes ${kilobytes} kB, above its budget of ${budget} kB (tools/packages.mjs)`] : []),
    ...(await typeProblems(name, join(folder, basename(filename))))
  ]
  console.log(
    `${full}: ${kilobytes} of ${budget} kB, ${files.length} files, ${entrypointsOf(name).length} entry points.`
  )
  for (const problem of problems) console.log(`  ${problem}`)
  failures += problems.length
}
if (failures > 0) process.exitCode = 1
