import { assert, describe, it } from "@effect/vitest"
import { Effect, Random, Stream } from "effect"
import * as Decision from "../../src/Decision.ts"
import * as Key from "../../src/model/Key.ts"
import { CoordinationStore } from "../../src/runtime/CoordinationStore.ts"
import * as DecisionSample from "../protocol/DecisionSample.ts"
import * as Group from "./Group.ts"
import { idOf } from "./Samples.ts"

const partitions = Group.partitions(60)
const three = ["a", "b", "c"]
const garbage = new TextEncoder().encode("no record at all")

const logbook = (group: Group.Group) => Effect.provideService(Decision.read, CoordinationStore, group.store)

const numbers = ({ decisions }: Decision.Logbook) => decisions.map(({ decision }) => decision.number)

const rebalance = (group: Group.Group) =>
  Effect.andThen(Effect.forkChild(group.leader().parti.rebalance), Group.pass("2 seconds"))

const writesOf = (group: Group.Group) =>
  group.written.filter(({ key }) => key.startsWith("decision.") || key.startsWith("evidence."))

describe("The ring of decisions", () => {
  it.effect("keeps the last 64, and counts on from the newest", () =>
    Effect.gen(function* () {
      const group = yield* Group.make({ partitions })
      const sample = DecisionSample.joining(3, DecisionSample.numbered(60))
      const done = { ...DecisionSample.steps, stableAt: 1020 }
      for (let number = 1; number <= 64; number++) {
        const { decision } = DecisionSample.logged(sample, { number, version: number, steps: done })
        yield* group.store.put("plan", Key.decision(number % 64).decision, Decision.encode(decision))
      }
      yield* group.joinAll(...three)
      yield* Group.pass("1 minute")
      assert.deepStrictEqual(numbers(yield* logbook(group)).slice(0, 2), [65, 64])
      yield* rebalance(group)
      const read = yield* logbook(group)
      assert.deepStrictEqual(
        numbers(read),
        Array.from({ length: 64 }, (_, i) => 66 - i)
      )
      assert.strictEqual((yield* group.leader().parti.explain("p0")).oldest, 3)
    })
  )

  it.effect("is continued by the next leader", () =>
    Effect.gen(function* () {
      const group = yield* Group.settled(three, { partitions })
      yield* rebalance(group)
      yield* group.leader().crash
      yield* Group.pass("1 minute")
      const read = yield* logbook(group)
      assert.deepStrictEqual(numbers(read), [3, 2, 1])
      assert.deepStrictEqual(
        read.decisions.map(({ decision }) => decision.trigger),
        ["emergency", "requested", "cold_start"]
      )
      for (const logged of read.decisions) assert.strictEqual(Decision.replay(logged)._tag, "Agrees")
    })
  )

  it.effect("has no decision without an end when its leader is lost in the middle", () =>
    Effect.gen(function* () {
      const group = yield* Group.settled(three, { partitions, endsAfterMs: 3000 })
      yield* group.join("d")
      yield* Group.pass("10500 millis")
      const before = (yield* logbook(group)).decisions[0] ?? assert.fail("a decision is logged")
      assert.isNull(before.decision.steps.stableAt, "handlers are still ending")
      yield* Effect.forkChild(group.leader().crash)
      yield* Group.pass("1 minute")
      const { decisions } = yield* logbook(group)
      const { steps } = decisions.find(({ decision }) => decision.number === 2)?.decision ?? assert.fail("it is kept")
      assert.isTrue(steps.stableAt !== null || steps.supersededBy !== null, JSON.stringify(steps))
    })
  )

  it.effect("costs nothing while nothing is decided, and is written by the leader alone", () =>
    Effect.gen(function* () {
      const group = yield* Group.settled(three, { partitions })
      const before = writesOf(group).length
      yield* Group.pass("5 minutes")
      assert.lengthOf(writesOf(group), before)
      assert.isAtMost(before, 3, "the evidence, the decision, and the decision when it was done")
      assert.isTrue(writesOf(group).every(({ process }) => process === group.leader().process))
    })
  )
})

describe("Who follows the log", () => {
  it.effect("is shown the decisions that are there, then each new one, and each as it goes on", () =>
    Effect.gen(function* () {
      const group = yield* Group.settled(three, { partitions })
      const shown: Array<ReadonlyArray<readonly [number: number, isDone: boolean]>> = []
      yield* Decision.follow.pipe(
        Stream.runForEach((decisions) =>
          Effect.sync(() => shown.push(decisions.map(({ number, steps }) => [number, steps.stableAt !== null])))
        ),
        Effect.provideService(CoordinationStore, group.store),
        Effect.forkScoped({ startImmediately: true })
      )
      yield* Group.pass("1 second")
      assert.deepStrictEqual(shown, [[[1, true]]])
      yield* group.store.put("plan", Key.decision(63).decision, garbage)
      yield* group.join("d")
      yield* Group.pass("1 minute")
      assert.deepStrictEqual(shown.at(-1), [
        [2, true],
        [1, true]
      ])
      assert.isTrue(shown.some(([newest]) => newest?.[0] === 2 && !newest[1]))
    })
  )
})

describe("A decision that cannot be read", () => {
  it.effect("is reported with its key, and skipped", () =>
    Effect.gen(function* () {
      const group = yield* Group.settled(three, { partitions })
      yield* rebalance(group)
      yield* group.store.put("plan", "decision.1", garbage)
      const read = yield* logbook(group)
      assert.deepStrictEqual(read.unreadable, [{ key: "decision.1", reason: "it is not JSON" }])
      assert.deepStrictEqual(numbers(read), [2])
      yield* group.leader().crash
      yield* Group.pass("1 minute")
      assert.deepStrictEqual(numbers(yield* logbook(group)), [3, 2], "leaders count on from those that can be read")
    })
  )

  const broken = [
    ["is gone", (group: Group.Group) => group.store.remove("plan", "evidence.1"), /is not in the store/],
    ["is garbage", (group: Group.Group) => group.store.put("plan", "evidence.1", garbage), /cannot be read/]
  ] as const

  it.effect.each(broken)("because its evidence %s leaves a gap, and says so", ([, spoil, why]) =>
    Effect.gen(function* () {
      const group = yield* Group.settled(three, { partitions })
      yield* spoil(group)
      const { gaps, moves } = yield* group.leader().parti.explain("p0")
      assert.deepStrictEqual(moves, [])
      assert.deepInclude(gaps[0], { number: 1 })
      assert.match(gaps[0]?.why ?? "", why)
    })
  )

  it.effect("because its evidence is that of another leaves a gap, too", () =>
    Effect.gen(function* () {
      const group = yield* Group.settled(three, { partitions })
      const sample = DecisionSample.logged(DecisionSample.joining(3, []), { number: 1 })
      yield* group.store.put("plan", "decision.1", Decision.encode(sample.decision))
      const { gaps } = yield* group.leader().parti.explain("p0")
      assert.match(gaps[0]?.why ?? "", /is not in the store/)
    })
  )
})

describe("An explanation", () => {
  it.effect("tells who has a partition, since when, under which token, and how it came there", () =>
    Effect.gen(function* () {
      const group = yield* Group.settled(three, { partitions })
      const victim = group.followers()[0] ?? assert.fail()
      const id = victim.worker.board.workerId.current()
      const lost = group.running()[victim.process]?.[0] ?? assert.fail("it has some")
      yield* victim.crash
      yield* Group.pass("1 minute")
      const told = yield* group.leader().parti.explain(lost)
      const running = group.intervals.findLast(({ partition }) => partition === lost) ?? assert.fail("somebody runs it")
      const owner = group.member(running.process).worker.board.workerId.current()
      assert.deepInclude(told.holder, {
        owner,
        next: owner,
        isHandingOver: false,
        token: running.token,
        isRenewed: false
      })
      assert.deepStrictEqual(
        told.moves.map(({ from, reason, to }) => ({ from, reason, to })),
        [
          { from: id, reason: "orphaned", to: owner },
          { from: null, reason: "added", to: id }
        ]
      )
      const lines = Decision.describe(told)
      assert.match(
        lines[0] ?? "",
        new RegExp(`^${lost} is run by ${owner} since 2023-11-1.*, under token ${running.token}.$`)
      )
      assert.match(
        lines.join("\n"),
        new RegExp(
          `#2 .* ${id} → ${owner}: its worker was gone\n.*emergency: ${id} crashed; sticky; 20 moved, 20 at least`
        )
      )
    })
  )

  it.effect("tells that a worker came back under its id, which no decision tells of", () =>
    Effect.gen(function* () {
      const config = (workerId: string) => ({ config: { workerId } })
      const group = yield* Group.make({ partitions })
      for (const name of three) yield* group.join(name, config(`id-${name}`))
      yield* Group.pass("1 minute")
      const [mine = assert.fail("b has some")] = group.running()["b"] ?? []
      assert.isFalse((yield* group.member("a").parti.explain(mine)).holder?.isRenewed)
      yield* Effect.forkChild(group.member("b").parti.stop({ intent: "restart" }))
      yield* Group.pass("1 second")
      group.members.splice(group.members.indexOf(group.member("b")), 1)
      yield* group.join("b", config("id-b"))
      yield* Group.pass("1 minute")
      const told = yield* group.member("a").parti.explain(mine)
      assert.deepInclude(told.holder, { owner: idOf("id-b"), isRenewed: true })
      assert.lengthOf(told.moves, 1, "it has not moved since the cold start")
      assert.include(Decision.describe(told).join("\n"), "id-b came back under its id")
    })
  )

  it.effect("tells of a partition on its way, and of one that is not there", () =>
    Effect.gen(function* () {
      const group = yield* Group.settled(three, { partitions, endsAfterMs: 3000 })
      const joiner = yield* group.join("d")
      yield* Group.pass("10500 millis")
      const { decisions } = yield* logbook(group)
      const [evidence = assert.fail("it is logged")] = decisions.flatMap((one) => one.evidence ?? [])
      const place = evidence.reasons.findIndex((reason) => reason >= 0)
      const moving = evidence.partitions?.[place]?.keys[0] ?? assert.fail("something moves")
      const told = yield* group.leader().parti.explain(moving)
      assert.deepInclude(told.holder, { next: joiner.worker.board.workerId.current(), isHandingOver: true })
      assert.include(Decision.describe(told).join("\n"), "It is on its way to")
      const none = yield* group.leader().parti.explain("nowhere")
      assert.deepInclude(none, { holder: null, moves: [], gaps: [] })
      assert.strictEqual(Decision.describe(none)[0], "nowhere is not in the plan.")
    })
  )
})

describe("A group in turmoil", () => {
  it.effect.each([1, 2, 3, 4])("logs nothing that does not replay byte for byte (seed %i)", (seed) =>
    Effect.gen(function* () {
      const group = yield* Group.settled(three, { partitions: Group.partitions(20) })
      const random = yield* Random.withSeed(Random.Random, `turmoil ${seed}`)
      let joined = 0
      for (let act = 0; act < 10; act++) {
        const living = group.members.filter(({ worker }) => worker.board.workerId.current() !== null)
        const one = living[Math.floor(random.nextDoubleUnsafe() * living.length)] ?? assert.fail("somebody lives")
        const dice = living.length < 3 ? 0 : random.nextDoubleUnsafe()
        if (dice < 0.4) yield* group.join(`n${(joined += 1)}`, { config: { capacity: 1 + (joined % 3) } })
        else if (dice < 0.6) yield* one.crash
        else if (dice < 0.8) yield* Effect.forkChild(one.parti.stop())
        else yield* Effect.forkChild(one.parti.rebalance)
        yield* Group.pass(Math.floor(random.nextDoubleUnsafe() * 20_000))
      }
      yield* Group.pass("1 minute")
      const read = yield* logbook(group)
      assert.isAbove(read.decisions.length, 3)
      assert.deepStrictEqual(read.unreadable, [])
      for (const logged of read.decisions) {
        assert.deepInclude(Decision.replay(logged), { _tag: "Agrees" }, `seed ${seed}, #${logged.decision.number}`)
      }
      const versions = read.decisions.map(({ decision }) => decision.version)
      assert.deepStrictEqual(
        versions,
        versions.toSorted((a, b) => b - a)
      )
      assert.deepStrictEqual(
        numbers(read),
        Array.from(versions, (_, i) => versions.length - i),
        `seed ${seed}`
      )
      for (const { decision } of read.decisions) {
        const { stableAt, supersededBy } = decision.steps
        assert.isTrue(stableAt !== null || supersededBy !== null, `seed ${seed}, #${decision.number} has an end`)
      }
    })
  )
})
