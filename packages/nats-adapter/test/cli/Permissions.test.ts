import { assert, it } from "@effect/vitest"
import * as NatsConnection from "@parti/nats-adapter/NatsConnection"
import * as NatsPermissions from "@parti/nats-adapter/NatsPermissions"
import * as NatsStore from "@parti/nats-adapter/NatsStore"
import * as NatsServer from "@parti/testkit/NatsServer"
import { jetstreamManager } from "@nats-io/jetstream"
import { Effect, Exit, Redacted } from "effect"
import type * as Session from "../../src/cli/Session.ts"
import * as Lag from "../../src/cli/ui/Lag.ts"
import * as CommandLine from "./CommandLine.ts"

const password = "only-for-tests"

it.live("The command does with the permissions of a worker that makes no buckets", () =>
  Effect.gen(function* () {
    const inboxPrefix = "_INBOX_operator"
    const permissions = NatsPermissions.make({ group: "orders", makesBuckets: false, inboxPrefix })
    const server = yield* NatsServer.make({
      users: [
        { user: "admin", password },
        { user: "operator", password, permissions }
      ]
    })
    const admin = yield* NatsConnection.make({
      servers: server.url,
      auth: { user: "admin", password: Redacted.make(password) }
    })
    yield* Effect.provideService(NatsStore.make({ group: "orders" }), NatsConnection.NatsConnection, admin)
    const parti = (command: string, group = "orders") =>
      CommandLine.run([command, "--group", group, "--user", "operator", "--inbox-prefix", inboxPrefix], {
        NATS_URL: server.url,
        NATS_PASSWORD: password
      })
    for (const command of ["status", "partitions", "pause", "resume", "rebalance"]) {
      assert.deepInclude(yield* parti(command), { code: 0, err: "" }, command)
    }
    assert.include((yield* parti("doctor")).out, "no-workers", "nobody works, and nothing is in the way of seeing that")
    const denied = yield* parti("status", "payments")
    assert.strictEqual(denied.code, 4)
    assert.match(denied.err, /may not publish to "[^"]*payments-live/)
  })
)

it.live("The dashboard may show the lag of a stream with one permission more, and not without", () =>
  Effect.gen(function* () {
    const inboxPrefix = "_INBOX_operator"
    const options = { group: "orders", makesBuckets: false, streams: ["ORDERS"], inboxPrefix }
    const [usual, showing] = [NatsPermissions.make(options), NatsPermissions.make({ ...options, showsLag: true })]
    const added = showing.publish.allow.filter((subject) => !usual.publish.allow.includes(subject))
    assert.deepStrictEqual(added, ["$JS.API.CONSUMER.LIST.ORDERS"])
    assert.lengthOf(showing.publish.allow, usual.publish.allow.length + 1)
    const server = yield* NatsServer.make({
      users: [
        { user: "admin", password },
        { user: "usual", password, permissions: usual },
        { user: "showing", password, permissions: showing }
      ]
    })
    const connect = (user: string, prefix?: string) =>
      Effect.gen(function* () {
        const nats = yield* NatsConnection.make({
          servers: server.url,
          auth: { user, password: Redacted.make(password) },
          ...(prefix === undefined ? {} : { inboxPrefix: prefix })
        })
        const manager = yield* Effect.promise(() =>
          jetstreamManager(nats.connection, { checkAPI: false, timeout: 2000 })
        )
        return { nats, manager, url: server.url, version: "" } satisfies Session.Server
      })
    const admin = yield* connect("admin")
    yield* Effect.promise(async () => {
      await admin.manager.streams.add({ name: "ORDERS", subjects: ["orders.>"] })
      await admin.manager.consumers.add("ORDERS", { durable_name: "one" })
    })
    const told = yield* Lag.ask(yield* connect("showing", inboxPrefix), "ORDERS")
    assert.deepStrictEqual(
      told.map(({ name }) => name),
      ["one"]
    )
    assert.isTrue(Exit.isFailure(yield* Effect.exit(Lag.ask(yield* connect("usual", inboxPrefix), "ORDERS"))))
  })
)
