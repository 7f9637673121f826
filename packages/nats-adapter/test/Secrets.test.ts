import { assert, describe, it } from "@effect/vitest"
import * as Nats from "@nats-io/transport-node"
import type { PlainAuth } from "@parti/nats-adapter/NatsAuth"
import * as NatsServer from "@parti/testkit/NatsServer"
import { Effect } from "effect"
import { spawn } from "node:child_process"
import { once } from "node:events"
import { fileURLToPath } from "node:url"
import * as Credentials from "./Credentials.ts"

const script = fileURLToPath(new URL("secrets/worker.ts", import.meta.url))

interface Options {
  readonly servers: string
  readonly auth?: PlainAuth
}

/** A worker process, and everything it has printed. */
const begin = (options: Options) => {
  const child = spawn(process.execPath, ["--conditions=@parti/source", script], {
    env: { ...process.env, WORKER_OPTIONS: JSON.stringify(options) },
    stdio: ["ignore", "pipe", "pipe"]
  })
  const closed = once(child, "close")
  let printed = ""
  const waiting = new Set<() => void>()
  for (const pipe of [child.stdout, child.stderr]) {
    pipe.on("data", (chunk: Buffer) => {
      printed += chunk.toString()
      for (const check of waiting) check()
    })
  }
  const says = (words: RegExp) =>
    new Promise<void>((resolve, reject) => {
      const check = () => words.test(printed) && resolve()
      waiting.add(check)
      void closed.then(() => reject(new Error(`it has ended without a word of ${words}:\n${printed}`)))
      check()
    })
  return { child, closed, says, printed: () => printed }
}

/** The same, and it ends with the test whatever happens. */
const start = (options: Options) =>
  Effect.acquireRelease(
    Effect.sync(() => begin(options)),
    ({ child }) => Effect.sync(() => child.kill("SIGKILL"))
  )

const user = Nats.nkeys.createUser()
const stranger = Nats.nkeys.createUser()
const seedOf = (pair: typeof user) => new TextDecoder().decode(pair.getSeed())
const { configuration, creds } = Credentials.make()
const strange = Credentials.make().creds

/** The lines of credentials that nobody may see. */
const secretLines = (text: string) => text.split("\n").filter((line) => line !== "" && !line.startsWith("---"))

interface Kind {
  readonly kind: string
  readonly server: Parameters<typeof NatsServer.make>[0]
  readonly right: (url: string) => Options
  readonly wrong: (url: string) => Options
  readonly secrets: ReadonlyArray<string>
}

const kinds: ReadonlyArray<Kind> = [
  {
    kind: "a token in the address",
    server: { token: "token-nobody-may-see" },
    right: (url) => ({ servers: url.replace("://", "://token-nobody-may-see@") }),
    wrong: (url) => ({ servers: url.replace("://", "://wrong-nobody-may-see@") }),
    secrets: ["nobody-may-see"]
  },
  {
    kind: "a user and a password",
    server: { users: [{ user: "ada", password: "password-nobody-may-see" }] },
    right: (servers) => ({ servers, auth: { user: "ada", password: "password-nobody-may-see" } }),
    wrong: (servers) => ({ servers, auth: { user: "ada", password: "wrong-nobody-may-see" } }),
    secrets: ["nobody-may-see"]
  },
  {
    kind: "an NKey",
    server: { users: [{ nkey: user.getPublicKey() }] },
    right: (servers) => ({ servers, auth: { nkeySeed: seedOf(user) } }),
    wrong: (servers) => ({ servers, auth: { nkeySeed: seedOf(stranger) } }),
    secrets: [seedOf(user), seedOf(stranger)]
  },
  {
    kind: "credentials",
    server: { configuration },
    right: (servers) => ({ servers, auth: { creds } }),
    wrong: (servers) => ({ servers, auth: { creds: strange } }),
    secrets: [...secretLines(creds), ...secretLines(strange)]
  }
]

describe.concurrent("A worker that says all it can", () => {
  it.live.each(kinds)("gives away nothing of $kind", ({ right, secrets, server, wrong }) =>
    Effect.gen(function* () {
      const { kill, start: startServer, url } = yield* NatsServer.make(server)
      const worker = yield* start(right(url))
      yield* Effect.promise(() => worker.says(/^started/m))
      yield* kill
      yield* Effect.promise(() => worker.says(/does not accept writes/))
      yield* startServer
      yield* Effect.promise(() => worker.says(/accepts writes again/))
      worker.child.kill("SIGTERM")
      yield* Effect.promise(() => worker.says(/^stopped/m))
      const refused = yield* start(wrong(url))
      yield* Effect.promise(() => refused.says(/^refused/m))
      yield* Effect.promise(() => Promise.all([worker.closed, refused.closed]))
      assert.match(refused.printed(), /NatsCredentialsRefused/)
      for (const { printed } of [worker, refused]) {
        for (const secret of secrets) assert.isFalse(printed().includes(secret), "a secret was printed")
      }
    })
  )
})
