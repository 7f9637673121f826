/**
 * The manifests are held to the schemas of Kubernetes, which judge each value; to its types, because a schema lets a field pass that
 * it does not know; and to what this project says of time.
 */
import { PartiConfig } from "@parti/core"
import { Result } from "effect"
import { StatefulSet } from "kubernetes-models/apps/v1/StatefulSet"
import { PodDisruptionBudget } from "kubernetes-models/policy/v1/PodDisruptionBudget"
import { ConfigMap } from "kubernetes-models/v1/ConfigMap"
import { Service } from "kubernetes-models/v1/Service"
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

/** Throws what the schema of its kind has against it. */
const validate = (manifest: Manifest): void => {
  if (ConfigMap.is(manifest)) new ConfigMap(manifest).validate()
  else if (PodDisruptionBudget.is(manifest)) new PodDisruptionBudget(manifest).validate()
  else if (Service.is(manifest)) new Service(manifest).validate()
  else if (StatefulSet.is(manifest)) new StatefulSet(manifest).validate()
  else assert.fail(`no schema here for ${manifest.apiVersion} ${manifest.kind}`)
}

const typed = ({ apiVersion, kind, ...rest }: Manifest): string =>
  [
    `import type { I${kind} } from "kubernetes-models/${apiVersion}/${kind}"`,
    `export const manifest: I${kind} = ${JSON.stringify({ apiVersion, kind, ...rest }, undefined, 2)}`
  ].join("\n")

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

/** The file's one manifest of a kind. */
const only = <A>(file: string, is: (manifest: unknown) => manifest is A): Manifest & A => {
  const [found, ...others] = read(file).filter((manifest) => is(manifest))
  assert.isDefined(found)
  assert.isEmpty(others)
  return found
}

const statefulSet = (file: string) => only(file, StatefulSet.is)

const claim = (storage: string) => ({
  metadata: { name: "data" },
  spec: { accessModes: ["ReadWriteOnce"], resources: { requests: { storage } } }
})

const config = Result.getOrThrow(PartiConfig.parse({ group: "billing", preset: "production" }))

describe("The manifests for Kubernetes", () => {
  it("are what the schemas of Kubernetes take", () => {
    for (const manifest of files.flatMap(read)) assert.doesNotThrow(() => validate(manifest), manifest.metadata.name)
  })

  it("have no field that Kubernetes does not know, and all that it asks for", async () => {
    assert.strictEqual(await compile(files.flatMap(read)), "")
  })

  it.each([
    ["a value is of another type", { replicas: "3" }, "data/spec/replicas must be integer"],
    [
      "a word is none of those allowed",
      { podManagementPolicy: "Serial" },
      "must be equal to one of the allowed values"
    ],
    ["a quantity is none", { volumeClaimTemplates: [claim("10 GB")] }, 'storage must match format "quantity"'],
    ["a field is missing", { selector: undefined }, "data/spec must have required property selector"]
  ])("are refused when %s", (_, wrong, advice) => {
    const right = statefulSet("nats.yaml")
    const manifest = { ...right, spec: { ...right.spec, ...wrong } }
    assert.throws(() => validate(manifest), advice)
  })

  it("are refused when a field is misspelt", async () => {
    const right = statefulSet("nats.yaml")
    const wrong = { ...right, spec: { ...right.spec, replica: 3 } }
    const told = await compile([wrong])
    assert.match(told, /replica.* does not exist in type '.*StatefulSetSpec'/)
  })

  it("have a configuration that a NATS server takes", async () => {
    assert.isDefined(natsServer, "npm test fetches a nats-server; NATS_SERVER_BIN may name one")
    mkdirSync(folder, { recursive: true })
    const { data } = only("nats.yaml", ConfigMap.is)
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
      assert.strictEqual(only(file, PodDisruptionBudget.is).spec?.maxUnavailable, 1)
    }
  })
})
