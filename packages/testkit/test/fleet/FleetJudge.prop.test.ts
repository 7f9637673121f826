import type { Stamped } from "@parti/testkit/FleetJournal"
import * as FleetJudge from "@parti/testkit/FleetJudge"
import * as fc from "fast-check"
import { assert, describe, it } from "vitest"
import * as History from "./History.ts"

const seed = Number(process.env["FC_SEED"] ?? 20_261)

/** One owner's turn with a partition, and how long nobody has it before. */
const turn = fc.record({
  life: fc.constantFrom("a", "b", "c"),
  gapMs: fc.integer({ min: 1, max: 50 }),
  lengthMs: fc.integer({ min: 100, max: 900 }),
  messages: fc.integer({ min: 1, max: 6 })
})

interface Turn {
  readonly by: string
  readonly partition: string
  readonly token: number
  readonly from: number
  readonly to: number
  readonly sequences: ReadonlyArray<number>
}

/** Turns that follow each other as they must, on up to three partitions. No process has two turns of one partition in a row. */
const histories = fc.array(fc.array(turn, { minLength: 2, maxLength: 6 }), { minLength: 1, maxLength: 3 }).map((all) =>
  all.map((turns, index): ReadonlyArray<Turn> => {
    let time = 10
    let sequence = 0
    return turns.map(({ gapMs, lengthMs, life, messages }, place) => {
      const from = time + gapMs
      time = from + lengthMs
      const sequences = Array.from({ length: messages }, () => (sequence += 1))
      return { by: `${life}${place % 2}`, partition: `p${index}`, token: 10 * (place + 1), from, to: time, sequences }
    })
  })
)

type Histories = ReadonlyArray<ReadonlyArray<Turn>>

/** `before`: what was published, whatever became of it. */
const recordsOf = (all: Histories, before = all): ReadonlyArray<Stamped> => {
  const turns = all.flat()
  const end = Math.max(...turns.map(({ to }) => to))
  return History.byTime([
    ...[...new Set(turns.map(({ by }) => by))].map((life) => History.started(0, life)),
    // The last owner of each partition has it to the end.
    ...all.flatMap((each) =>
      each.flatMap(({ by, from, partition, sequences, to, token }, place) =>
        History.run(by, partition, token, [from, place === each.length - 1 ? end + 1 : to], sequences)
      )
    ),
    ...before.map((each) =>
      History.published(1, each[0]?.partition ?? "", Math.max(...each.flatMap((one) => one.sequences)))
    ),
    History.closing(end)
  ])
}

/** Histories, one of whose turns (not the first of its partition) is changed. */
const changed = (all: Histories, pick: number, change: (turn: Turn, before: Turn) => Turn): Histories =>
  all.map((each, index) => {
    if (index !== pick % all.length) return each
    const place = 1 + (pick % (each.length - 1))
    return each.map((one, at) => (at === place ? change(one, each[at - 1] ?? one) : one))
  })

const picks = fc.integer({ min: 0, max: 1000 })

const check = <A extends ReadonlyArray<unknown>>(property: fc.IProperty<[...A]>) =>
  fc.assert(property, { seed, numRuns: 200 })

describe(`The judge of random histories (FC_SEED=${seed})`, () => {
  it("finds nothing wrong where all is well", () => {
    check(
      fc.property(histories, (all) =>
        assert.deepStrictEqual(FleetJudge.breaches.all(FleetJudge.judge(recordsOf(all))), [])
      )
    )
  })

  const faults: ReadonlyArray<readonly [what: string, change: (one: Turn, before: Turn) => Turn, sign: RegExp]> = [
    ["an owner that begins too early", (one, before) => ({ ...one, from: before.to - 0.5 }), /was run by/],
    ["a token that does not rise", (one, before) => ({ ...one, token: before.token }), /with token/],
    [
      "a message that is left out",
      (one) => ({ ...one, sequences: one.sequences.slice(1) }),
      /lost|before the one before/
    ],
    [
      "a message that is handled again",
      (one, before) => ({ ...one, sequences: [...before.sequences.slice(-1), ...one.sequences] }),
      /again by/
    ],
    [
      "messages that change places",
      (one) => ({ ...one, sequences: [(one.sequences.at(-1) ?? 0) + 1, ...one.sequences] }),
      /before the one before it/
    ]
  ]

  it.each(faults)("finds %s, wherever it is", (_, change, sign) => {
    check(
      fc.property(histories, picks, (all, pick) => {
        const broken = FleetJudge.breaches.all(FleetJudge.judge(recordsOf(changed(all, pick, change), all)))
        assert.isTrue(
          broken.some((text) => sign.test(text)),
          `found ${broken.join("; ") || "nothing"}`
        )
      })
    )
  })

  it("finds a partition that nobody has at the end", () => {
    check(
      fc.property(histories, (all) => {
        const records = recordsOf(all)
        const last = records.findLast(({ entry }) => entry._tag === "RunBegan")
        const without = records.filter(({ by, entry }) => {
          const isLast =
            last !== undefined && "token" in last.entry && "token" in entry && entry.token === last.entry.token
          return !(isLast && by === last.by && "partition" in last.entry && entry.partition === last.entry.partition)
        })
        assert.include(FleetJudge.breaches.all(FleetJudge.judge(without)).join("\n"), "was left without an owner")
      })
    )
  })

  it("comes to the same account however the journals are cut up and mixed", () => {
    check(
      fc.property(histories, fc.array(fc.nat(), { minLength: 1, maxLength: 20 }), (all, draws) => {
        const records = recordsOf(all)
        const journals = [...Map.groupBy(records, ({ by }) => by).values()].map((each) => [...each])
        const judge = FleetJudge.make()
        for (let i = 0; journals.length > 0; i++) {
          const draw = draws[i % draws.length] ?? 0
          const journal = journals[draw % journals.length] ?? []
          judge.take(journal.splice(0, 1 + (draw % 7)))
          // A look in between must change nothing.
          if (draw % 3 === 0) judge.account()
          if (journal.length === 0) journals.splice(journals.indexOf(journal), 1)
        }
        assert.deepStrictEqual(sorted(judge.account()), sorted(FleetJudge.judge(records)))
      })
    )
  })
})

/** Partitions are told of in the order in which they were first heard of. */
const sorted = (account: FleetJudge.Account): unknown => ({
  ...account,
  overlaps: account.overlaps.map((one) => JSON.stringify(one)).sort(),
  unowned: { ...account.unowned, worst: account.unowned.worst?.ms, totalMs: Math.round(account.unowned.totalMs) }
})
