import { assert, describe, it } from "@effect/vitest"
import * as Nats from "@nats-io/transport-node"
import type { PlainAuth } from "@parti/nats-adapter/NatsAuth"
import * as NatsServer from "@parti/testkit/NatsServer"
import { Effect } from "effect"
import * as ChildProcess from "./ChildProcess.ts"
import * as Credentials from "./Credentials.ts"

interface Options {
  readonly servers: string
  readonly auth?: PlainAuth
}

const start = (options: Options) =>
  ChildProcess.start("packages/nats-adapter/test/processes/talkative.ts", { WORKER_OPTIONS: JSON.stringify(options) })

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
      yield* worker.says(/^started/m)
      yield* kill
      yield* worker.says(/does not accept writes/)
      yield* startServer
      yield* worker.says(/accepts writes again/)
      worker.child.kill("SIGTERM")
      yield* worker.says(/^stopped/m)
      const refused = yield* start(wrong(url))
      yield* refused.says(/^refused/m)
      yield* Effect.all([worker.ended, refused.ended])
      assert.match(refused.printed(), /NatsCredentialsRefused/)
      for (const { printed } of [worker, refused]) {
        for (const secret of secrets) assert.isFalse(printed().includes(secret), "a secret was printed")
      }
    })
  )
})
