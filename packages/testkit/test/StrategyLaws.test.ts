import {
  coLocate,
  consistentHash,
  fromFunction,
  limitMoves,
  rendezvous,
  roundRobin,
  sticky,
  weightedConsistentHash
} from "@parti/core/Strategy"
import { describe, it } from "vitest"
import { everyStrategy, hashing, keeping, strategyLaws } from "../src/StrategyLaws.ts"

const seed = Number(process.env["LAW_SEED"] ?? 1)
const numRuns = Number(process.env["LAW_RUNS"] ?? 40)
const common = { test: it, seed, numRuns }

describe("sticky", () => {
  strategyLaws(sticky(), { ...common, which: keeping })
})

describe("sticky with a tolerance", () => {
  const which = keeping.filter((number) => ![7, 14, 17, 20, 28].includes(number))
  strategyLaws(sticky({ tolerance: 0.3 }), { ...common, which, tolerance: 0.3, weightTolerance: 0.3 })
})

describe("sticky with a budget", () => {
  strategyLaws(sticky({ maxMoves: 2 }), {
    ...common,
    which: [...everyStrategy.filter((n) => n !== 5), 10, 15],
    maxMoves: 2
  })
})

describe("sticky with standbys", () => {
  strategyLaws(sticky({ standby: true }), { ...common, which: [...keeping, 18, 19] })
})

describe("consistentHash", () => {
  strategyLaws(consistentHash(), { ...common, which: hashing })
})

describe("consistentHash with bounded load", () => {
  strategyLaws(consistentHash({ boundedLoad: 0.25 }), { ...common, which: [...everyStrategy, 9] })
})

describe("weightedConsistentHash", () => {
  strategyLaws(weightedConsistentHash(), { ...common, which: [...everyStrategy, 9] })
})

describe("rendezvous", () => {
  strategyLaws(rendezvous(), { ...common, which: hashing })
})

describe("roundRobin", () => {
  strategyLaws(roundRobin(), { ...common, which: [...everyStrategy, 6, 9] })
})

describe("limitMoves", () => {
  const which = [...everyStrategy.filter((number) => number !== 5), 10]
  strategyLaws(limitMoves(rendezvous(), { maxMoves: 2 }), { ...common, which, maxMoves: 2 })
})

describe("coLocate", () => {
  const which = everyStrategy.filter((number) => number !== 21)
  strategyLaws(
    coLocate(sticky(), ({ keys }) => keys[0] ?? ""),
    { ...common, which }
  )
})

// The example of docs/strategies.md.
const alphabetical = fromFunction("alphabetical", ({ workers, partitions }) => {
  const sorted = partitions.map(({ id }) => id).toSorted()
  const each = Math.ceil(sorted.length / workers.length)
  return new Map(workers.map((worker, j) => [worker, sorted.slice(j * each, (j + 1) * each)]))
})

describe("alphabetical", () => {
  const which = everyStrategy.filter((law) => law !== 21)
  strategyLaws(alphabetical, { ...common, which })
})
