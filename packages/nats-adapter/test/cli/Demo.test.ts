import { assert, describe, it } from "@effect/vitest"
import * as NatsConnection from "@parti/nats-adapter/NatsConnection"
import * as NatsStore from "@parti/nats-adapter/NatsStore"
import { Effect } from "effect"
import * as ChildProcess from "../ChildProcess.ts"
import * as CommandLine from "./CommandLine.ts"
import * as EmptyServer from "./EmptyServer.ts"

const patience = { timeout: 60_000 }
const main = "packages/nats-adapter/src/cli/main.ts"
const short = ["demo", "--seconds", "8", "--workers", "4", "--partitions", "24"]

const isSound = ({ code, err, out }: CommandLine.Ran) => {
  assert.deepInclude({ code, err }, { code: 0, err: "" }, out)
  const { account, faults, group } = JSON.parse(out)
  assert.deepInclude(account, { running: 24, overlaps: 0, staleTokens: 0 })
  assert.deepStrictEqual(faults, [])
  return group
}

describe("The demo as a command", () => {
  it.live(
    "plays in memory, whatever server the environment names",
    () =>
      Effect.gen(function* () {
        const ran = yield* CommandLine.run([...short, "--json"], { NATS_URL: "127.0.0.1:1" })
        assert.isNull(isSound(ran))
      }),
    patience
  )

  it.live(
    "plays on a server in a group of its own, which is gone afterwards",
    () =>
      Effect.gen(function* () {
        const { manager, url } = yield* EmptyServer.make
        const ran = yield* CommandLine.run([...short, "--json", "--nats", "--server", url])
        assert.match(isSound(ran), /^parti-demo-/)
        assert.deepStrictEqual(yield* EmptyServer.streamsOf(manager), [])
      }).pipe(Effect.scoped),
    patience
  )

  it.live(
    "leaves no bucket behind when it is interrupted",
    () =>
      Effect.gen(function* () {
        const { manager, url } = yield* EmptyServer.make
        const playing = yield* ChildProcess.start(main, { NATS_URL: url }, ["demo", "--nats", "--as", "short-lived"])
        yield* playing.says(/leads/)
        assert.deepStrictEqual(yield* EmptyServer.streamsOf(manager), ["KV_short-lived-live", "KV_short-lived-plan"])
        playing.child.kill("SIGINT")
        assert.strictEqual(yield* playing.ended, 130)
        assert.deepStrictEqual(yield* EmptyServer.streamsOf(manager), [])
      }).pipe(Effect.scoped),
    patience
  )

  it.live(
    "refuses the name of a group that is there, and leaves that alone",
    () =>
      Effect.gen(function* () {
        const { manager, nats, url } = yield* EmptyServer.make
        yield* Effect.provideService(NatsStore.make({ group: "orders" }), NatsConnection.NatsConnection, nats)
        const { code, err } = yield* CommandLine.run(["demo", "--nats", "--as", "orders", "--server", url])
        assert.strictEqual(code, 2)
        assert.include(err, 'there is a group "orders" already')
        assert.deepStrictEqual(yield* EmptyServer.streamsOf(manager), ["KV_orders-live", "KV_orders-plan"])
      }).pipe(Effect.scoped),
    patience
  )

  it.live("refuses numbers that no play can do with", () =>
    Effect.gen(function* () {
      const { code, err } = yield* CommandLine.run(["demo", "--seconds", "3"])
      assert.strictEqual(code, 2)
      assert.include(err, "--seconds takes a whole number from 8 to 600")
    })
  )
})
