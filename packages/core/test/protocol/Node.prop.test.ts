import fc from "fast-check"
import { assert, describe, it } from "vitest"
import type { ControlRecord, LeaderRecord, WorkerRecord } from "../../src/model/Record.ts"
import type { Write } from "../../src/protocol/Command.ts"
import type { Event, Fact } from "../../src/protocol/Event.ts"
import * as Node from "../../src/protocol/Node.ts"
import type { NodeView } from "../../src/protocol/View.ts"
import { frozen } from "./rig/Frozen.ts"
import { anyPlan } from "../model/PlanSample.ts"
import * as Play from "./rig/Play.ts"
import * as Sample from "./rig/Sample.ts"
import type { Process } from "./rig/World.ts"

// Repeat a failure with FC_SEED set to what the title says; the counterexample's path is in the report.
const seed = Number(process.env["FC_SEED"] ?? 20_250_311)

interface Moment {
  readonly process: Process
  readonly state: Node.State
  readonly at: number
  readonly timerAt: number | null
  /** All that this process was told, in order. */
  readonly told: ReadonlyArray<Event>
}

/** Plays, and stops to look at each process after each act. */
const moments = (acts: ReadonlyArray<Play.Act>, usesPool: boolean): ReadonlyArray<Moment> => {
  const told = new Map<Process, Array<Event>>()
  const stage = new Play.Stage(usesPool, {
    stepped: (one, event) => void told.set(one, [...(told.get(one) ?? []), event].slice(-40))
  })
  const found: Array<Moment> = []
  for (const act of acts) {
    stage.perform(act)
    stage.world.run(0)
    for (const one of stage.world.processes) {
      if (one.status !== "Running") continue
      const { state, timerAt } = one
      found.push({ process: one, state, at: stage.world.now, timerAt, told: [...(told.get(one) ?? [])] })
    }
  }
  return found
}

/** The state but for what is only true of the last event. */
const lasting = (state: Node.State): Node.State => ({ ...state, entered: [] })

/** What people see, but for what is only true of the last event. */
const seen = (state: Node.State, at: number): NodeView => ({ ...Node.view(state, at), entered: [] })

const step = (moment: Moment, fact: Fact, at: number) => {
  const event: Event = frozen({ ...fact, at, wall: at })
  return Node.transition(moment.process.config, moment.state, event)
}

const isObservation = (event: Event): boolean =>
  event._tag === "WorkerObserved" || event._tag === "LeaderObserved" || event._tag === "PlanObserved"

const isAnswer = (event: Event): boolean =>
  event._tag === "WriteAccepted" || event._tag === "WriteRejected" || event._tag === "WriteUnknown"

const check = (numRuns: number, law: (moment: Moment, pick: number) => void) =>
  fc.assert(
    fc.property(Play.play, fc.boolean(), fc.nat(), (acts, usesPool, pick) => {
      for (const moment of moments(acts, usesPool)) law(moment, pick)
    }),
    { seed, numRuns }
  )

describe(`A node, whatever has befallen it (FC_SEED=${seed})`, () => {
  it("has a state that is JSON", () => {
    check(12, ({ state }) => assert.deepStrictEqual(JSON.parse(JSON.stringify(state)), state))
  })

  it("is not changed by a timer that fires before its time", () => {
    check(12, (moment, pick) => {
      const { at, state, timerAt } = moment
      const early = timerAt === null ? at : at + (pick % Math.max(1, Math.ceil(timerAt - at)))
      const after = step(moment, { _tag: "TimerFired" }, early)
      assert.deepStrictEqual(lasting(after.state), lasting(state))
      assert.deepStrictEqual(
        after.commands.filter((command) => command._tag !== "SetTimer" || command.at !== timerAt),
        []
      )
    })
  })

  it("is not changed by being shown again what it has seen", () => {
    check(12, (moment, pick) => {
      const { at, state, told } = moment
      const shown = told.filter(isObservation)
      const again = shown[pick % Math.max(1, shown.length)]
      if (again === undefined) return
      const after = step(moment, again, at)
      assert.deepStrictEqual(lasting(after.state), lasting(state))
      assert.deepStrictEqual(after.commands, [])
    })
  })

  it("is not changed by an answer that it has had", () => {
    check(12, (moment, pick) => {
      const { at, state, told } = moment
      const answers = told.filter(isAnswer)
      const again = answers[pick % Math.max(1, answers.length)]
      if (again === undefined) return
      const after = step(moment, again, at)
      assert.deepStrictEqual(seen(after.state, at), seen(state, at))
      assert.deepStrictEqual(
        after.commands.filter((command) => command._tag !== "SetTimer"),
        []
      )
    })
  })

  it("answers the same event in the same state with the same step", () => {
    check(8, (moment) => {
      const last = moment.told.at(-1)
      if (last === undefined) return
      const copy: Node.State = JSON.parse(JSON.stringify(moment.state))
      const event: Event = { ...last, at: moment.at, wall: moment.at }
      assert.deepStrictEqual(
        Node.transition(moment.process.config, copy, event),
        Node.transition(moment.process.config, moment.state, event)
      )
    })
  })
})

/** What a worker's record tells people, and nobody decides by. */
const remark = (event: Event, pick: number): Event =>
  event._tag !== "WorkerObserved" || event.record === null || pick % 3 === 0
    ? event
    : { ...event, record: { ...event.record, version: `release ${pick % 5}`, loopDelayMs: pick % 20_000 } }

/** The same without remarks. Versions of plans are numbers. */
const plain = (value: unknown): unknown =>
  JSON.parse(
    JSON.stringify(value, (key, inner: unknown) =>
      key === "loopDelayMs" || (key === "version" && typeof inner === "string") ? undefined : inner
    )
  )

describe(`Versions of software and delays of event loops (FC_SEED=${seed})`, () => {
  it("change no step of any node, and so no plan", () => {
    let remarks = 0
    let plans = 0
    fc.assert(
      fc.property(Play.play, fc.boolean(), fc.nat(), (acts, usesPool, pick) => {
        const told = new Map<Process, Array<Event>>()
        const stage = new Play.Stage(usesPool, {
          stepped: (one, event) => void told.set(one, [...(told.get(one) ?? []), event])
        })
        for (const act of acts) stage.perform(act)
        stage.world.run(0)
        for (const [{ config }, events] of told) {
          const talkative = { ...config, version: "release 1" }
          let bare = Node.initial(config)
          let remarked = Node.initial(talkative)
          events.forEach((event, at) => {
            const withRemark = remark(event, pick + at)
            if (withRemark !== event) remarks += 1
            const one = Node.transition(config, bare, event)
            const other = Node.transition(talkative, remarked, withRemark)
            if (one.commands.some(({ _tag }) => _tag === "WritePlan")) plans += 1
            assert.deepStrictEqual(plain(other.commands), plain(one.commands), `at ${event.at}, ${event._tag}`)
            bare = one.state
            remarked = other.state
          })
          assert.deepStrictEqual(plain(remarked), plain(bare))
        }
      }),
      { seed, numRuns: 20 }
    )
    assert.isAbove(remarks, 1000, "records were remarked upon")
    assert.isAbove(plans, 100, "plans were written")
  })
})

const revision = fc.nat(60)
const workerId = fc.constantFrom("w0", "w1", "w3", "stranger").map(Sample.id)
const session = fc.constantFrom("w0-1.1", "w1-2.1", "w2-3.1", "w0-4.1", "stranger.1", "")
const natural = fc.nat(100_000)

const workerRecord: fc.Arbitrary<WorkerRecord> = fc.record({
  state: fc.constantFrom("live", "released", "evicted", "fenced"),
  session,
  after: fc.option(session),
  attempt: fc.nat(30),
  leaseMs: natural,
  marginMs: natural,
  instance: fc.constantFrom("", "w0"),
  applied: fc.record({ epoch: natural, version: natural }),
  draining: fc.boolean(),
  capacity: fc.constantFrom(0, 1, 3),
  zone: fc.constantFrom(null, "z")
})

const leaderRecord: fc.Arbitrary<LeaderRecord> = fc.record({
  state: fc.constantFrom("live", "released"),
  workerId,
  session,
  epoch: natural,
  attempt: fc.nat(30),
  leaseMs: natural,
  marginMs: natural
})

const write: fc.Arbitrary<Write> = fc.record({
  serial: fc.nat(60),
  purpose: Play.purpose,
  issuedAt: natural,
  expected: revision
})

const control: fc.Arbitrary<ControlRecord> = fc.oneof(
  fc.record({ _tag: fc.constant("Pause"), paused: fc.boolean() }),
  fc.record({ _tag: fc.constant("Drain"), workerId, session, draining: fc.boolean() }),
  fc.record({ _tag: fc.constantFrom("Rebalance", "Refresh"), serial: fc.nat(5) })
)

const incarnation = fc.constantFrom("live~1", "plan~1", "other~9")
const serial = fc.nat(4)

/** Any fact at all, also one that no shell would tell. */
const fact: fc.Arbitrary<Fact> = fc.oneof(
  fc.constantFrom<Fact>({ _tag: "Started" }, { _tag: "TimerFired" }, { _tag: "PlanSynced" }),
  fc.record({ _tag: fc.constant("WorkerObserved"), serial, workerId, revision, record: fc.option(workerRecord) }),
  fc.record({ _tag: fc.constant("LeaderObserved"), serial, revision, record: fc.option(leaderRecord) }),
  fc.record({ _tag: fc.constant("LiveOpened"), serial, incarnation }),
  fc.record({ _tag: fc.constant("LiveSynced"), serial }),
  fc.record({ _tag: fc.constant("PlanOpened"), incarnation }),
  fc.record({ _tag: fc.constant("PlanObserved"), revision, plan: fc.option(anyPlan) }),
  fc.record({ _tag: fc.constant("ControlObserved"), control }),
  fc.record({ _tag: fc.constant("ControlRequested"), control }),
  fc.record({
    _tag: fc.constant("RecordUndecodable"),
    bucket: fc.constantFrom("live", "plan"),
    key: fc.constantFrom("plan", "leader", "worker.w0"),
    revision,
    reason: fc.constant("v 9")
  }),
  fc.record({ _tag: fc.constant("WriteAccepted"), write, revision }),
  fc.record({ _tag: fc.constant("WriteRejected"), write, reason: fc.constantFrom("Conflict", "NotApplied") }),
  fc.record({ _tag: fc.constant("WriteUnknown"), write }),
  fc.record({ _tag: fc.constant("PartitionsListed"), partitions: fc.nat(6).map(Sample.numbered) }),
  fc.record({ _tag: fc.constant("PartitionsFailed"), reason: fc.constant("away") }),
  fc.record({
    _tag: fc.constant("PartitionEnded"),
    partition: fc.constantFrom(...Sample.idsOf(Sample.list(1, 4))),
    token: natural
  }),
  fc.record({ _tag: fc.constant("StopRequested"), intent: fc.constantFrom("leave", "restart") })
)

describe(`A node that is told anything at all (FC_SEED=${seed})`, () => {
  it("has an answer, changes nothing that it was given, and stays plain data", () => {
    const facts = fc.array(fc.tuple(fact, fc.constantFrom(0, 1, 400, 9_000)), { maxLength: 30 })
    fc.assert(
      fc.property(Play.play, facts, fc.nat(), (acts, told, pick) => {
        const reached = moments(acts, false)
        const moment = reached[pick % Math.max(1, reached.length)]
        if (moment === undefined) return
        let { at, state } = moment
        for (const [one, ms] of told) {
          at += ms
          state = frozen(step({ ...moment, state }, one, at).state)
          assert.deepStrictEqual(JSON.parse(JSON.stringify(state)), state)
        }
      }),
      { seed, numRuns: 60 }
    )
  })
})

describe(`A group, whatever has befallen it (FC_SEED=${seed})`, () => {
  it("comes to rest when it is left alone, and stays there", () => {
    fc.assert(
      fc.property(Play.play, fc.boolean(), (acts, usesPool) => {
        const stage = new Play.Stage(usesPool)
        for (const act of acts) stage.perform(act)
        stage.calm()
        Play.assertAtRest(stage.world)
        const { version } = stage.world.newest
        stage.world.run(30_000)
        assert.strictEqual(stage.world.newest.version, version, "nothing is written any more")
      }),
      { seed, numRuns: 40 }
    )
  })
})
