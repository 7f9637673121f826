import * as Strategy from "@parti/core/Strategy"
import { Result } from "effect"
import { assert, describe, it } from "vitest"
import * as Failure from "../../src/cli/Failure.ts"
import * as Watch from "../../src/cli/commands/Watch.ts"
import * as Changes from "../../src/cli/report/Changes.ts"
import * as DryRun from "../../src/cli/report/DryRun.ts"
import * as PartitionsReport from "../../src/cli/report/PartitionsReport.ts"
import * as StatusReport from "../../src/cli/report/StatusReport.ts"
import * as SupposedStrategy from "../../src/cli/report/SupposedStrategy.ts"
import * as Span from "../../src/cli/Span.ts"
import * as Table from "../../src/cli/Table.ts"
import * as SampleGroup from "./SampleGroup.ts"

const statusOf = (sample: SampleGroup.Sample) => SampleGroup.statusOf(SampleGroup.snapshotOf(sample))

describe("A span", () => {
  it.each([
    [0, "0 s"],
    [449, "0.4 s"],
    [12_345, "12 s"],
    [60_000, "1 min"],
    [200_000, "3 min 20 s"],
    [7_260_000, "2 h 1 min"],
    [190_800_000, "2 d 5 h"],
    [-5, "0 s"]
  ])("of %i ms is told as %s", (ms, told) => {
    assert.strictEqual(Span.render(ms), told)
  })
})

describe("A table", () => {
  it("puts numbers to the right, and leaves no space at the end", () => {
    assert.deepStrictEqual(
      Table.render(
        [Table.words("A"), Table.numbers("N"), Table.words("B")],
        [
          ["one", "1", ""],
          ["x", "100", "y"]
        ]
      ),
      ["A      N  B", "one    1", "x    100  y"]
    )
  })

  it("lets no control character through to the terminal", () => {
    assert.notMatch(Table.render([Table.words("ZONE")], [["a\u001B[2Jb\n"]]).join(""), /\p{Cc}/u)
    assert.notMatch(
      StatusReport.render(statusOf({ workers: [{ id: "w", zone: "\u001B]0;x\u0007" }] })).join(""),
      /\p{Cc}/u
    )
    assert.notMatch(Failure.line("a\u001B[31m\nb"), /\p{Cc}/u)
  })
})

describe("A worker's standing", () => {
  const standings = (sample: SampleGroup.Sample) =>
    statusOf(sample).workers.map(({ id, standing }) => `${id} ${standing}`)

  it("is that of its record, its silence, and the orders about it", () => {
    assert.deepStrictEqual(
      standings({
        workers: [
          { id: "worker-1" },
          { id: "worker-2", ageMs: 10_501 },
          { id: "worker-3", draining: true },
          { id: "worker-4" },
          { id: "worker-5" },
          { id: "worker-6", state: "fenced" },
          { id: "worker-7", hasRecord: false },
          { id: "worker-10", state: "evicted" }
        ],
        drains: [
          { id: "worker-4", ageMs: 1 },
          { id: "worker-5", ageMs: 1, session: "an earlier one" }
        ]
      }),
      [
        "worker-1 live",
        "worker-2 silent",
        "worker-3 draining",
        "worker-4 draining",
        "worker-5 live",
        "worker-6 fenced",
        "worker-7 missing",
        "worker-10 evicted"
      ]
    )
  })

  it("is not told of sessions that have ended, once the plan has forgotten them", () => {
    const gone = (state: "released" | "evicted" | "fenced") => ({ id: `was-${state}`, state, inPlan: false })
    assert.deepStrictEqual(standings({ workers: [{ id: "w" }, gone("released"), gone("evicted"), gone("fenced")] }), [
      "w live",
      "was-fenced fenced"
    ])
  })
})

describe("A report on the whole group", () => {
  it("tells what is not as usual: a window, a pause, drains, records that cannot be read", () => {
    const lines = StatusReport.render(
      statusOf({
        plan: {
          phase: { _tag: "Scaling", reason: "planned_scale", windowMs: 10_000, startedAt: SampleGroup.now - 4000 }
        },
        owner: ["worker-1", null, "worker-1", "worker-1", "worker-2", "worker-2"],
        next: ["worker-1", "worker-2", "worker-1", "worker-2", "worker-2", "worker-2"],
        leader: null,
        pausedForMs: 61_000,
        drains: [{ id: "worker-2", ageMs: 5 }],
        undecodable: [{ bucket: "live", key: "worker.x", revision: 3, reason: "it is no JSON" }]
      })
    )
    assert.includeMembers(
      [...lines],
      [
        "phase       Scaling (planned_scale), 6 s left",
        "leader      none",
        "partitions  6, 1 unowned, 2 changing hands",
        "paused      for 1 min 1 s; `parti resume` ends it",
        "drained     worker-2",
        "unreadable  live/worker.x: it is no JSON"
      ]
    )
  })

  it("tells the version of each worker's software, and of an event loop that is late by a tenth of its lease", () => {
    const report = statusOf({
      workers: [
        { id: "worker-1", version: "2.0.1", loopDelayMs: 1001 },
        { id: "worker-2", version: "2.0.0", loopDelayMs: 1000 },
        { id: "worker-3" },
        { id: "worker-4", hasRecord: false }
      ]
    })
    assert.deepStrictEqual(
      report.workers.map(({ loopDelayMs, version }) => [version, loopDelayMs]),
      [
        ["2.0.1", 1001],
        ["2.0.0", 1000],
        [null, null],
        [null, null]
      ]
    )
    const [, one, two, three, four] = StatusReport.render(report).slice(-5)
    assert.match(one ?? "", /^worker-1 +live, leads, loop late by 1001 ms .* 2\.0\.1 /)
    assert.match(two ?? "", /^worker-2 +live .* 2\.0\.0 /)
    for (const line of [two, three, four]) assert.notInclude(line ?? "", "late")
  })

  it("is short where nothing is there", () => {
    const lines = StatusReport.render(statusOf({ workers: [], plan: null, leader: null }))
    assert.includeMembers([...lines], ["plan        none", "partitions  0, all owned", "no worker is there"])
  })
})

describe("Changes", () => {
  const before = statusOf({})
  const told = (sample: SampleGroup.Sample) => Changes.between(before, statusOf(sample)).map(Changes.render)

  it("begin with the group as it was found", () => {
    assert.deepStrictEqual(Changes.between(null, before).map(Changes.render), [
      "group orders: Idle, workers: 2, partitions: 6, unowned: 0"
    ])
  })

  it("are none where only time has passed", () => {
    assert.deepStrictEqual(
      told({
        planAgeMs: 900_000,
        workers: [
          { id: "worker-1", ageMs: 5 },
          { id: "worker-2", ageMs: 9 }
        ]
      }),
      []
    )
  })

  it("tell of all that a report shows", () => {
    assert.deepStrictEqual(
      told({
        workers: [{ id: "worker-1", ageMs: 20_000 }, { id: "worker-3" }],
        leader: null,
        pausedForMs: 5,
        drains: [{ id: "worker-3", ageMs: 5, session: "other" }],
        owner: ["worker-1", "worker-1", "worker-1", "worker-3", "worker-3", null],
        plan: { phase: { _tag: "Emergency", reason: "emergency", startedAt: 1 } },
        undecodable: [{ bucket: "plan", key: "control.pause", revision: 1, reason: "r" }]
      }),
      [
        "phase of orders: Idle → Emergency (emergency)",
        "pause of orders: none → paused",
        "drain of worker-3: none → ordered",
        "worker worker-1: live → silent",
        "worker worker-3: none → live",
        "partitions of worker-3: none → 2",
        "unowned partitions of orders: 0 → 1",
        "unreadable record plan/control.pause: none → r",
        "leader of orders: worker-1 → none",
        "worker worker-2: live → none",
        "partitions of worker-2: 3 → none"
      ]
    )
  })
})

describe("A dry run", () => {
  const supposed = { addWorkers: 0, remove: [], strategy: SupposedStrategy.named("sticky") }
  const run = (sample: SampleGroup.Sample, special: Partial<DryRun.Supposition> = {}) =>
    DryRun.of("orders", SampleGroup.snapshotOf(sample), SampleGroup.now, { ...supposed, ...special })
  const equal = SampleGroup.partitionsOf(6)

  it("moves nothing where all is balanced", () => {
    const idle = Result.getOrThrow(run({ partitions: equal }))
    assert.deepInclude(idle, { moved: 0, minimum: 0, movedPartitions: 0, moves: [] })
  })

  it("leaves out whoever is drained, silent, or on the way out", () => {
    const workers = [
      { id: "worker-1" },
      { id: "worker-2", draining: true },
      { id: "worker-3", ageMs: 60_000 },
      { id: "worker-4" }
    ]
    const found = Result.getOrThrow(run({ workers, partitions: equal, drains: [{ id: "worker-4", ageMs: 1 }] }))
    assert.deepStrictEqual(
      found.workers.map(({ after, change, id }) => [id, after, change]),
      [
        ["worker-1", 6, null],
        ["worker-2", 0, "leaves"],
        ["worker-3", 0, "leaves"],
        ["worker-4", 0, "leaves"]
      ]
    )
  })

  it("goes by where partitions are on their way to, and leaves out those that are leaving", () => {
    const found = Result.getOrThrow(
      run({
        partitions: equal,
        owner: ["worker-1", "worker-1", "worker-1", "worker-1", "worker-2", "worker-2"],
        next: ["worker-1", "worker-1", "worker-2", null, "worker-2", null]
      })
    )
    assert.deepInclude(found, { partitions: 4, moved: 0 })
  })

  it("counts weight where weights differ, and the newcomers as large as most", () => {
    const workers = [
      { id: "worker-1", capacity: 4 },
      { id: "worker-2", capacity: 4 },
      { id: "worker-3", capacity: 1 }
    ]
    const found = Result.getOrThrow(run({ workers }, { addWorkers: 1 }))
    assert.strictEqual(found.unit, "weight")
    assert.isAtLeast(found.moved, found.minimum)
    assert.isAtLeast(found.workers.find(({ id }) => id === "new-1")?.after ?? 0, 2)
  })

  it("is refused without a plan, without workers, and for names that nobody bears", () => {
    const tagOf = (sample: SampleGroup.Sample, special: Partial<DryRun.Supposition> = {}) =>
      Result.match(run(sample, special), { onSuccess: () => "success", onFailure: ({ _tag }) => _tag })
    assert.strictEqual(tagOf({ plan: null }), "PlanMissing")
    assert.strictEqual(tagOf({}, { remove: ["worker-9"] }), "UsageInvalid")
    assert.strictEqual(tagOf({}, { remove: ["worker-1", "worker-2"] }), "NoWorkers")
    assert.strictEqual(tagOf({ workers: [{ id: "w", maxPartitions: 1 }] }), "CapacityExceeded")
  })

  it("asks the strategy of the newest decision, with its options, and says so", () => {
    const made = Strategy.limitMoves(Strategy.rendezvous({ seed: 3 }), { maxMoves: 1 })
    const { algoVersion, name, recipe = assert.fail("it is plain") } = made
    const strategy = SupposedStrategy.ofNewest({ number: 7, strategy: { name, algoVersion, recipe } })
    assert.deepStrictEqual(strategy.strategy.recipe, recipe)
    const found = Result.getOrThrow(run({ partitions: equal }, { strategy }))
    assert.deepInclude(found, { strategy: "limitMoves(rendezvous)", decision: 7, caveat: null })
    assert.match(DryRun.render(found)[0] ?? "", /^dry run of limitMoves\(rendezvous\), as in decision 7, on plan \d+ /)
  })

  it.each([
    ["no decision", null, /^the log has no decision yet/],
    [
      "one by a function",
      { number: 7, strategy: { name: "mine", algoVersion: 1, recipe: null } },
      /decision 7 was made by mine, .* function/
    ],
    [
      "one of another release",
      { number: 7, strategy: { name: "newer", algoVersion: 1, recipe: { name: "newer", options: {} } } },
      /^newer, which made decision 7, cannot be made again: ./
    ]
  ] as const)("supposes sticky, and says why, where the log has %s", (_, newest, why) => {
    const strategy = SupposedStrategy.ofNewest(newest)
    const found = Result.getOrThrow(run({ partitions: equal }, { strategy }))
    assert.deepInclude(found, { strategy: "sticky", decision: null })
    assert.match(found.caveat ?? "", why)
    assert.include(DryRun.render(found)[1], `sticky is supposed: ${found.caveat}`)
  })

  it("shows the first moves of many", () => {
    const workers = [{ id: "worker-1" }, { id: "worker-2", inPlan: false }]
    const many = Result.getOrThrow(run({ workers, partitions: SampleGroup.partitionsOf(200) }))
    const lines = DryRun.render(many)
    assert.strictEqual(lines.at(-1), "and 50 more; --json prints all")
    assert.isBelow(lines.length, 65)
  })
})

describe("The list of partitions", () => {
  it("has those that a worker owns or is to own, and tells where they go", () => {
    const snapshot = SampleGroup.snapshotOf({
      owner: ["worker-1", "worker-1", "worker-2", null, "worker-2", "worker-2"],
      next: ["worker-1", "worker-2", "worker-2", "worker-1", "worker-2", null]
    })
    const all = PartitionsReport.of("orders", snapshot, null)
    assert.deepStrictEqual(
      PartitionsReport.of("orders", snapshot, "worker-1").partitions.map(({ id }) => id),
      [0, 1, 3].map((place) => all.partitions[place]?.id)
    )
    const rows = PartitionsReport.render(all).slice(1)
    assert.match(rows[1] ?? "", /worker-1 +worker-2/)
    assert.match(rows[3] ?? "", /nobody +worker-1/)
    assert.match(rows[5] ?? "", /worker-2 +nobody/)
  })
})

describe("A frame of the live picture", () => {
  // oxlint-disable-next-line no-control-regex
  const visible = (frame: string) => frame.replaceAll(/\u001B\[[?\d]*[A-Za-z]/g, "").split("\r\n")

  it("fits, whatever the size of the terminal", () => {
    const lines = Array.from({ length: 50 }, (_, at) => `line ${at} ${"x".repeat(100)}`)
    for (const [columns, rows] of [
      [80, 24],
      [10, 3],
      [200, 100],
      [1, 1]
    ] as const) {
      const shown = visible(Watch.frame(lines, columns, rows))
      assert.isAtMost(shown.length, Math.max(2, rows))
      assert.isAtMost(Math.max(...shown.map(({ length }) => length)), columns)
    }
  })

  it("says how much is left out", () => {
    assert.deepStrictEqual(visible(Watch.frame(["a", "b", "c", "d"], 80, 4)), ["a", "b", "and 2 lines more", "q quits"])
    assert.deepStrictEqual(visible(Watch.frame(["a", "b", "c"], 80, 4)), ["a", "b", "c", "q quits"])
  })
})
