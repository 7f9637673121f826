/**
 * The manifests are held to the types of Kubernetes, in which a field that does not exist or lacks is an error, and to what
 * this project says of time.
 */
import { PartiConfig } from "@parti/core"
import { Result } from "effect"
import type { StatefulSet } from "kubernetes-types/apps/v1.d.ts"
import type { ConfigMap } from "kubernetes-types/core/v1.d.ts"
import { execFile } from "node:child_process"
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { promisify } from "node:util"
import { assert, describe, it } from "vitest"
import { parseAllDocuments } from "yaml"

const root = fileURLToPath(new URL("../../", import.meta.url))
const folder = join(root, ".cache", "kubernetes")

const natsServer = process.env["NATS_SERVER_BIN"]

interface Manifest {
  readonly apiVersion: string
  readonly kind: string
  readonly metadata: { readonly name: string }
}

/** YAML is read as strictly as can be: a key that is there twice is an error. */
const read = (file: string): ReadonlyArray<Manifest> =>
  parseAllDocuments(readFileSync(join(import.meta.dirname, file), "utf8"), { strict: true, uniqueKeys: true }).map(
    (document) => {
      assert.deepStrictEqual(document.errors, [])
      return document.toJS()
    }
  )

const files = ["nats.yaml", "workers.yaml"]

const typed = ({ apiVersion, kind, ...rest }: Manifest): string => {
  const module = apiVersion === "v1" ? "core/v1" : apiVersion
  return [
    `import type { ${kind} } from "kubernetes-types/${module}"`,
    `export const manifest: ${kind} = ${JSON.stringify({ apiVersion, kind, ...rest }, undefined, 2)}`
  ].join("\n")
}

const compile = async (manifests: ReadonlyArray<Manifest>): Promise<string> => {
  rmSync(folder, { recursive: true, force: true })
  mkdirSync(folder, { recursive: true })
  manifests.forEach((one, i) => writeFileSync(join(folder, `${i}-${one.kind}-${one.metadata.name}.ts`), typed(one)))
  const compilerOptions = { module: "esnext", moduleResolution: "bundler", strict: true, noEmit: true, types: [] }
  writeFileSync(join(folder, "tsconfig.json"), JSON.stringify({ compilerOptions, include: ["*.ts"] }))
  const tsc = join(root, "node_modules", ".bin", "tsc")
  return promisify(execFile)(tsc, ["-p", folder, "--pretty", "false"]).then(
    ({ stdout }) => stdout,
    ({ stdout }: { readonly stdout: string }) => stdout
  )
}

const statefulSet = (file: string): StatefulSet => {
  const found = read(file).find(({ kind }) => kind === "StatefulSet")
  assert.isDefined(found)
  return found as StatefulSet // That it is one, the compiler has said of the same text.
}

const config = Result.getOrThrow(PartiConfig.parse({ group: "billing", preset: "production" }))

describe("The manifests for Kubernetes", () => {
  it("are what Kubernetes takes", async () => {
    assert.strictEqual(await compile(files.flatMap(read)), "")
  })

  it("are refused when a field is misspelt", async () => {
    const spec = { replica: 3 }
    const manifest = { apiVersion: "policy/v1", kind: "PodDisruptionBudget", metadata: { name: "wrong" }, spec }
    const told = await compile([manifest])
    assert.match(told, /replica.* does not exist in type 'PodDisruptionBudgetSpec'/)
  })

  it("have a configuration that a NATS server takes", async () => {
    assert.isDefined(natsServer, "npm test fetches a nats-server; NATS_SERVER_BIN may name one")
    mkdirSync(folder, { recursive: true })
    const { data } = read("nats.yaml").find(({ kind }) => kind === "ConfigMap") as ConfigMap
    writeFileSync(join(folder, "nats.conf"), data?.["nats.conf"] ?? "")
    const { stderr } = await promisify(execFile)(natsServer, ["-t", "-c", join(folder, "nats.conf")], {
      env: { ...process.env, POD_NAME: "nats-0" }
    })
    assert.match(stderr, /configuration file .* is valid/)
  })

  it("give workers more time to end than they take", () => {
    const grace = statefulSet("workers.yaml").spec?.template.spec?.terminationGracePeriodSeconds ?? 0
    assert.isAbove(grace * 1000, config.shutdownTimeoutMs + 10_000)
  })

  it("have three servers, of which one may be away, and as many replicas of the buckets", () => {
    assert.strictEqual(statefulSet("nats.yaml").spec?.replicas, 3)
    const env = statefulSet("workers.yaml").spec?.template.spec?.containers[0]?.env ?? []
    assert.strictEqual(env.find(({ name }) => name === "NATS_REPLICAS")?.value, "3")
    for (const file of files) {
      const budget = read(file).find(({ kind }) => kind === "PodDisruptionBudget")
      assert.deepInclude(budget, { apiVersion: "policy/v1" })
      assert.nestedPropertyVal(budget, "spec.maxUnavailable", 1)
    }
  })
})
