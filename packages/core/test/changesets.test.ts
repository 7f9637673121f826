/** What a release makes of the changesets, tried on a copy of what it reads: `git` and the tool run there as they would here. */
import { execFile } from "node:child_process"
import { cpSync, globSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { basename, join } from "node:path"
import { fileURLToPath } from "node:url"
import { promisify } from "node:util"
import { afterEach, assert, beforeEach, describe, it } from "vitest"

const root = fileURLToPath(new URL("../../../", import.meta.url))
const changesets = fileURLToPath(import.meta.resolve("@changesets/cli/bin.js"))

interface Plan {
  readonly changesets: ReadonlyArray<{ readonly id: string }>
}

interface Manifest {
  readonly name: string
  readonly version: string
  readonly dependencies?: Readonly<Record<string, string>>
  readonly devDependencies?: Readonly<Record<string, string>>
  readonly peerDependencies?: Readonly<Record<string, string>>
}

const execute = (command: string, ...args: ReadonlyArray<string>) =>
  promisify(execFile)(command, args, { cwd: copy, env: { ...process.env, NO_COLOR: "1" } })

const git = (...args: ReadonlyArray<string>) =>
  execute("git", "-c", "user.name=test", "-c", "user.email=test@localhost", "-c", "commit.gpgsign=false", ...args)

const manifests = (): ReadonlyArray<Manifest> =>
  globSync("packages/*/package.json", { cwd: copy }).map((path) => JSON.parse(readFileSync(join(copy, path), "utf8")))

const add = (name: string, bump: string, text: string) =>
  writeFileSync(join(copy, ".changeset", `a-${bump}.md`), `---\n"${name}": ${bump}\n---\n\n${text}\n`)

const plan = async (): Promise<Plan> => {
  await execute(process.execPath, changesets, "status", "--output", "plan.json")
  return JSON.parse(readFileSync(join(copy, "plan.json"), "utf8"))
}

const changelog = () => readFileSync(join(copy, "CHANGELOG.md"), "utf8")

const release = () => execute(process.execPath, join(root, "tools", "release.mjs"))

let copy = ""

describe("The changesets", () => {
  beforeEach(async () => {
    copy = mkdtempSync(join(tmpdir(), "parti-changesets-"))
    const files = ["package.json", "package-lock.json", "CHANGELOG.md", "packages/*/package.json", ".changeset/*"]
    for (const path of globSync(files, { cwd: root })) cpSync(join(root, path), join(copy, path))
    await git("init", "--quiet", "--initial-branch=main")
    await git("add", ".")
    await git("commit", "--quiet", "--no-verify", "--message=all")
  })

  afterEach(() => rmSync(copy, { recursive: true, force: true }))

  it("name packages that there are", async () => {
    const written = globSync(".changeset/*.md", { cwd: root }).map((path) => basename(path, ".md"))
    assert.sameMembers([...(await plan()).changesets.map(({ id }) => id), "README"], written)
  })

  it("are refused when they name another package", async () => {
    add("@parti/cores", "minor", "Something is new.")
    const told = await plan().then(
      () => "",
      ({ stderr, stdout }: { readonly stderr: string; readonly stdout: string }) => stdout + stderr
    )
    assert.include(told, "@parti/cores")
  })

  it.each(["minor", "patch"])("give all packages one version, by which they name each other (%s)", async (bump) => {
    const names = manifests().map(({ name }) => name)
    const [major, minor = 0, patch = 0] = (manifests()[0]?.version ?? "").split(".").map(Number)
    add("@parti/testkit", bump, "Something is new.")
    writeFileSync(join(copy, "CHANGELOG.md"), changelog().replace("(unreleased)", "(2026-01-01)"))
    await release()
    const next = bump === "patch" ? `${major}.${minor}.${patch + 1}` : `${major}.${minor + 1}.0`
    for (const { dependencies, devDependencies, name, peerDependencies, version } of manifests()) {
      assert.strictEqual(version, next, name)
      for (const [other, wanted] of Object.entries({ ...dependencies, ...devDependencies, ...peerDependencies }))
        if (names.includes(other)) assert.strictEqual(wanted, next, `${name} on ${other}`)
    }
  })

  it("become the changelog's newest section, and are gone", async () => {
    add("@parti/core", "minor", "Something is new.\nIt takes two lines.")
    writeFileSync(join(copy, "CHANGELOG.md"), changelog().replace("(unreleased)", "(2026-01-01)"))
    const [, older] = changelog().split(/^(?=## )/m)
    await release()
    const [, newest = "", next] = changelog().split(/^(?=## )/m)
    assert.match(newest, /^## \d+\.\d+\.\d+ \(\d{4}-\d\d-\d\d\)\n\n/)
    assert.include(newest, "- Something is new.\n  It takes two lines.\n")
    assert.strictEqual(next, older)
    assert.deepStrictEqual(globSync(".changeset/*.md", { cwd: copy }), [join(".changeset", "README.md")])
    assert.deepStrictEqual(globSync("packages/*/CHANGELOG.md", { cwd: copy }), [])
  })

  it("wait while the version before is not released", async () => {
    const version = manifests()[0]?.version ?? ""
    writeFileSync(join(copy, "CHANGELOG.md"), `# Changelog\n\n## ${version} (unreleased)\n`)
    add("@parti/core", "minor", "Something is new.")
    const told = await release().then(
      () => "",
      ({ stderr }: { readonly stderr: string }) => stderr
    )
    assert.include(told, `${version} is not released yet`)
    assert.strictEqual(manifests()[0]?.version, version)
  })
})
