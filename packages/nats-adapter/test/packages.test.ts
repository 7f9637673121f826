/**
 * The three packages, packed as they would be published and installed into an empty project: what a newcomer gets. There the
 * README's examples are compiled against the packed types and run on Node, without this repository's sources, conditions and
 * settings.
 */
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { execFile } from "node:child_process"
import { globSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { basename, join } from "node:path"
import { fileURLToPath } from "node:url"
import { promisify } from "node:util"
import { afterAll, beforeAll } from "vitest"
import { findOldestNode, oldestNode } from "../../../tools/oldest-node.mjs"
import * as ChildProcess from "./ChildProcess.ts"
import * as OrdersExample from "./OrdersExample.ts"

const root = fileURLToPath(new URL("../../../", import.meta.url))
const names = ["core", "testkit", "nats-adapter"] as const
const project = mkdtempSync(join(tmpdir(), "parti-packages-"))

// A hundred megabytes are installed and removed, where others work as well; nothing waits for it when all is well.
const patience = 300_000

const isWindows = process.platform === "win32"

const execute = async (command: string, args: ReadonlyArray<string>, cwd: string): Promise<string> => {
  const { stdout } = await promisify(execFile)(command, args, { cwd, maxBuffer: 2 ** 26, shell: isWindows })
  return stdout
}

const tsc = join(root, "node_modules", ".bin", isWindows ? "tsc.cmd" : "tsc")
const quiet = ["--loglevel=error", "--no-audit", "--no-fund", "--prefer-offline"]

const manifestOf = (path: string): { readonly engines: { readonly node: string }; readonly version: string } =>
  JSON.parse(readFileSync(join(root, path, "package.json"), "utf8"))

/** What users may import: each file directly in a package's `src`. One of them registers tests, and needs vitest for that. */
const entrypoints = names
  .flatMap((name) =>
    globSync("src/*.ts", { cwd: join(root, "packages", name) })
      .map((path) => basename(path, ".ts"))
      .map((module) => (module === "index" ? `@parti/${name}` : `@parti/${name}/${module}`))
  )
  .filter((entrypoint) => entrypoint !== "@parti/testkit/CoordinationStoreTest")

const everything = [
  ...entrypoints.map((entrypoint, index) => `import * as module${index} from "${entrypoint}"`),
  `console.log([${entrypoints.map((_, index) => `module${index}`).join()}].length)`
].join("\n")

const readme = readFileSync(join(root, "README.md"), "utf8")

const examples = {
  "quickstart-effect": "Parti.make({",
  "quickstart-promise": "@parti/core/Worker",
  "nats-effect": "JetStreamPartitions.layer({",
  "nats-promise": "@parti/nats-adapter/Worker"
} as const

/** The README's one example that says this. */
const exampleWith = (words: string): string => {
  const found = [...readme.matchAll(/^```ts\n([^]*?)^```/gm)].map(([, code = ""]) => code)
  const those = found.filter((code) => code.includes(words))
  assert.lengthOf(those, 1, `one example of the README has ${words}`)
  return those[0] ?? ""
}

const install = async () => {
  await execute(tsc, ["-b", ...names.map((name) => `packages/${name}`)], root)
  const workspaces = names.flatMap((name) => ["--workspace", `packages/${name}`])
  await execute("npm", ["pack", "--loglevel=error", "--pack-destination", project, ...workspaces], root)
  writeFileSync(join(project, "package.json"), JSON.stringify({ name: "newcomer", private: true, type: "module" }))
  const packs = globSync("*.tgz", { cwd: project }).map((pack) => `./${pack}`)
  const others = ["effect", "@effect/platform-node", "@types/node"].map(
    (name) => `${name}@${manifestOf(`node_modules/${name}`).version}`
  )
  await execute("npm", ["install", ...quiet, ...packs, ...others], project)
}

const write = () => {
  for (const [name, words] of Object.entries(examples)) writeFileSync(join(project, `${name}.ts`), exampleWith(words))
  writeFileSync(join(project, "everything.ts"), everything)
  const compilerOptions = { module: "nodenext", target: "es2024", types: ["node"], strict: true, outDir: "dist" }
  writeFileSync(join(project, "tsconfig.json"), JSON.stringify({ compilerOptions, include: ["*.ts"] }))
}

const nodes = [
  { version: process.version, node: process.execPath },
  { version: `v${oldestNode}`, node: findOldestNode() }
]

describe("The packed packages", () => {
  beforeAll(async () => {
    await install()
    write()
    // Here everything is checked, also the declarations of the packages themselves.
    await execute(tsc, ["-p", project, "--pretty", "false"], project).catch((error: { readonly stdout?: string }) => {
      throw new Error(`the examples do not compile against the packed types:\n${error.stdout}`, { cause: error })
    })
  }, patience)

  afterAll(() => rmSync(project, { recursive: true, force: true }), patience)

  it("ask for the Node that they are tried on", () => {
    for (const name of names) {
      assert.strictEqual(`${manifestOf(`packages/${name}`).engines.node}.0`, `>=${oldestNode}`)
    }
  })

  it("have one version, which the changelog tells of", () => {
    const versions = new Set(names.map((name) => manifestOf(`packages/${name}`).version))
    assert.lengthOf([...versions], 1)
    assert.include(readFileSync(join(root, "CHANGELOG.md"), "utf8"), `\n## ${[...versions].join()} `)
  })

  it.each(names)("come with the licence (%s)", (name) => {
    const licence = readFileSync(join(root, "LICENSE"), "utf8")
    assert.strictEqual(readFileSync(join(project, "node_modules", "@parti", name, "LICENSE"), "utf8"), licence)
  })

  // Of these two, the older one may not be had: then it is skipped, and the run says so.
  for (const { node = "", version } of nodes) {
    const start = (name: string, env: Readonly<Record<string, string>> = {}) =>
      ChildProcess.run({ command: node, args: [`dist/${name}.js`], cwd: project }, env)
    const isMissing = node === ""

    it.live.skipIf(isMissing)(
      `can be imported, every entry point of them (Node ${version})`,
      () =>
        Effect.gen(function* () {
          const program = yield* start("everything")
          assert.strictEqual(yield* program.ended, 0, program.printed())
          assert.strictEqual(program.printed(), `${entrypoints.length}\n`)
        }),
      patience
    )

    it.live.skipIf(isMissing)(
      `run the README's first examples (Node ${version})`,
      () =>
        Effect.gen(function* () {
          const programs = yield* Effect.all([start("quickstart-effect"), start("quickstart-promise")])
          for (const program of programs) {
            assert.strictEqual(yield* program.ended, 0, program.printed())
            for (const region of ["africa", "asia", "europe", "oceania"])
              assert.match(program.printed(), new RegExp(`worker-\\d+ runs ${region} under token \\d+`))
          }
        }),
      patience
    )

    it.live.skipIf(isMissing)(
      `run the README's examples on NATS (Node ${version})`,
      () =>
        Effect.forEach(
          ["effect", "promise"] as const,
          (name) =>
            OrdersExample.isRight((url) => start(`nats-${name}`, { NATS_URL: url }), OrdersExample.exitCodes[name]),
          { concurrency: 2, discard: true }
        ),
      patience
    )
  }
})
