import { assert, describe, it } from "@effect/vitest"
import { Deferred, Effect, Exit, Fiber, References, Scope } from "effect"
import { setImmediate } from "node:timers/promises"
import * as Feed from "../../src/cli/ui/Feed.ts"
import * as Picture from "../../src/cli/ui/Picture.ts"
import * as Server from "../../src/cli/ui/Server.ts"
import * as Model from "../../ui/Model.js"
import * as SampleGroup from "../cli/SampleGroup.ts"
import * as Visitor from "./Visitor.ts"

const origin = { group: "orders", server: "127.0.0.1:4222", serverVersion: "2.12.0", isConnected: true, roundTripMs: 1 }

const pictureOf = (version: number, before: Picture.Picture | null = null, owner = "worker-1"): Picture.Picture =>
  Picture.after(before, {
    origin,
    snapshot: SampleGroup.snapshotOf({
      partitions: SampleGroup.partitionsOf(2),
      owner: ["worker-1", owner],
      plan: { version }
    }),
    history: [],
    serverNow: SampleGroup.now
  })

/** A server that gives no orders to anybody, and says which it was asked for. */
const serve = (token: string | null = null) =>
  Effect.gen(function* () {
    const feed = Feed.make()
    const ordered: Array<string> = []
    const begun = yield* Deferred.make<void>()
    const { port } = yield* Server.make(
      { host: "127.0.0.1", port: 0, token },
      {
        feed,
        about: { allowsActions: token !== null, stream: null },
        explain: (partition) =>
          partition === "broken"
            ? Effect.die(new Error("a mistake"))
            : partition === "endless"
              ? Effect.onInterrupt(Effect.andThen(Deferred.succeed(begun, undefined), Effect.never), () =>
                  Effect.sync(() => ordered.push("interrupted"))
                )
              : Effect.succeed({ status: 200, body: { partition } }),
        lag: Effect.succeed({ status: 503, body: { error: "the stream is away" } }),
        order: (name, worker) =>
          Effect.sync(() => {
            ordered.push(`${name} ${worker}`)
            return { status: 200, body: { order: name } }
          })
      }
    )
    return { begun, feed, ordered, port }
  })

const bearer = (port: number, token: string): Visitor.Wish => ({
  method: "POST",
  headers: { origin: `http://127.0.0.1:${port}`, authorization: `Bearer ${token}` }
})

describe("The dashboard's server", () => {
  it.effect("answers also where it has made a mistake", () =>
    Effect.gen(function* () {
      const { port } = yield* serve()
      const told = yield* Visitor.get(port, "/explain?partition=broken")
      assert.strictEqual(told.status, 500)
      assert.notInclude(told.text, "a mistake")
    }).pipe(Effect.provideService(References.MinimumLogLevel, "None"))
  )

  it.live("ends with all that requests have begun", () =>
    Effect.gen(function* () {
      const scope = yield* Scope.make()
      const { begun, ordered, port } = yield* Scope.provide(serve(), scope)
      const waiting = yield* Effect.forkChild(Effect.exit(Visitor.get(port, "/explain?partition=endless")))
      yield* Deferred.await(begun)
      yield* Scope.close(scope, Exit.void)
      yield* Fiber.join(waiting)
      assert.deepStrictEqual(ordered, ["interrupted"])
    })
  )

  it.effect("serves the page and its files, of their types, and nothing else of the disk", () =>
    Effect.gen(function* () {
      const { port } = yield* serve()
      const page = yield* Visitor.get(port, "/")
      assert.strictEqual(page.status, 200)
      assert.strictEqual(page.headers["content-type"], "text/html; charset=utf-8")
      const named = [...page.text.matchAll(/(?:src|href)="(\/[^"]+)"/g)].map(([, path = ""]) => path)
      assert.sameMembers(named, ["/style.css", "/Main.js"])
      for (const path of named) assert.strictEqual((yield* Visitor.get(port, path)).status, 200, path)
      for (const path of ["/tsconfig.json", "/../package.json", "/%2e%2e/package.json", "/index.html", "/none"])
        assert.strictEqual((yield* Visitor.get(port, path)).status, 404, path)
    })
  )

  it.effect("serves every module that its modules import", () =>
    Effect.gen(function* () {
      const { port } = yield* serve()
      const waiting = ["/Main.js"]
      const seen = new Set<string>()
      for (let path = waiting.pop(); path !== undefined; path = waiting.pop()) {
        if (seen.has(path)) continue
        seen.add(path)
        const { headers, status, text } = yield* Visitor.get(port, path)
        assert.strictEqual(status, 200, path)
        assert.strictEqual(headers["content-type"], "text/javascript; charset=utf-8")
        for (const [, name = ""] of text.matchAll(/^import .* from "\.(\/\w+\.js)"$/gm)) waiting.push(name)
      }
      assert.isAbove(seen.size, 5)
    })
  )

  it.effect("forbids everything to the page but its own files, to whatever it answers", () =>
    Effect.gen(function* () {
      const { port } = yield* serve()
      for (const path of ["/", "/style.css", "/about", "/none", "/explain?partition=a"]) {
        const { headers } = yield* Visitor.get(port, path)
        const policy = String(headers["content-security-policy"])
        assert.include(policy, "default-src 'none'", path)
        assert.include(policy, "frame-ancestors 'none'", path)
        assert.notInclude(policy, "unsafe", path)
        assert.strictEqual(headers["x-content-type-options"], "nosniff", path)
        assert.strictEqual(headers["cross-origin-resource-policy"], "same-origin", path)
        assert.notProperty(headers, "access-control-allow-origin", path)
      }
      const { text } = yield* Visitor.get(port, "/")
      assert.notMatch(text, /<style|style=|<script(?![^>]*src=)| on\w+=/i)
    })
  )

  it.effect("answers to no stranger's name, and to no other site", () =>
    Effect.gen(function* () {
      const { port } = yield* serve()
      for (const headers of [{ host: "evil.example" }, { "sec-fetch-site": "cross-site" }]) {
        for (const path of ["/state", "/explain?partition=a", "/lag", "/about"]) {
          const { status, text } = yield* Visitor.get(port, path, { headers })
          assert.strictEqual(status, 403, path)
          assert.property(JSON.parse(text), "error")
        }
      }
    })
  )

  it.effect("is read-only unless it was told otherwise", () =>
    Effect.gen(function* () {
      const { ordered, port } = yield* serve()
      const refused = yield* Visitor.get(port, "/orders/pause", bearer(port, ""))
      assert.strictEqual(refused.status, 403)
      const posted = yield* Visitor.get(port, "/state", { method: "POST" })
      assert.deepInclude([posted.status, posted.headers.allow], 405)
      assert.strictEqual(posted.headers.allow, "GET, HEAD")
      assert.deepStrictEqual(ordered, [])
    })
  )

  it.effect("takes orders from its own page with the token alone", () =>
    Effect.gen(function* () {
      const { ordered, port } = yield* serve("s3cret")
      const good = bearer(port, "s3cret")
      const strange: ReadonlyArray<readonly [Visitor.Wish, number]> = [
        [{ ...good, method: "GET" }, 405],
        [bearer(port, "guess"), 401],
        [{ method: "POST", headers: { ...good.headers, origin: "http://evil.example" } }, 403],
        [{ method: "POST", headers: { authorization: "Bearer s3cret" } }, 403]
      ]
      for (const [wish, status] of strange)
        assert.strictEqual((yield* Visitor.get(port, "/orders/pause", wish)).status, status, JSON.stringify(wish))
      assert.deepStrictEqual(ordered, [])
      assert.strictEqual((yield* Visitor.get(port, "/orders/drain?worker=worker-1", good)).status, 200)
      assert.deepStrictEqual(ordered, ["drain worker-1"])
    })
  )

  it.effect("passes on what it is asked, and tells what went wrong", () =>
    Effect.gen(function* () {
      const { port } = yield* serve()
      const about = yield* Visitor.get(port, "/about")
      assert.deepStrictEqual(JSON.parse(about.text), { allowsActions: false, stream: null })
      const explained = yield* Visitor.get(port, `/explain?partition=${encodeURIComponent("eu.a b=&")}`)
      assert.deepStrictEqual(JSON.parse(explained.text), { partition: "eu.a b=&" })
      assert.strictEqual((yield* Visitor.get(port, "/explain")).status, 400)
      const lag = yield* Visitor.get(port, "/lag")
      assert.deepStrictEqual([lag.status, JSON.parse(lag.text)], [503, { error: "the stream is away" }])
      assert.strictEqual((yield* Visitor.get(port, "//")).status, 400)
    })
  )

  it.effect("tells a page all there is, then what changes", () =>
    Effect.gen(function* () {
      const { feed, port } = yield* serve()
      const first = pictureOf(1)
      feed.show(first, 1000)
      const { next } = yield* Visitor.follow(port)
      const whole = yield* next
      assert.strictEqual(whole?.event, "whole")
      assert.deepNestedInclude(whole?.data, { now: 1000, "facts.version": 1, "list.version": 1_699_999_400_000 })
      feed.show(pictureOf(1, first), 1100)
      feed.show(pictureOf(2, first, "worker-2"), 1200)
      const change = yield* next
      assert.strictEqual(change?.event, "change")
      assert.deepNestedInclude(change?.data, { now: 1200, "facts.version": 2, moved: [[1, 1]] })
      assert.notProperty(change?.data, "list")
    })
  )

  it.effect("tells a page the time where nothing else is new, so that it knows that it is told", () =>
    Effect.gen(function* () {
      const { feed, port } = yield* serve()
      const picture = pictureOf(1)
      feed.show(picture, 1000)
      const { next } = yield* Visitor.follow(port)
      yield* next
      feed.show(picture, 5999)
      feed.show(picture, 6000)
      assert.deepStrictEqual(yield* next, { event: "change", data: { now: 6000 } })
    })
  )

  it.effect("tells a page that cannot follow less often, and the newest when it can", () =>
    Effect.gen(function* () {
      const { feed, port } = yield* serve()
      const partitions = SampleGroup.partitionsOf(5000)
      const owners = ["worker-1", "worker-2"].map((name) => partitions.map(() => name))
      const show = (before: Picture.Picture | null, version: number) => {
        const sample = { partitions, owner: owners[version % 2] ?? [], plan: { version } }
        const source = { origin, snapshot: SampleGroup.snapshotOf(sample), history: [], serverNow: SampleGroup.now }
        const picture = Picture.after(before, source)
        feed.show(picture, SampleGroup.now + version)
        return picture
      }
      let picture = show(null, 1)
      const { next } = yield* Visitor.follow(port)
      // Nobody reads, until more was to be told than connections hold.
      const shownCount = 400
      for (let version = 2; version <= shownCount; version++) {
        picture = show(picture, version)
        yield* Effect.promise(() => setImmediate())
      }
      const newest = picture
      const goOn = Effect.promise(() => setImmediate(feed.show(newest, SampleGroup.now + shownCount)))
      yield* Effect.forkScoped(Effect.forever(goOn))
      let model = Model.empty
      let toldCount = 0
      for (; model.facts?.version !== newest.facts.version; toldCount++) {
        const told = (yield* next) ?? assert.fail("it is still told")
        model = Model.follow(model, told.data, 0)
      }
      assert.isBelow(toldCount, shownCount)
      assert.deepStrictEqual(model.owner, picture.owner)
    })
  )

  it.effect("lets go of pages that are closed, and of all when it ends", () =>
    Effect.gen(function* () {
      const scope = yield* Scope.make()
      const { feed, port } = yield* Scope.provide(serve(), scope)
      feed.show(pictureOf(1), 1000)
      const { next } = yield* Visitor.follow(port)
      yield* next
      assert.strictEqual(feed.size(), 1)
      yield* Scope.close(scope, Exit.void)
      assert.isNull(yield* next)
    })
  )

  it.effect("says what to do where it cannot listen", () =>
    Effect.gen(function* () {
      const { port } = yield* serve()
      const site = { feed: Feed.make(), about: null, explain: () => Effect.never, lag: Effect.never }
      const make = (host: string, where: number) =>
        Effect.flip(Server.make({ host, port: where, token: null }, { ...site, order: () => Effect.never }))
      assert.include((yield* make("127.0.0.1", port)).message, `port ${port} of 127.0.0.1 is taken`)
      assert.include((yield* make("192.0.2.1", 0)).message, "look at --host")
    })
  )
})
