import { assert, it } from "@effect/vitest"
import * as NatsConnection from "@parti/nats-adapter/NatsConnection"
import * as NatsPermissions from "@parti/nats-adapter/NatsPermissions"
import * as NatsStore from "@parti/nats-adapter/NatsStore"
import * as NatsServer from "@parti/testkit/NatsServer"
import { Effect, Redacted } from "effect"
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
