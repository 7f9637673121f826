/** Strategies that are wrong in the classic ways, each with a law that must catch it. */
import type { AssignmentStrategy, SimpleInput } from "@parti/core/Strategy"
import { fromColumns, fromFunction, sticky } from "@parti/core/Strategy"
import type { LawOptions } from "../src/StrategyLaws.ts"

const deal = ({ workers, partitions }: SimpleInput): Map<string, Array<string>> => {
  const lists = new Map(workers.map((id): [string, Array<string>] => [id, []]))
  partitions.forEach(({ id }, i) => lists.get(workers[i % workers.length] ?? "")?.push(id))
  return lists
}

const losesOne = fromFunction("loses a partition", (input) => {
  const lists = deal(input)
  lists.get(input.workers[0] ?? "")?.pop()
  return lists
})

const doublesOne = fromFunction("doubles a partition", (input) => {
  const lists = deal(input)
  const [first] = input.partitions
  if (first !== undefined) lists.get(input.workers.at(-1) ?? "")?.push(first.id)
  return lists
})

const inventsAWorker = fromFunction("invents a worker", ({ partitions }) => ({
  "worker-0": partitions.map(({ id }) => id)
}))

const inventsAPartition = fromFunction("invents a partition", (input) =>
  deal({
    ...input,
    partitions: [...input.partitions, ...input.partitions.map((one) => ({ ...one, id: `${one.id}x` as typeof one.id }))]
  })
)

let calls = 0
const remembers = fromColumns("remembers what it was asked", ({ partitions, workers }) => {
  calls += 1
  return Array.from({ length: partitions.size }, (_, i) => (i + calls) % workers.length)
})

const changesItsInput = fromColumns("changes its input", ({ partitions, workers, previous }) => {
  const owner = Array.from({ length: partitions.size }, (_, i) => i % workers.length)
  partitions.weights.fill(1)
  return previous.length === 0 ? [] : owner
})

/** The order in which the past is listed is an order of arrival, which no two processes see alike. */
const dependsOnOrder = fromFunction("depends on order", ({ workers, partitions, previous }) => {
  const arrival = [...new Set([...previous.values(), ...workers])]
  return deal({ workers: arrival, partitions, previous })
})

const movesWithoutNeed = fromColumns("moves without need", ({ partitions, workers, previous }) =>
  Array.from({ length: partitions.size }, (_, i) => ((previous[i] ?? -1) + 1) % workers.length)
)

const startsAfresh = fromColumns("starts afresh each time", ({ partitions, workers }) =>
  Array.from({ length: partitions.size }, (_, i) => i % workers.length)
)

const forgetsNewcomers = fromColumns("forgets idle workers", ({ partitions, workers, previous }) => {
  const busy = workers.map((_, j) => j).filter((j) => Array.from(previous).includes(j))
  const known = busy.length === 0 ? [0] : busy
  return Array.from({ length: partitions.size }, (_, i) => {
    const before = previous[i] ?? -1
    return before >= 0 ? before : (known[i % known.length] ?? 0)
  })
})

const hoards = fromColumns("hoards", ({ partitions }) => new Int32Array(partitions.size))

const exceedsLimits = fromColumns("exceeds limits", ({ partitions }) => new Int32Array(partitions.size))

const throws = fromColumns("throws", () => {
  throw new Error("no idea")
})

const answersNothing = fromColumns("answers too little", () => [])

const answersRubbish = fromColumns("answers rubbish", ({ partitions }) => Array(partitions.size).fill(0.5))

const { assign: assignSticky } = sticky()

const waitsForEver: AssignmentStrategy = {
  name: "lets what is lost wait for the budget",
  algoVersion: 1,
  assign: (input) => ({ owner: Int32Array.from(input.previous, (j) => (j < 0 ? 0 : j)), deferred: 0 })
}

const blindToWeights: AssignmentStrategy = {
  name: "ignores weights",
  algoVersion: 1,
  assign: (input) => {
    const weights = new Float64Array(input.partitions.size).fill(1)
    return assignSticky({ ...input, partitions: { ...input.partitions, weights, equalWeights: true } })
  }
}

const standsByForItself: AssignmentStrategy = {
  name: "stands by for itself",
  algoVersion: 1,
  assign: (input) => {
    const draft = assignSticky(input)
    return "owner" in draft ? { ...draft, standby: draft.owner } : draft
  }
}

const oneStandby: AssignmentStrategy = {
  name: "has one standby for all",
  algoVersion: 1,
  assign: (input) => {
    const draft = assignSticky(input)
    if (!("owner" in draft)) return draft
    const other = input.workers.length > 1 ? 1 : -1
    return { ...draft, standby: Int32Array.from(draft.owner, (j) => (j === 0 ? other : 0)) }
  }
}

const forgetsHomes: AssignmentStrategy = {
  name: "forgets where workers came from",
  algoVersion: 1,
  assign: (input) => assignSticky({ ...input, hints: [] })
}

const { assign: assignWithStandbys } = sticky({ standby: true })

const passesOverStandbys: AssignmentStrategy = {
  name: "passes over standbys",
  algoVersion: 1,
  assign: (input) => {
    const draft = assignWithStandbys({ ...input, previousStandby: null })
    return "owner" in draft ? draft : { owner: [] }
  }
}

const believesInUnits: AssignmentStrategy = {
  name: "believes in units",
  algoVersion: 1,
  assign: ({ partitions, workers }) => ({
    owner: Array.from(partitions.weights, (weight) => (weight > 2 ? 0 : workers.length - 1))
  })
}

const trustsHashes = fromColumns("takes hashes for ids", ({ partitions, workers }) => {
  const places = new Map(Array.from(partitions.hashes, (hash, i) => [hash, i]))
  const owner = Array<number>(partitions.size)
  for (const i of places.values()) owner[i] = i % workers.length
  return owner
})

const usesPlainObjects = fromFunction("uses plain objects", ({ workers, partitions }) => {
  const lists: Record<string, Array<string>> = {}
  partitions.forEach(({ id }, i) => (lists[workers[i % workers.length] ?? ""] ??= []).push(id))
  return lists
})

const dividesByZero = fromColumns("divides by the number of partitions", ({ partitions, workers }) => {
  if (!Number.isFinite(workers.length / partitions.size)) throw new Error("no partitions")
  return Array.from({ length: partitions.size }, (_, i) => i % workers.length)
})

/** Each faulty strategy, a law that finds it out, and what it claims. */
export const faults: ReadonlyArray<readonly [strategy: AssignmentStrategy, law: number, options?: LawOptions]> = [
  [losesOne, 1],
  [doublesOne, 2],
  [inventsAWorker, 1],
  [inventsAPartition, 1],
  [throws, 1],
  [answersNothing, 1],
  [answersRubbish, 1],
  [remembers, 3],
  [remembers, 4],
  [remembers, 12],
  [remembers, 13],
  [usesPlainObjects, 25],
  [dividesByZero, 23],
  [trustsHashes, 26],
  [believesInUnits, 9],
  [movesWithoutNeed, 10, { maxMoves: 1 }],
  [forgetsHomes, 17],
  [passesOverStandbys, 18],
  [changesItsInput, 3],
  [dependsOnOrder, 5],
  [movesWithoutNeed, 5],
  [movesWithoutNeed, 7],
  [startsAfresh, 7],
  [startsAfresh, 11],
  [startsAfresh, 14],
  [startsAfresh, 28],
  [forgetsNewcomers, 6],
  [hoards, 6],
  [hoards, 8],
  [hoards, 20],
  [exceedsLimits, 21],
  [blindToWeights, 8],
  [blindToWeights, 16],
  [waitsForEver, 15],
  [standsByForItself, 19],
  [oneStandby, 19]
]
