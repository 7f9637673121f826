/**
 * Paints the dashboard of a group in the middle of a rebalance, in both colour schemes, into docs/images:
 * `npm run screenshots`.
 */
import { jetstream, jetstreamManager } from "@nats-io/jetstream"
import { CoordinationStore } from "@parti/core/CoordinationStore"
import * as Parti from "@parti/core/Parti"
import * as JetStreamPartitions from "@parti/nats-adapter/JetStreamPartitions"
import * as NatsConnection from "@parti/nats-adapter/NatsConnection"
import * as NatsStore from "@parti/nats-adapter/NatsStore"
import * as NatsServer from "@parti/testkit/NatsServer"
import { Effect, Latch, References, Stream } from "effect"
import { spawn } from "node:child_process"
import { once } from "node:events"
import { fileURLToPath } from "node:url"
import { chromium, type Page } from "playwright-core"
import { chromiumArguments, findChromium } from "./chromium.mjs"
import { natsServer } from "./nats-server.mjs"

process.env["NATS_SERVER_BIN"] ??= natsServer()

const regions = ["eu", "us", "ap", "sa"]
const perRegion = 27
const partitions = regions.flatMap((region) =>
  Array.from({ length: perRegion }, (_, place) => ({ keys: [region, String(place + 1)] }))
)
const founders = 5
const handlingMs = 600
const zones = ["zone-a", "zone-b", "zone-c"]

const config = {
  preset: "development",
  leaseMs: 10_000,
  expectedWorkers: founders,
  coldStartWindowMs: 60_000,
  plannedWindowMs: 500,
  minRebalanceIntervalMs: 100,
  drainTimeoutMs: 60_000,
  revokeTimeoutMs: 90_000,
  shutdownTimeoutMs: 90_000
} as const

/** One worker of the group. What it has in hand it finishes as soon as the gate is open. */
const join = (url: string, number: number, gate?: Latch.Latch) =>
  Effect.gen(function* () {
    const nats = yield* NatsConnection.make({ servers: url, name: `worker-${number}` })
    const store = yield* Effect.provideService(NatsStore.make({ group: "orders" }), NatsConnection.NatsConnection, nats)
    const zone = zones[number % zones.length] ?? null
    const parti = yield* Effect.provideService(
      Parti.make({ group: "orders", partitions, config: { ...config, workerId: `worker-${number}`, zone } }),
      CoordinationStore,
      store
    )
    yield* JetStreamPartitions.forEachMessage({
      stream: "ORDERS",
      name: "orders",
      subject: "orders.{id}",
      handler: () => Effect.andThen(Effect.sleep(handlingMs), gate?.await ?? Effect.void)
    }).pipe(Effect.provideService(Parti.Parti, parti), Effect.provideService(NatsConnection.NatsConnection, nats))
    return parti
  })

const until = (
  { groupChanges }: Parti.PartiService,
  isTrue: (view: Effect.Success<Parti.PartiService["group"]>) => boolean
) => groupChanges.pipe(Stream.takeUntil(isTrue), Stream.runDrain)

const isSettled = (workers: number) => (view: Effect.Success<Parti.PartiService["group"]>) =>
  view.workers.filter(({ partitions: count }) => count > 0).length === workers &&
  view.phase.tag === "Idle" &&
  view.unowned === 0 &&
  view.handingOver === 0

/** Messages for all partitions, for some more than for others. */
const publish = (url: string) =>
  Effect.gen(function* () {
    const { connection } = yield* NatsConnection.make({ servers: url })
    yield* Effect.promise(async () => {
      const manager = await jetstreamManager(connection)
      await manager.streams.add({ name: "ORDERS", subjects: ["orders.>"] })
      const client = jetstream(connection)
      for (const [place, { keys }] of partitions.entries()) {
        const count = place % 3 === 0 ? 400 : place % 3
        const messages = Array.from({ length: count }, (_, each) =>
          client.publish(`orders.${keys.join(".")}`, `${each}`)
        )
        await Promise.all(messages)
      }
    })
  })

/** Serves the dashboard; gives its address. */
const serve = (url: string) =>
  Effect.gen(function* () {
    const main = fileURLToPath(new URL("../packages/nats-adapter/src/cli/main.ts", import.meta.url))
    const argv = ["ui", "--group", "orders", "--server", url, "--port", "0", "--stream", "ORDERS", "--json"]
    const child = yield* Effect.acquireRelease(
      Effect.sync(() =>
        spawn(process.execPath, ["--conditions=@parti/source", main, ...argv], { stdio: ["ignore", "pipe", "inherit"] })
      ),
      (started) => Effect.sync(() => started.kill())
    )
    const [told] = yield* Effect.promise(() => once(child.stdout, "data"))
    const { url: address }: { readonly url: string } = JSON.parse(String(told))
    return address
  })

/** Opens the page, and waits until it has been told how many messages wait. */
const open = (address: string, colorScheme: "light" | "dark") =>
  Effect.gen(function* () {
    const browser = yield* Effect.acquireRelease(
      Effect.promise(() => chromium.launch({ executablePath: findChromium(), args: chromiumArguments })),
      (started) => Effect.promise(() => started.close())
    )
    // Nothing flies about in a picture that stands still.
    const options = { colorScheme, reducedMotion: "reduce", viewport: { width: 1240, height: 770 } } as const
    const page = yield* Effect.promise(() => browser.newPage(options))
    yield* Effect.promise(() => page.goto(address))
    yield* Effect.promise(() => page.locator("#partitions td:nth-child(5)", { hasText: /\d/ }).first().waitFor())
    return page
  })

const shoot = (page: Page, name: string) =>
  Effect.promise(async () => {
    // It has some, and others are to come.
    await page.locator("#workers tr[data-key=worker-6]", { hasText: /[1-9]\d* \+ [1-9]/ }).waitFor()
    const path = fileURLToPath(new URL(`../docs/images/dashboard-${name}.png`, import.meta.url))
    await page.screenshot({ path })
  })

/** A few rebalances, so that there is a history to be seen. */
const past = (first: Parti.PartiService) =>
  Effect.gen(function* () {
    yield* first.drain("worker-2")
    yield* until(first, isSettled(founders - 1))
    yield* first.undrain("worker-2")
    yield* until(first, isSettled(founders))
  })

const program = Effect.gen(function* () {
  const { url } = yield* NatsServer.make()
  yield* publish(url)
  // The third is held up with what it has in hand, so that there is a handoff to be seen.
  const gate = yield* Latch.make(true)
  const workers = yield* Effect.forEach(
    Array.from({ length: founders }, (_, place) => place + 1),
    (number) => (number === 3 ? join(url, number, gate) : join(url, number)),
    { concurrency: founders }
  )
  const [first] = workers
  if (first === undefined) return yield* Effect.die("nobody is there")
  yield* until(first, isSettled(founders))
  yield* past(first)
  const address = yield* serve(url)
  const pages = yield* Effect.all({ light: open(address, "light"), dark: open(address, "dark") }, { concurrency: 2 })
  yield* gate.close
  yield* join(url, 6)
  yield* Effect.forEach(Object.entries(pages), ([name, page]) => shoot(page, name), { concurrency: 2 })
  yield* gate.open
})

await Effect.runPromise(Effect.provideService(Effect.scoped(program), References.MinimumLogLevel, "Error"))
process.exit()
