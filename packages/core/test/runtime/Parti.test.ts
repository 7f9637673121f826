import { assert, describe, it } from "@effect/vitest"
import { Deferred, Effect, Exit, Fiber, Scope, Stream } from "effect"
import * as PartiConfig from "../../src/model/PartiConfig.ts"
import type { Command } from "../../src/protocol/Command.ts"
import * as Node from "../../src/protocol/Node.ts"
import { CoordinationStore, StoreMisconfigured } from "../../src/runtime/CoordinationStore.ts"
import type { Problem } from "../../src/runtime/Errors.ts"
import type * as EventLoop from "../../src/runtime/EventLoop.ts"
import * as MemoryStore from "../../src/runtime/MemoryStore.ts"
import * as Parti from "../../src/runtime/Parti.ts"
import * as PartitionSource from "../../src/runtime/PartitionSource.ts"
import * as Worker from "../../src/runtime/Worker.ts"
import { sticky } from "../../src/strategy/Sticky.ts"
import * as Group from "./Group.ts"

const eager = { coldStart: "eager", electionJitterMs: 0 } as const
const options: Parti.PartiOptions = { group: "test", partitions: Group.partitions(3), config: eager }

/** A store, and how many watches of it are open. */
const withStore = <A, E, R>(use: (store: MemoryStore.MemoryStore) => Effect.Effect<A, E, R>) =>
  Effect.flatMap(MemoryStore.make(), (store) => Effect.provideService(use(store), CoordinationStore, store))

/** Makes a worker in a scope of its own. */
const started = (special: Partial<Parti.PartiOptions> = {}) =>
  Effect.gen(function* () {
    const scope = yield* Scope.make()
    const parti = yield* Scope.provide(Parti.make({ ...options, ...special }), scope)
    return { parti, scope, close: Scope.close(scope, Exit.void) }
  })

/** How many writes there are while nobody does anything: none, once everything has stopped. */
const assertSilent = (store: MemoryStore.MemoryStore) =>
  Effect.gen(function* () {
    assert.strictEqual(yield* store.watchCount, 0, "no watch is left")
    const before = [yield* store.revision("live"), yield* store.revision("plan")]
    yield* Group.pass("10 minutes")
    assert.deepStrictEqual([yield* store.revision("live"), yield* store.revision("plan")], before, "nobody writes")
  })

describe("Making a worker", () => {
  it.effect("waits until it takes part in its group", () =>
    withStore(() =>
      Effect.gen(function* () {
        const { close, parti } = yield* started()
        assert.strictEqual(yield* parti.state, "Stable")
        assert.isNotNull(yield* parti.workerId)
        yield* close
        assert.strictEqual(yield* parti.state, "Shutdown")
      })
    )
  )

  it.effect("as a layer makes it a service, and stops it with the layer", () =>
    withStore((store) =>
      Effect.gen(function* () {
        const state = yield* Effect.flatMap(Parti.Parti, (parti) => parti.state).pipe(
          Effect.provide(Parti.layer(options)),
          Effect.timeout("1 minute"),
          Effect.forkChild
        )
        yield* Group.pass("30 seconds")
        assert.strictEqual(yield* Fiber.join(state), "Stable")
        yield* assertSilent(store)
      })
    )
  )

  it.effect("refuses a configuration that breaks a rule, and names it", () =>
    withStore((store) =>
      Effect.gen(function* () {
        const error = yield* Effect.flip(
          Effect.scoped(Parti.make({ ...options, config: { leaseMs: 1000, heartbeatIntervalMs: 900 } }))
        )
        assert.strictEqual(error._tag, "ConfigInvalid")
        assert.include(error.message, "leaseMs")
        yield* assertSilent(store)
      })
    )
  )

  it.effect("refuses partitions that break a rule", () =>
    withStore(() =>
      Effect.gen(function* () {
        const broken = { ...options, partitions: [{ keys: ["a"], weight: -1 }] }
        const error = yield* Effect.flip(Effect.scoped(Parti.make(broken)))
        assert.strictEqual(error._tag, "PartitionSourceFailed")
        assert.include(error.message, "weight")
      })
    )
  )

  it.effect("fails in time when the store does not answer, and leaves nothing behind", () =>
    Effect.gen(function* () {
      const store = yield* MemoryStore.make()
      const deaf = { ...store, write: () => Effect.never, watch: () => Stream.never }
      const starting = yield* Effect.scoped(Parti.make(options)).pipe(
        Effect.flip,
        Effect.provideService(CoordinationStore, deaf),
        Effect.forkChild
      )
      yield* Group.pass("59 seconds")
      assert.isUndefined(starting.pollUnsafe())
      yield* Group.pass("2 seconds")
      assert.isDefined(starting.pollUnsafe(), "it is over in time")
      const error = yield* Fiber.join(starting)
      assert.deepInclude(error, { _tag: "StartTimedOut", waitingFor: "Store" })
      assert.include(error.message, "address")
      yield* assertSilent(store)
    })
  )

  it.effect("fails at once where the store has other settings", () =>
    Effect.gen(function* () {
      const store = yield* MemoryStore.make()
      const wrong = new StoreMisconfigured({ bucket: "test-plan", setting: "history", is: "5", shouldBe: "1" })
      const starting = yield* Effect.scoped(Parti.make(options)).pipe(
        Effect.flip,
        Effect.provideService(CoordinationStore, { ...store, watch: () => Stream.fail(wrong) }),
        Effect.forkChild
      )
      yield* Group.pass(100)
      assert.strictEqual(yield* Fiber.join(starting), wrong)
      yield* assertSilent(store)
    })
  )

  // The store of a worker that starts is asked this often before it is there; each is an await to be interrupted at.
  it.effect.each([0, 1, 2, 3, 4, 5, 6, 7, 8])("interrupted at request %i leaves nothing behind", (last) =>
    Effect.gen(function* () {
      const store = yield* MemoryStore.make()
      const reached = yield* Deferred.make<void>()
      let requests = 0
      const guarded = <A, E>(request: Effect.Effect<A, E>) =>
        Effect.suspend(() => {
          requests += 1
          return requests <= last ? request : Effect.andThen(Deferred.succeed(reached, undefined), Effect.never)
        })
      const stalling: (typeof CoordinationStore)["Service"] = {
        ...store,
        write: (...write) => guarded(store.write(...write)),
        watch: (bucket, patterns) => Stream.unwrap(guarded(Effect.succeed(store.watch(bucket, patterns))))
      }
      const scope = yield* Scope.make()
      const starting = yield* Scope.provide(Parti.make(options), scope).pipe(
        Effect.provideService(CoordinationStore, stalling),
        Effect.forkChild
      )
      yield* Group.pass(200)
      // The request that stalls is a time-out for the worker; its start is interrupted while it waits.
      const isStarted = starting.pollUnsafe() !== undefined
      const interrupting = yield* Effect.forkChild(Fiber.interrupt(starting))
      yield* Group.pass("40 seconds")
      assert.isDefined(interrupting.pollUnsafe(), "the interruption is over in time")
      if (isStarted) yield* Effect.forkChild(Scope.close(scope, Exit.void))
      yield* Group.pass("40 seconds")
      yield* assertSilent(store)
    })
  )
})

describe("Stopping a worker", () => {
  it.effect("several times at once stops it once, and all wait for the end", () =>
    withStore((store) =>
      Effect.gen(function* () {
        const { close, parti } = yield* started()
        const gate = yield* Deferred.make<void>()
        yield* Effect.scoped(
          Effect.gen(function* () {
            yield* parti.forEachPartition(() => Effect.never.pipe(Effect.onInterrupt(() => Deferred.await(gate))))
            yield* Group.pass("15 seconds")
            const stops = yield* Effect.forEach([1, 2, 3], () => Effect.forkChild(parti.stop()))
            yield* Group.pass(100)
            assert.deepStrictEqual(
              stops.map((stop) => stop.pollUnsafe()),
              [undefined, undefined, undefined]
            )
            yield* Deferred.succeed(gate, undefined)
            yield* Group.pass(100)
            assert.isTrue(stops.every((stop) => stop.pollUnsafe() !== undefined))
          })
        )
        yield* parti.stop()
        yield* close
        yield* assertSilent(store)
      })
    )
  )

  it.effect("ends every stream with the last value", () =>
    withStore(() =>
      Effect.gen(function* () {
        const { close, parti } = yield* started()
        const all = yield* Effect.all(
          [
            Stream.runCollect(parti.stateChanges),
            Stream.runCollect(parti.leaderChanges),
            Stream.runCollect(parti.connectionChanges),
            Stream.runCollect(parti.assignmentChanges),
            Stream.runCollect(parti.groupChanges)
          ],
          { concurrency: "unbounded" }
        ).pipe(Effect.forkChild({ startImmediately: true }))
        yield* Group.pass("15 seconds")
        yield* close
        const [states, leads, connections, changes, groups] = yield* Fiber.join(all)
        assert.strictEqual(states.at(-1), "Shutdown")
        assert.strictEqual(leads.at(-1), false)
        assert.deepStrictEqual(connections, [{ _tag: "Connected" }])
        assert.deepStrictEqual(changes.at(-1)?.assignment, [])
        const added = changes.flatMap((change) => change.added.map(({ id }) => id))
        assert.sameMembers(
          added,
          changes.flatMap((change) => change.removed.map(({ id }) => id))
        )
        assert.sameMembers(added, ["p0", "p1", "p2"])
        assert.strictEqual(groups.at(-1)?.partitions, 3)
        assert.strictEqual((yield* Stream.runCollect(parti.stateChanges)).length, 1, "also for one who comes late")
      })
    )
  )

  it.effect("is bounded also where a handler never ends", () =>
    withStore((store) =>
      Effect.gen(function* () {
        const problems: Array<Problem> = []
        const { close, parti } = yield* started({
          config: { ...eager, shutdownTimeoutMs: 20_000 },
          hooks: { onError: (problem) => Effect.sync(() => void problems.push(problem)) }
        })
        const gate = yield* Deferred.make<void>()
        const own = yield* Scope.make()
        yield* Scope.provide(
          parti.forEachPartition(() => Effect.uninterruptible(Deferred.await(gate))),
          own
        )
        yield* Group.pass("15 seconds")
        const closing = yield* Effect.forkChild(close)
        yield* Group.pass("19 seconds")
        assert.isUndefined(closing.pollUnsafe())
        assert.lengthOf(problems, 3, "each is reported once")
        yield* Group.pass("2 seconds")
        assert.isDefined(closing.pollUnsafe())
        yield* assertSilent(store)
        yield* Deferred.succeed(gate, undefined)
        yield* Scope.close(own, Exit.void)
      })
    )
  )

  it.effect("ends the process where that was asked for and a handler never ends", () =>
    withStore(() =>
      Effect.gen(function* () {
        let exits = 0
        const gate = yield* Deferred.make<void>()
        const { close, parti } = yield* started({ onStuckHandler: "exit" }).pipe(
          Effect.provideService(
            Worker.ProcessExit,
            Effect.sync(() => void (exits += 1))
          )
        )
        yield* parti.forEachPartition(() => Effect.uninterruptible(Deferred.await(gate)))
        yield* Group.pass("15 seconds")
        const closing = yield* Effect.forkChild(close)
        yield* Group.pass("5 seconds")
        assert.strictEqual(exits, 3)
        yield* Deferred.succeed(gate, undefined)
        yield* Fiber.join(closing)
      })
    )
  )

  it.effect("is waited for by nobody's orders: they are refused", () =>
    withStore(() =>
      Effect.gen(function* () {
        const { close, parti } = yield* started()
        yield* close
        for (const order of [parti.refreshPartitions, parti.rebalance, parti.pause, parti.resume]) {
          assert.strictEqual((yield* Effect.flip(order))._tag, "WorkerStopped")
        }
      })
    )
  )

  it.effect("that has crashed returns at once", () =>
    withStore((store) =>
      Effect.gen(function* () {
        const worker = yield* Parti.begin(options)
        yield* Group.pass("15 seconds")
        yield* worker.crash
        const stopping = yield* Effect.forkChild(worker.stop("leave"))
        yield* Group.pass(100)
        assert.isDefined(stopping.pollUnsafe(), "nothing is waited for that cannot come")
        yield* assertSilent(store)
      })
    )
  )

  it.effect("that has crashed before its first turn leaves nothing either", () =>
    withStore((store) =>
      Effect.gen(function* () {
        const worker = yield* Parti.begin(options)
        yield* worker.crash
        yield* Group.pass(0)
        yield* assertSilent(store)
      })
    )
  )

  it.effect("before it has started ends the start", () =>
    withStore((store) =>
      Effect.gen(function* () {
        const worker = yield* Parti.begin(options)
        yield* Effect.forkChild(worker.stop("leave"))
        yield* Group.pass("1 second")
        assert.strictEqual((yield* Effect.flip(worker.started))._tag, "WorkerStopped")
        yield* assertSilent(store)
      })
    )
  )
})

describe("A worker whose program is wrong", () => {
  /** A worker whose machine is wrong in this, and what it tells. */
  const begun = (wrong: Partial<EventLoop.Machine<Node.State>>) =>
    Effect.gen(function* () {
      const problems: Array<Problem> = []
      const states: Array<string> = []
      const config = yield* Effect.fromResult(PartiConfig.parse({ group: "test", ...eager }))
      const worker = yield* Worker.begin(
        { ...Node, breach: () => null, leading: () => null, ...wrong },
        {
          config: { ...config, boot: "boot", seed: 1, strategy: sticky() },
          source: yield* PartitionSource.fixed(Group.partitions(3)),
          onStuckHandler: "report",
          hooks: {
            onError: (problem) => Effect.sync(() => void problems.push(problem)),
            onStateChanged: ({ to }) => Effect.sync(() => void states.push(to))
          }
        }
      )
      yield* Group.pass("15 seconds")
      return { problems, states, worker }
    })

  it.effect("ends itself: handlers are interrupted, everybody is told, and its lease runs out", () =>
    withStore((store) =>
      Effect.gen(function* () {
        let isBroken = false
        const breach = () => (isBroken ? ({ rule: "S1", detail: "this is a test" } as const) : null)
        const { problems, states, worker } = yield* begun({ breach })
        let interrupted = 0
        yield* worker.register(() => Effect.never.pipe(Effect.onInterrupt(() => Effect.sync(() => void interrupted++))))
        yield* Group.pass(0)
        isBroken = true
        yield* Group.pass("3 seconds")
        assert.strictEqual(interrupted, 3)
        assert.deepStrictEqual(
          problems.map((problem) => problem._tag),
          ["WorkerDied"]
        )
        assert.include(problems[0]?.message, "S1 does not hold: this is a test")
        assert.strictEqual(states.at(-1), "Shutdown")
        yield* worker.stop("leave")
        yield* assertSilent(store)
      })
    )
  )

  it.effect("is found out when it stops again what it knows to have ended: of that nothing is remembered", () =>
    withStore((store) =>
      Effect.gen(function* () {
        const known: Array<Command> = []
        const { problems, worker } = yield* begun({
          transition: (config, state, event) => {
            const step = Node.transition(config, state, event)
            const late = known.splice(0)
            if (event._tag === "PartitionEnded") {
              const { partition, token } = event
              known.push({ _tag: "StopPartition", partition, token, reason: "LeaseLost" })
            }
            return { ...step, commands: [...step.commands, ...late] }
          }
        })
        yield* worker.stop("leave")
        assert.match(problems[0]?.message ?? "", /partition p\d is stopped under the token \d+ that it runs under/)
        yield* assertSilent(store)
      })
    )
  )
})

describe("Hooks", () => {
  it.effect("are called in order, each once, and one that hangs or throws harms nobody", () =>
    withStore(() =>
      Effect.gen(function* () {
        const calls: Array<string> = []
        const problems: Array<Problem> = []
        const { close } = yield* started({
          hooks: {
            onStateChanged: ({ from, to }) => {
              calls.push(`${from} → ${to}`)
              if (to === "Election") return Effect.uninterruptible(Effect.never)
              return to === "Stable" ? assert.fail("a hook that throws") : Effect.void
            },
            onAssignmentChanged: ({ added, removed }) =>
              Effect.sync(() => void calls.push(`+${added.length} -${removed.length}`)),
            onError: (problem) =>
              Effect.andThen(
                Effect.sync(() => void problems.push(problem)),
                Effect.fail("no")
              )
          }
        })
        yield* Group.pass("1 minute")
        const closing = yield* Effect.forkChild(close)
        yield* Group.pass("11 seconds")
        assert.isDefined(closing.pollUnsafe())
        assert.deepStrictEqual(calls.slice(0, 4), [
          "Init → ClaimingId",
          "ClaimingId → Election",
          "Election → WaitingAssignment",
          "WaitingAssignment → Stable"
        ])
        assert.include(calls, "+3 -0")
        assert.deepStrictEqual(calls.slice(-2), ["Stable → Shutdown", "+0 -3"])
        const failed = problems.map((problem) => (problem._tag === "HookFailed" ? problem.message : problem._tag))
        assert.include(failed[0], "did not end within 10000 ms")
        assert.include(failed[1], "a hook that throws")
        assert.isTrue(failed.every((message) => message.startsWith("hook onStateChanged failed")))
      })
    )
  )
})

describe("Two groups on one store each", () => {
  it.effect("know nothing of each other", () =>
    Effect.gen(function* () {
      const open = yield* MemoryStore.makeGroups()
      const make = (group: string) =>
        Effect.flatMap(open(group), (store) =>
          Effect.provideService(Parti.make({ ...options, group }), CoordinationStore, store)
        )
      const both = yield* Effect.all([make("one"), make("other")], { concurrency: 2 }).pipe(Effect.forkChild)
      yield* Group.pass("30 seconds")
      for (const parti of yield* Fiber.join(both)) assert.lengthOf(yield* parti.assignment, 3)
    })
  )
})
