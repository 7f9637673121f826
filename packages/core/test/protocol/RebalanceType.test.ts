import { assert, describe, it } from "vitest"
import type { RebalanceType } from "../../src/model/Plan.ts"
import { detectRebalanceType } from "../../src/protocol/RebalanceType.ts"
import { id } from "./rig/Sample.ts"

interface Row {
  readonly title: string
  readonly before: string
  readonly now: string
  readonly crashed?: string
  readonly suspected?: string
  readonly work?: string
  readonly ratio?: number
  readonly type: RebalanceType | null
}

const ids = (names: string) => names.split("").map((name) => id(name))

const rows: ReadonlyArray<Row> = [
  { title: "nobody before, somebody now", before: "", now: "a", type: "cold_start" },
  { title: "nobody before, nobody now", before: "", now: "", type: null },
  { title: "nobody before: whatever is said to have crashed", before: "", now: "a", crashed: "bc", type: "cold_start" },
  { title: "the same workers and work", before: "abc", now: "abc", type: null },
  { title: "the same workers in another order", before: "abc", now: "cab", type: null },
  { title: "one joined", before: "abc", now: "abcd", type: "planned_scale" },
  { title: "one left in good order", before: "abc", now: "ab", type: "planned_scale" },
  { title: "as many left as joined", before: "abc", now: "abd", type: "planned_scale" },
  { title: "everybody left in good order", before: "abc", now: "", type: "planned_scale" },
  { title: "the partitions changed", before: "abc", now: "abc", work: "other", type: "planned_scale" },
  { title: "one of three crashed", before: "abc", now: "ab", crashed: "c", type: "emergency" },
  { title: "as many crashed as joined", before: "abc", now: "abd", crashed: "c", type: "emergency" },
  { title: "one crashed, others left in good order", before: "abcd", now: "a", crashed: "d", type: "emergency" },
  { title: "exactly half crashed", before: "abcd", now: "ab", crashed: "cd", type: "emergency" },
  { title: "more than half crashed", before: "abcde", now: "ab", crashed: "cde", type: "restart" },
  { title: "six of ten crashed", before: "abcdefghij", now: "abcd", crashed: "efghij", type: "restart" },
  {
    title: "six of ten crashed, and six joined",
    before: "abcdefghij",
    now: "abcdklmnop",
    crashed: "efghij",
    type: "restart"
  },
  { title: "everybody crashed", before: "ab", now: "", crashed: "ab", type: "restart" },
  { title: "the only one crashed", before: "a", now: "b", crashed: "a", type: "restart" },
  { title: "one crashed of two", before: "ab", now: "a", crashed: "b", type: "emergency" },
  {
    title: "one crashed, and so many are suspected",
    before: "abcd",
    now: "abc",
    crashed: "d",
    suspected: "bc",
    type: "restart"
  },
  { title: "many are suspected, none crashed", before: "abcd", now: "abcd", suspected: "abc", type: null },
  { title: "a stranger crashed", before: "abc", now: "abc", crashed: "x", type: null },
  { title: "strangers are suspected", before: "abc", now: "ab", crashed: "c", suspected: "xyz", type: "emergency" },
  { title: "a lower ratio", before: "abcd", now: "ab", crashed: "cd", ratio: 0.25, type: "restart" },
  { title: "a ratio of one is never exceeded", before: "ab", now: "", crashed: "ab", ratio: 1, type: "emergency" }
]

describe("The type of a rebalance", () => {
  it.each(rows)("$title: $type", ({ before, crashed = "", now, ratio = 0.5, suspected = "", type, work = "same" }) => {
    const found = detectRebalanceType(
      { workers: ids(before), work: "same" },
      { workers: ids(now), work, crashed: ids(crashed), suspected: ids(suspected) },
      { restartRatio: ratio }
    )
    assert.strictEqual(found, type)
  })
})
