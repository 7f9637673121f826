import { jetstream, jetstreamManager } from "@nats-io/jetstream"
import * as Nats from "@nats-io/transport-node"
import type { Worker } from "@parti/core/Worker"
import * as NatsPermissions from "@parti/nats-adapter/NatsPermissions"
import { createWorker } from "@parti/nats-adapter/Worker"
import * as NatsServer from "@parti/testkit/NatsServer"
import { Effect, Exit, Scope } from "effect"
import { readFileSync } from "node:fs"
import { setTimeout } from "node:timers/promises"
import { afterEach, assert, describe, it } from "vitest"

const password = "only-for-tests"
const partitions = [{ keys: ["p0"] }, { keys: ["p1"] }]
const config = { preset: "development", coldStart: "eager", coldStartWindowMs: 0 } as const

const scopes: Array<Scope.Closeable> = []
const connections: Array<Nats.NatsConnection> = []
const workers: Array<Worker> = []

afterEach(async () => {
  await Promise.all(workers.splice(0).map((worker) => worker.stop()))
  await Promise.all(connections.splice(0).map((connection) => connection.close()))
  await Promise.all(scopes.splice(0).map((scope) => Effect.runPromise(Scope.close(scope, Exit.void))))
})

interface User {
  readonly name: string
  readonly permissions: NatsPermissions.NatsPermissions
}

/** A server with some users of few rights, and an administrator who has made a stream for each. */
const serve = async (users: ReadonlyArray<User>) => {
  const scope = Scope.makeUnsafe()
  scopes.push(scope)
  const server = await Effect.runPromise(
    Scope.provide(
      NatsServer.make({
        users: [
          { user: "admin", password },
          ...users.map(({ name, permissions }) => ({ user: name, password, permissions }))
        ]
      }),
      scope
    )
  )
  const admin = await connect(server.url, "admin")
  const manager = await jetstreamManager(admin)
  for (const { name } of users) {
    await manager.streams.add({ name: `S-${name}`, subjects: [`${name}.>`], max_consumers: 3 })
    for (const { keys } of partitions) await jetstream(admin).publish(`${name}.${keys[0]}`, "a message")
  }
  return { url: server.url, log: () => Effect.runPromise(server.log) }
}

const connect = async (url: string, user: string): Promise<Nats.NatsConnection> => {
  const connection = await Nats.connect({ servers: url, user, pass: password, inboxPrefix: `_INBOX_${user}` })
  connections.push(connection)
  return connection
}

const permissions = (name: string) =>
  NatsPermissions.make({
    group: name,
    streams: [`S-${name}`],
    raisesLimits: true,
    publishes: [`${name}.dead`],
    inboxPrefix: `_INBOX_${name}`
  })

/** One partition has one subject, the other has two: consumers are made in two ways. */
const subjectsIn =
  (name: string) =>
  ({ keys: [key = ""] }: { readonly keys: ReadonlyArray<string> }) =>
    key === "p0" ? `${name}.p0` : [`${name}.p1`, `${name}.q1`]

/** Works until every message was handled, one of them given up, and the watches of two workers have been closed. */
const work = async (url: string, name: string, signal = AbortSignal.timeout(15_000)): Promise<void> => {
  const handled: Array<string> = []
  const options = {
    servers: url,
    auth: { user: name, password },
    inboxPrefix: `_INBOX_${name}`,
    group: name,
    partitions,
    config,
    logLevel: "None",
    signal,
    stream: {
      name: `S-${name}`,
      subject: subjectsIn(name),
      maxDeliver: 1,
      deadLetterSubject: `${name}.dead`,
      maxConsumers: "raise"
    },
    onMessage: (message: { readonly subject: string }) => {
      handled.push(message.subject)
      if (message.subject.endsWith("p0")) throw new Error("given up")
    }
  } as const
  const start = async () => {
    const worker = await createWorker(options)
    workers.push(worker)
    return worker
  }
  const first = await start()
  await until(() => handled.length === 2, signal)
  const second = await start()
  await until(() => second.assignment.length === 1, signal)
  await Promise.all([first.stop(), second.stop()])
}

const until = async (check: () => boolean | Promise<boolean>, signal: AbortSignal): Promise<void> => {
  while (!(await check())) {
    signal.throwIfAborted()
    await setTimeout(10)
  }
}

describe("The least permissions", () => {
  it("are all that a worker uses", async () => {
    const { log, url } = await serve([{ name: "a", permissions: permissions("a") }])
    await work(url, "a")
    assert.notMatch(await log(), /violation/i)
  })

  it("are each needed", { timeout: 60_000 }, async () => {
    // Not in every run does a watch fall so far behind that it is asked whether it keeps up, or meet a removed key.
    const unforced = /\$JS\.FC|MSG\.GET/
    const names = permissions("a").publish.allow.flatMap((subject, i) => (unforced.test(subject) ? [] : [`u${i}`]))
    const users = names.map((name) => {
      const all = permissions(name)
      const without = all.publish.allow.filter((_, i) => `u${i}` !== name)
      return { name, permissions: { ...all, publish: { allow: without } } }
    })
    const { log, url } = await serve(users)
    // Their starts fail, or their workers run without what was refused: the server tells.
    await Promise.all(names.map((name) => refusal(url, name, log)))
    const refused = await log()
    for (const name of names)
      assert.match(refused, violation(name), permissions(name).publish.allow[Number(name.slice(1))])
  })

  it("keep two groups apart", async () => {
    const { url } = await serve(["a", "b"].map((name) => ({ name, permissions: permissions(name) })))
    await Promise.all(["a", "b"].map((name) => work(url, name)))
    const b = await connect(url, "b")
    const attempts: ReadonlyArray<readonly [what: string, subject: string]> = [
      ["write a plan", "$KV.a-plan.plan"],
      ["evict a worker", "$KV.a-live.worker.worker-0"],
      ["watch the workers", "$JS.API.CONSUMER.CREATE.KV_a-live"],
      ["read the plan", "$JS.API.STREAM.MSG.GET.KV_a-plan"],
      ["delete a bucket", "$JS.API.STREAM.DELETE.KV_a-live"],
      ["purge a bucket", "$JS.API.STREAM.PURGE.KV_a-live"],
      ["delete its own bucket", "$JS.API.STREAM.DELETE.KV_b-live"],
      ["take messages", "$JS.API.CONSUMER.MSG.NEXT.S-a.any"],
      ["publish messages", "a.p0"]
    ]
    for (const [what, subject] of attempts) {
      const error = await b.request(subject, "{}", { timeout: 2_000 }).then(
        () => null,
        (thrown: unknown) => thrown
      )
      assert.instanceOf(error, Nats.RequestError, what)
      assert.instanceOf(error.cause, Nats.PermissionViolationError, what)
    }
    const listening = b.subscribe("_INBOX_a.>")
    const closed = await listening.closed
    assert.instanceOf(closed, Nats.PermissionViolationError)
  })
})

const violation = (name: string) => new RegExp(`user:${name}" - Publish Violation`)

/** Works until the server has refused something to the user. */
const refusal = async (url: string, name: string, log: () => Promise<string>): Promise<void> => {
  const controller = new AbortController()
  const working = work(url, name, controller.signal).catch(() => undefined)
  await until(async () => violation(name).test(await log()), AbortSignal.timeout(20_000))
  controller.abort()
  await working
}

describe("The page about security", () => {
  it("lists the least permissions", () => {
    const page = readFileSync(new URL("../../../docs/security.md", import.meta.url), "utf8")
    const listed = [...page.matchAll(/^\| `([^`]+)` \|/gm)].map(([, subject]) => subject)
    const { publish, subscribe } = NatsPermissions.make({ group: "billing", streams: ["ORDERS"] })
    assert.deepStrictEqual(listed, [...publish.allow, ...subscribe.allow])
  })
})
