/**
 * What strategies cost, move and balance. Times are in H, the time to hash all ids once in the same process: that much of a
 * machine's speed is left out. Movement and balance are exact and the same everywhere.
 */
import { Partition, PartitionSet } from "@parti/core/Protocol"
import type { AssignmentStrategy, StrategyInput } from "@parti/core/Strategy"
import {
  assign,
  consistentHash,
  rendezvous,
  roundRobin,
  run as check,
  sticky,
  weightedConsistentHash
} from "@parti/core/Strategy"
import * as StrategyReport from "@parti/testkit/StrategyReport"
import * as Result from "effect/Result"
import { spawnSync } from "node:child_process"
import { createRequire } from "node:module"
import { mkdirSync, writeFileSync } from "node:fs"
import { argv, execArgv, execPath } from "node:process"
import { fileURLToPath } from "node:url"
import { chart, type Line } from "./Chart.ts"
import { murmur3 } from "../packages/core/src/model/Hash.ts"

interface Row {
  readonly what: string
  readonly ms: string
  readonly H: string
  readonly target: string
}

const timeOf = (work: () => unknown): number => {
  const startedAt = performance.now()
  work()
  return performance.now() - startedAt
}

const median = (values: ReadonlyArray<number>): number =>
  values.toSorted((a, b) => a - b)[values.length >> 1] ?? Number.NaN

interface Measured {
  readonly ms: number
  readonly H: number
}

/**
 * Medians of as many runs as fit into a second, after as many for warming up: the engine takes thousands of short ones until it
 * has compiled all that it will. Each run stands between two of the yardstick: what else a machine does, and how fast it goes,
 * changes from one moment to the next.
 */
const measure = (work: () => unknown, yardstick: () => unknown, budgetMs = 1_000): Measured => {
  const collect = (): ReadonlyArray<Measured> => {
    const runs: Array<Measured> = []
    for (let spent = 0; runs.length < 5 || spent < budgetMs; spent += runs.at(-1)?.ms ?? 0) {
      const before = timeOf(yardstick)
      const ms = timeOf(work)
      runs.push({ ms, H: (2 * ms) / (before + timeOf(yardstick)) })
    }
    return runs
  }
  collect()
  const runs = collect()
  return { ms: median(runs.map(({ ms }) => ms)), H: median(runs.map(({ H }) => H)) }
}

/** So many H in algorithms that are no slower than they should be: cold, core; for equal weights, for others. */
interface Targets {
  readonly cold: number | null
  readonly count: number | null
  readonly weighted: number | null
}

interface Size {
  readonly partitions: number
  readonly workers: number
  readonly targets: Targets
}

const sizes: ReadonlyArray<Size> = [
  { partitions: 100, workers: 5, targets: { cold: null, count: null, weighted: null } },
  { partitions: 1000, workers: 50, targets: { cold: 8, count: 1.2, weighted: 6 } },
  { partitions: 10_000, workers: 200, targets: { cold: 7, count: 0.4, weighted: 2.5 } },
  { partitions: 100_000, workers: 1000, targets: { cold: 12, count: 0.4, weighted: 2.5 } },
  { partitions: 1_000_000, workers: 1000, targets: { cold: 40, count: 0.4, weighted: 3.5 } }
]

const plan = (strategy: AssignmentStrategy, input: StrategyInput) => Result.getOrThrow(check(strategy, input))

/** A worker joins a group that has a plan. */
const joined = (law: StrategyReport.WeightLaw, partitions: number, workers: number): StrategyInput => {
  const first = StrategyReport.firstInput(StrategyReport.partitionsOf(law, partitions), workers)
  return StrategyReport.nextInput(first, plan(sticky(), first).owner, workers + 1)
}

const hashAll = (ids: ReadonlyArray<string>): number => {
  let all = 0
  for (const id of ids) all ^= murmur3(id)
  return all
}

/** Copies, each in one piece and all in a row, so that H does not depend on how ids came to be. */
const flat = (ids: ReadonlyArray<string>): ReadonlyArray<string> => ids.map((id) => id.split("").join(""))

/** All by name, from nothing: ids, hashes, order, what an older plan gave to each worker, the plan, the lists. */
const cold = (input: StrategyInput, keysOf: (partition: Partition.Partition) => ReadonlyArray<string>) => {
  const { workers } = input
  const partitions = input.partitions.partitions.map((one) => ({ keys: keysOf(one), weight: one.weight }))
  const older = Result.getOrThrow(assign(sticky(), { workers: workers.slice(0, -1), partitions }))
  const lists = [...older.partitions].map(([worker, ids]) => ({ worker, ids: flat(ids) }))
  const previous = new Map(lists.flatMap(({ worker, ids }) => ids.map((id) => [id, worker] as const)))
  return () => Result.getOrThrow(assign(sticky(), { workers, partitions, previous })).partitions
}

/** Of one key, which is the id; in no order. */
const oneKey = ({ keys }: Partition.Partition): ReadonlyArray<string> => flat([keys.join("-")])

/** Of two, which have to be joined; in canonical order. */
const twoKeys = ({ keys }: Partition.Partition): ReadonlyArray<string> => [...keys]

/** Made when its turn comes: a heap that is full of what others need is slow for all. */
type Work = readonly [what: string, make: () => () => unknown, target: number | null]

const worksFor = ({ partitions, workers, targets }: Size): ReadonlyArray<Work> => {
  const equal = () => joined("equal", partitions, workers)
  const weighted = () => joined("log-normal", partitions, workers)
  const core = (strategy: AssignmentStrategy, input: StrategyInput) => () => strategy.assign(input)
  const whole = (input: StrategyInput) => () => plan(sticky(), input)
  const settled = (input: StrategyInput) => ({ ...input, previous: plan(sticky(), input).owner })
  const main: ReadonlyArray<Work> = [
    ["sticky, equal weights", () => core(sticky(), equal()), targets.count],
    ["sticky, equal weights, checked and measured", () => whole(equal()), null],
    ["sticky, log-normal weights", () => core(sticky(), weighted()), targets.weighted],
    ["sticky, log-normal weights, checked and measured", () => whole(weighted()), null],
    ["sticky, nothing changed", () => core(sticky(), settled(equal())), null],
    ["from names, with nothing prepared, equal weights", () => cold(equal(), oneKey), targets.cold],
    ["from names of two keys, with nothing prepared, equal weights", () => cold(equal(), twoKeys), null],
    ["from names, with nothing prepared, log-normal weights", () => cold(weighted(), oneKey), null]
  ]
  if (partitions > 100_000) return main
  const others: ReadonlyArray<Work> = [
    ["sticky with standbys", () => core(sticky({ standby: true }), equal()), null],
    ["consistentHash", () => core(consistentHash(), equal()), null],
    ["weightedConsistentHash, log-normal weights", () => core(weightedConsistentHash(), weighted()), null]
  ]
  return partitions > 10_000
    ? [...main, ...others]
    : [...main, ...others, ["rendezvous", () => core(rendezvous(), equal()), null]]
}

const timesFor = (size: Size): ReadonlyArray<Row> => {
  const ids = flat(StrategyReport.partitionsOf("equal", size.partitions).ids)
  return worksFor(size).map(([what, make, target]) => {
    const { H, ms } = measure(make(), () => hashAll(ids))
    return {
      what: `${size.partitions} × ${size.workers} ${what}`,
      ms: ms.toFixed(3),
      H: H.toFixed(2),
      target: target === null ? "" : `<= ${target} H, ${H <= target ? "met" : "missed"}`
    }
  })
}

interface Ring {
  readonly get: (key: string) => unknown
}

// Neither package has types.
const require = createRequire(import.meta.url)
const HashRing: new (nodes: ReadonlyArray<string>) => Ring = require("hashring")
const ConsistentHash: new () => Ring & { readonly add: (node: string) => unknown } = require("consistent-hash")

/** The packages that people use instead: their own way to place 10,000 keys on 200 nodes. Neither minds who had what. */
const others = (): ReadonlyArray<Row> => {
  const keys = StrategyReport.partitionsOf("equal", 10_000).ids
  const nodes = StrategyReport.workersOf(200).map(({ id }) => id)
  const flatKeys = flat(keys)
  const consistent = () => {
    const ring = new ConsistentHash()
    for (const node of nodes) ring.add(node)
    return ring
  }
  const rings: Record<string, () => Ring> = { hashring: () => new HashRing(nodes), "consistent-hash": consistent }
  return Object.entries(rings).map(([name, make]) => {
    const place = () => {
      const ring = make()
      return keys.map((key) => ring.get(key))
    }
    const { H, ms } = measure(place, () => hashAll(flatKeys))
    return { what: `10000 × 200 npm's ${name}`, ms: ms.toFixed(3), H: H.toFixed(2), target: "" }
  })
}

/** Processes of their own make one plan each for 10,000 × 200 and say how long it took. */
const firstCall = (law: StrategyReport.WeightLaw): Row => {
  const times = [1, 2, 3, 4, 5].map(() => {
    const options = [...execArgv, fileURLToPath(import.meta.url), "first-call", law]
    return Number(spawnSync(execPath, options, { encoding: "utf8" }).stdout)
  })
  const middle = median(times)
  const what = `10000 × 200 first call of a process, ${law} weights`
  return { what, ms: middle.toFixed(1), H: "", target: `< 100 ms, ${middle < 100 ? "met" : "missed"}` }
}

const sayFirstCall = (law: StrategyReport.WeightLaw): void => {
  const { partitions } = StrategyReport.firstInput(StrategyReport.partitionsOf(law, 10_000), 200)
  const workers = StrategyReport.workersOf(200)
  const list = partitions.partitions.map(({ keys, weight }) => ({ keys: [...keys], weight }))
  const startedAt = performance.now()
  const set = PartitionSet.of(Result.getOrThrow(Partition.normalise(list)))
  plan(sticky(), { ...StrategyReport.firstInput(set, 1), workers })
  console.log((performance.now() - startedAt).toFixed(1))
}

const compared: ReadonlyArray<readonly [name: string, strategy: AssignmentStrategy]> = [
  ["sticky", sticky()],
  ["rendezvous", rendezvous()],
  ["consistentHash", consistentHash()],
  ["consistentHash, bounded 15 %", consistentHash({ boundedLoad: 0.15 })],
  ["weightedConsistentHash", weightedConsistentHash()],
  ["roundRobin", roundRobin()]
]

const workerCounts = [2, 3, 4, 5, 6, 8, 10, 14, 20, 30, 50, 70, 100, 140, 200]

const draw = (): void => {
  const steps = workerCounts.map((count) => [count, count + 1] as const)
  const lines = compared.map(([name, strategy]) => ({
    name,
    rows: StrategyReport.strategyReport([strategy], { weights: ["log-normal"], steps })
  }))
  const lineOf = (value: (row: StrategyReport.ReportRow) => number): ReadonlyArray<Line> =>
    lines.map(({ name, rows }) => ({ name, points: rows.map((row) => [row.step[0], value(row)]) }))
  const least = workerCounts.map((count): [number, number] => [count, 100 / (count + 1)])
  const fair = workerCounts.map((count): [number, number] => [count, 1])
  const folder = fileURLToPath(new URL("../docs/images/", import.meta.url))
  mkdirSync(folder, { recursive: true })
  const moved = chart({
    title: "Load that moves when one worker joins, in %",
    subtitle: "10,000 partitions with log-normal weights; the dashed line is the least for exact balance",
    across: "workers before",
    lines: lineOf((row) => 100 * row.moved),
    reference: least,
    range: [0.3, 100],
    ticks: [0.5, 1, 2, 5, 10, 20, 50, 100]
  })
  const balance = chart({
    title: "The fullest worker's load over its fair share",
    subtitle: "10,000 partitions with log-normal weights, after one worker has joined; the dashed line is fair",
    across: "workers before",
    lines: lineOf((row) => row.maxOverFair),
    reference: fair,
    range: [0.97, 2],
    ticks: [1, 1.1, 1.2, 1.3, 1.5, 1.7, 2]
  })
  writeFileSync(`${folder}strategies-moved.svg`, moved)
  writeFileSync(`${folder}strategies-balance.svg`, balance)
}

const movement = (): void => {
  const strategies = compared.map(([name, strategy]) => ({ ...strategy, name }))
  console.log(StrategyReport.format(StrategyReport.strategyReport(strategies)))
}

/** Prints movement and balance, draws the pictures of docs/strategies.md, and answers with times. */
export const run = (): ReadonlyArray<Row> => {
  movement()
  draw()
  console.log("\ndrew docs/images/strategies-moved.svg and docs/images/strategies-balance.svg\n")
  const first = [firstCall("equal"), firstCall("log-normal")]
  return [...sizes.flatMap(timesFor), ...first, ...others()]
}

const [, , command, law] = argv
const asked = StrategyReport.weightLaws.find((one) => one === law)
if (command === "first-call" && asked !== undefined) sayFirstCall(asked)
