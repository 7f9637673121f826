import { assert, layer } from "@effect/vitest"
import { jetstream, jetstreamManager } from "@nats-io/jetstream"
import { CoordinationStore } from "@parti/core/CoordinationStore"
import * as Parti from "@parti/core/Parti"
import * as NatsConnection from "@parti/nats-adapter/NatsConnection"
import * as NatsServer from "@parti/testkit/NatsServer"
import * as TcpProxy from "@parti/testkit/TcpProxy"
import { Context, Effect, Layer, References, Schedule, Stream } from "effect"
import type { Page } from "playwright-core"
import * as ChildProcess from "../ChildProcess.ts"
import * as Fixture from "../Fixture.ts"
import * as ConsumerName from "../../src/consume/ConsumerName.ts"
import * as Feed from "../../src/cli/ui/Feed.ts"
import * as Picture from "../../src/cli/ui/Picture.ts"
import * as Server from "../../src/cli/ui/Server.ts"
import * as SampleGroup from "../cli/SampleGroup.ts"
import * as Browser from "./Browser.ts"

const partitions = Array.from({ length: 6 }, (_, place) => ({ keys: [`p${place}`] }))

/** A lease that a busy machine does not lose, and windows that nobody waits for. */
const config = {
  preset: "development",
  leaseMs: 5000,
  expectedWorkers: 2,
  coldStartWindowMs: 60_000,
  plannedWindowMs: 50,
  minRebalanceIntervalMs: 50
} as const

interface World {
  readonly first: Parti.PartiService
  /** The address that `parti ui` has printed, with the token. */
  readonly address: string
  /** Between the dashboard and the server. */
  readonly link: TcpProxy.TcpProxy
}

class Dashboard extends Context.Service<Dashboard, World>()("test/Dashboard") {}

const isSettled = (view: Effect.Success<Parti.PartiService["group"]>) =>
  view.workers.length === 2 && view.phase.tag === "Idle" && view.unowned === 0 && view.handingOver === 0

/** A stream with three messages for p0, which its consumer has not handled. */
const messages = (url: string) =>
  Effect.gen(function* () {
    const { connection } = yield* NatsConnection.make({ servers: url })
    yield* Effect.promise(async () => {
      const manager = await jetstreamManager(connection)
      await manager.streams.add({ name: "ORDERS", subjects: ["orders.>"] })
      const name = ConsumerName.render(ConsumerName.prefix("orders", "p0"), { token: 1, run: 1 })
      await manager.consumers.add("ORDERS", { durable_name: name, filter_subject: "orders.p0", ack_policy: "explicit" })
      for (const text of ["a", "b", "c"]) await jetstream(connection).publish("orders.p0", text)
    })
  })

/** A group of two, and its dashboard, which may give orders. */
const Orders = Layer.effect(
  Dashboard,
  Effect.gen(function* () {
    const { port, url } = yield* NatsServer.NatsServer
    const join = (workerId: string) =>
      Effect.gen(function* () {
        const { store } = yield* Fixture.connect({ servers: url }, { group: "orders" })
        const own = { ...config, workerId, zone: `zone-of-${workerId}`, version: "1.4.2" }
        const options = { group: "orders", partitions, config: own }
        return yield* Effect.provideService(Parti.make(options), CoordinationStore, store)
      })
    const [first] = yield* Effect.all([join("worker-1"), join("worker-2")], { concurrency: 2 })
    yield* first.groupChanges.pipe(Stream.takeUntil(isSettled), Stream.runDrain)
    yield* messages(url)
    const link = yield* TcpProxy.make({ targetPort: port })
    const ui = yield* ChildProcess.start(
      "packages/nats-adapter/src/cli/main.ts",
      { NATS_URL: link.url, PARTI_GROUP: "orders" },
      ["ui", "--port", "0", "--allow-actions", "--stream", "ORDERS"]
    )
    yield* ui.says(/may give orders/)
    const [address = assert.fail(`no address: ${ui.printed()}`)] = /http:\S+/.exec(ui.printed()) ?? []
    return { first, address, link }
  })
).pipe(Layer.provide(NatsServer.layer()), Layer.provide(Layer.succeed(References.MinimumLogLevel, "Error")))

const many = SampleGroup.partitionsOf(10_000)
const workers = Array.from({ length: 200 }, (_, seat) => ({ id: `worker-${seat}` }))

const crowd = (before: Picture.Picture | null, version: number, ownerOf: (place: number) => number) =>
  Picture.after(before, {
    origin: { group: "crowd", server: "127.0.0.1", serverVersion: "2.12.0", isConnected: true, roundTripMs: 1 },
    snapshot: SampleGroup.snapshotOf({
      workers,
      partitions: many,
      owner: many.map((_, place) => `worker-${ownerOf(place)}`),
      plan: { version }
    }),
    history: [],
    serverNow: SampleGroup.now
  })

const cell = (page: Page, table: string, row: string, column: number) =>
  page.getByRole("region", { name: table }).locator(`tr[data-key="${row}"] > *`).nth(column)

/** Waits until it says so; the page's own time-out fails it. */
const says = (page: Page, selector: string, words: RegExp | string) =>
  Effect.promise(() => page.locator(selector, { hasText: words }).first().waitFor({ state: "attached" }))

/** Evaluated in the page: whether its ground, and the first cell of the first worker, have these colours. */
const isPainted = (ground: string, cell: string) => `(() => {
  const at = (place) => -place * devicePixelRatio
  const copy = new OffscreenCanvas(1, 1).getContext("2d", { willReadFrequently: true })
  copy.drawImage(document.querySelector("canvas"), at(14), at(84))
  const pixel = [...copy.getImageData(0, 0, 1, 1).data].join()
  return getComputedStyle(document.body).backgroundColor === "${ground}" && pixel === "${cell}"
})()`

const readOnly = (address: string) => address.replace(/#.*$/, "")

const tests = layer(Layer.mergeAll(Orders, Browser.layer), { excludeTestServices: true, timeout: "60 seconds" })

tests("The dashboard", (it) => {
  const effect = Browser.isAbsent ? it.effect.skip : it.effect

  effect("shows who has what, to those who look and to those who listen", () =>
    Effect.gen(function* () {
      const { address } = yield* Dashboard
      const { faults, page } = yield* Browser.open(readOnly(address))
      yield* says(page, "h1", "orders")
      yield* says(page, "#phase", "Idle")
      yield* says(page, "#partitions tr[data-key=p0] td:last-child", "3")
      const told = yield* Effect.promise(() => page.locator("body").ariaSnapshot())
      for (const words of [
        'img "6 partitions on 2 workers: 0 unowned, 0 changing hands"',
        'searchbox "Find"',
        'region "Rebalances"',
        'rowheader "#1"',
        'rowheader "worker-1"',
        'cell "1.4.2"',
        'button "Explain p0"'
      ])
        assert.include(told, words)
      const nameless = /^\s*- (button|searchbox|img|progressbar|region|dialog|group|link|columnheader)( \[.*\])?:?$/m
      assert.notMatch(told, nameless)
      assert.deepStrictEqual(faults, [])
    })
  )

  effect("is painted in the colours of either scheme", () =>
    Effect.gen(function* () {
      const { address } = yield* Dashboard
      const { faults, page } = yield* Browser.open(readOnly(address), { colorScheme: "light" })
      yield* says(page, "#phase", "Idle")
      const painted = (ground: string, cell: string) =>
        // The page forbids code from texts, which is what waiting for a function comes to.
        Effect.promise(() => page.evaluate(isPainted(ground, cell))).pipe(
          Effect.repeat({ until: (answer) => answer === true, schedule: Schedule.spaced("20 millis") })
        )
      yield* painted("rgb(246, 247, 248)", "201,217,236,255")
      yield* Effect.promise(() => page.emulateMedia({ colorScheme: "dark" }))
      yield* painted("rgb(18, 22, 26)", "47,74,104,255")
      assert.deepStrictEqual(faults, [])
    })
  )

  effect("shows a move as it happens, with its cause and its cost, and orders taken from the page", () =>
    Effect.gen(function* () {
      const { address, first } = yield* Dashboard
      const { faults, page } = yield* Browser.open(address)
      yield* says(page, "#phase", "Idle")
      assert.notInclude(page.url(), "token")
      yield* first.drain("worker-2")
      yield* says(page, "#history tr[data-mark=done]", /planned change: worker-2 being emptied/)
      yield* says(page, "#workers tr[data-key=worker-1]", /worker-1.*live.*6/)
      yield* says(page, "#partitions", "came from worker-2")
      yield* says(page, "#announcements", /./)
      yield* says(page, "#notices", /give their partitions away: worker-2/)
      const moved = cell(page, "Rebalances", "2", 3)
      const minimum = cell(page, "Rebalances", "2", 4)
      assert.strictEqual(yield* Effect.promise(() => moved.textContent()), "3")
      assert.strictEqual(yield* Effect.promise(() => minimum.textContent()), "3")
      yield* Effect.promise(() => page.getByRole("button", { name: "Undrain worker-2" }).click())
      yield* says(page, "#notices", "Accepted: undrain worker-2.")
      yield* says(page, "#workers tr[data-key=worker-2]", /worker-2.*live.*3/)
      yield* Effect.promise(() => page.getByRole("button", { name: "Pause" }).click())
      yield* says(page, "#notices", "The group is paused")
      yield* Effect.promise(() => page.getByRole("button", { name: "Resume" }).click())
      yield* Effect.promise(() => page.getByText("The group is paused").waitFor({ state: "detached" }))
      assert.deepStrictEqual(faults, [])
    })
  )

  effect("explains a partition to whoever has but a keyboard, and gives the focus back", () =>
    Effect.gen(function* () {
      const { address } = yield* Dashboard
      const { faults, page } = yield* Browser.open(readOnly(address))
      yield* says(page, "#phase", "Idle")
      const press = (key: string) => Effect.promise(() => page.keyboard.press(key))
      const focused = Effect.promise(() => page.locator(":focus").getAttribute("id"))
      yield* press("/")
      yield* Effect.promise(() => page.keyboard.type("p3"))
      yield* press("Enter")
      const panel = page.getByRole("dialog", { name: "p3" })
      yield* Effect.promise(() => panel.getByText(/p3 is run by worker-\d since/).waitFor())
      yield* Effect.promise(() => panel.getByText(/nobody → worker-\d: it was new/).waitFor())
      assert.strictEqual(yield* focused, "explain-close")
      yield* press("Escape")
      yield* Effect.promise(() => panel.waitFor({ state: "hidden" }))
      assert.strictEqual(yield* focused, "search")
      assert.deepStrictEqual(faults, [])
    })
  )

  effect("explains a partition that is clicked on in the picture", () =>
    Effect.gen(function* () {
      const { address } = yield* Dashboard
      const { faults, page } = yield* Browser.open(readOnly(address))
      yield* says(page, "#phase", "Idle")
      yield* Effect.promise(() => page.locator("canvas").click({ position: { x: 20, y: 88 } }))
      yield* Effect.promise(() =>
        page
          .getByRole("dialog", { name: /^p\d$/ })
          .getByText(/is run by worker-1/)
          .waitFor()
      )
      assert.deepStrictEqual(faults, [])
    })
  )

  effect("offers no orders to whoever has not got the token", () =>
    Effect.gen(function* () {
      const { address } = yield* Dashboard
      const { page } = yield* Browser.open(readOnly(address))
      yield* says(page, "#notices", "it holds a token")
      yield* says(page, "#phase", "Idle")
      for (const name of [/^Drain/, "Pause", "Rebalance"])
        assert.strictEqual(yield* Effect.promise(() => page.getByRole("button", { name }).count()), 0)
    })
  )

  effect("says that it has lost the server, and goes on when it is back", () =>
    Effect.gen(function* () {
      const { address, link } = yield* Dashboard
      const { faults, page } = yield* Browser.open(readOnly(address))
      yield* says(page, "#connection", /^live$/)
      yield* link.cut()
      yield* link.disconnect
      yield* says(page, "#connection", /^connection lost/)
      yield* says(page, "#notices", "The connection to NATS is lost")
      yield* link.heal()
      yield* says(page, "#connection", /^live$/)
      assert.deepStrictEqual(faults, [])
    })
  )

  effect("shows 10,000 partitions on 200 workers, half of which move at once, and finds one of them", () =>
    Effect.gen(function* () {
      const feed = Feed.make()
      const site = { feed, about: { allowsActions: false, stream: null }, explain: () => Effect.never }
      const { port } = yield* Server.make(
        { host: "127.0.0.1", port: 0, token: null },
        { ...site, lag: Effect.never, order: () => Effect.never }
      )
      const before = crowd(null, 1, (place) => place % 200)
      feed.show(before, SampleGroup.now)
      const { faults, page } = yield* Browser.open(`http://127.0.0.1:${port}/`)
      yield* says(page, "#partitions-count", "10,000")
      yield* says(page, "#page", "1–50 of 10,000")
      feed.show(
        crowd(before, 2, (place) => (place % 2 === 0 ? place % 200 : (place + 1) % 200)),
        SampleGroup.now
      )
      yield* says(page, "#workers tr[data-key=worker-0]", /worker-0live, leads100/)
      yield* says(page, "#workers tr[data-key=worker-1]", /worker-1live0/)
      yield* Effect.promise(() => page.getByRole("searchbox").fill("p9999"))
      yield* says(page, "#found", "1 found")
      yield* says(page, "#partitions", /p9999/)
      assert.strictEqual(yield* Effect.promise(() => page.locator("#partitions tr").count()), 1)
      assert.deepStrictEqual(faults, [])
    })
  )
})
