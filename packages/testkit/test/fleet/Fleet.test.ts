import { assert, describe, it } from "@effect/vitest"
import * as Fleet from "@parti/testkit/Fleet"
import * as FleetSink from "@parti/testkit/FleetSink"
import { Effect, Exit, Scope } from "effect"
import { fileURLToPath } from "node:url"

const script = fileURLToPath(new URL("Script.ts", import.meta.url))
const execArgv = ["--conditions=@parti/source"]
const make = Fleet.make({ script, execArgv })

const notes = (fleet: Fleet.Fleet, life: string, what: string) =>
  fleet.events.flatMap(({ by, entry }) => (by === life && entry._tag === "Noted" && entry.what === what ? [entry] : []))

const isThere = (pid: number): boolean => {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}

describe("A fleet", () => {
  it.live("starts a process, sends it a line, and ends it in good order", () =>
    Effect.gen(function* () {
      const fleet = yield* make
      const one = yield* fleet.start("one")
      yield* one.ready
      yield* one.tell("hello")
      yield* fleet.until("it was told", () => notes(fleet, one.life, "told").length > 0)
      assert.deepInclude(notes(fleet, one.life, "told")[0], { value: "hello" })
      yield* one.terminate
      assert.deepStrictEqual(yield* one.exited, { code: 0, signal: null })
      yield* fleet.finish
      assert.deepStrictEqual(
        fleet.events.map(({ entry }) => entry._tag).filter((tag) => tag !== "Noted"),
        ["ProcessStarted", "Ready", "ProcessTerminated", "Stopped", "ProcessExited"]
      )
    })
  )

  it.live("kills a process, also one that is paused or deaf, and starts it again under its name", () =>
    Effect.gen(function* () {
      const fleet = yield* make
      const deaf = yield* fleet.start("one", ["deaf"])
      yield* deaf.ready
      yield* deaf.terminate
      yield* deaf.pause
      yield* deaf.kill
      assert.deepStrictEqual(yield* deaf.exited, { code: null, signal: "SIGKILL" })
      assert.isFalse(isThere(deaf.pid))
      const again = yield* fleet.start("one")
      yield* again.ready
      assert.deepStrictEqual([deaf.life, again.life], ["one.1", "one.2"])
      yield* fleet.finish
    })
  )

  it.live("pauses a process, so that it writes nothing until it is resumed", () =>
    Effect.gen(function* () {
      const fleet = yield* make
      const one = yield* fleet.start("one")
      const two = yield* fleet.start("two")
      yield* Effect.all([one.ready, two.ready])
      yield* one.pause
      yield* fleet.refresh
      const [before, since] = [notes(fleet, one.life, "beat").length, notes(fleet, two.life, "beat").length]
      yield* fleet.until("the other goes on", () => notes(fleet, two.life, "beat").length > since + 20)
      assert.lengthOf(notes(fleet, one.life, "beat"), before)
      yield* one.resume
      yield* fleet.until("it goes on", () => notes(fleet, one.life, "beat").length > before)
      const pause = fleet.events.filter(({ entry }) => /Paused|Resumed/.test(entry._tag)).map(({ at }) => at)
      const beats = fleet.events.filter(({ by, entry }) => by === one.life && entry._tag === "Noted")
      assert.lengthOf(
        beats.filter(({ at }) => at > (pause[0] ?? 0) && at < (pause[1] ?? 0)),
        0,
        "all share one clock"
      )
    })
  )

  it.live("says what a process printed that ends before it is ready", () =>
    Effect.gen(function* () {
      const fleet = yield* make
      const one = yield* fleet.start("one", ["fail"])
      const error = yield* Effect.flip(one.ready)
      assert.strictEqual(error._tag, "FleetFailed")
      assert.match(error.message, /one\.1 ended before it was ready[^]*printed: something is missing/)
      assert.deepStrictEqual(yield* one.exited, { code: 3, signal: null })
    })
  )

  it.live("says what did not happen", () =>
    Effect.gen(function* () {
      const fleet = yield* make
      const error = yield* Effect.flip(fleet.until("pigs fly", () => false, 30))
      assert.match(error.message, /in 30 ms not so: pigs fly/)
    })
  )

  it.live("leaves no process behind, also when its user fails", () =>
    Effect.gen(function* () {
      const scope = yield* Scope.make()
      const started: Array<Fleet.FleetProcess> = []
      const failing = Effect.gen(function* () {
        const fleet = yield* make
        for (const name of ["one", "two"]) started.push(yield* fleet.start(name, ["deaf"]))
        yield* Effect.forEach(started, ({ ready }) => ready)
        yield* started[0]?.pause ?? Effect.void
        return yield* Effect.die("a mistake")
      })
      const exit = yield* Effect.exit(Scope.provide(failing, scope))
      assert.isTrue(Exit.isFailure(exit))
      yield* Scope.close(scope, exit)
      assert.deepStrictEqual(
        started.map(({ pid }) => isThere(pid)),
        [false, false]
      )
    })
  )

  it.live("wraps a process in another command, and kills both", () =>
    Effect.gen(function* () {
      const fleet = yield* make
      const one = yield* fleet.start("one", [], { wrapper: ["/bin/sh", "-c", '"$@"; exit 9', "sh"] })
      yield* one.ready
      yield* one.kill
      yield* fleet.refresh
      const before = notes(fleet, one.life, "beat").length
      const two = yield* fleet.start("two")
      yield* fleet.until("another beats", () => notes(fleet, two.life, "beat").length > 20)
      assert.lengthOf(notes(fleet, one.life, "beat"), before)
    })
  )
})

describe("A sink", () => {
  it.live("refuses a token that is lower than one that it has seen, unless it is told not to check", () =>
    Effect.gen(function* () {
      for (const checks of [true, false]) {
        const fleet = yield* make
        const sink = yield* FleetSink.make({ journal: fleet.journal, checks })
        const one = yield* fleet.start("one", ["work", String(sink.port)])
        yield* one.ready
        yield* fleet.refresh
        assert.deepStrictEqual(
          notes(fleet, one.life, "offered").map(({ value }) => value),
          [1, 5, 5, 2, 6].map((token) => ({ token, isAccepted: token !== 2 || !checks }))
        )
        assert.deepStrictEqual(sink.counts(), { taken: 5, accepted: checks ? 4 : 5 })
        assert.deepStrictEqual(fleet.judge.account().staleEffects, [
          { partition: "a b", sequence: 2, token: 2, highest: 5, isAccepted: !checks }
        ])
      }
    })
  )
})
