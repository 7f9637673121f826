/**
 * A whole group of real workers with handlers of your own, in simulated time, from one seed, in a storm.
 *
 * **Example** (What a service promises beyond what is wrong anywhere)
 *
 * ```ts
 * import * as SimulatedGroup from "@parti/testkit/SimulatedGroup"
 * import { writeFile } from "node:fs/promises"
 *
 * // What happens to us: machines that crash, and deployments.
 * const storm: Partial<SimulatedGroup.Storm> = { crashes: 2, restarts: 2, joins: 1 }
 * const options: SimulatedGroup.Options = {
 *   storm,
 *   handler: async ({ ack, take, write }) => {
 *     for (let message = await take(); message !== null; message = await take()) {
 *       await write(message)
 *       await ack(message)
 *     }
 *   }
 * }
 *
 * const isSlow = ({ worstMs }: SimulatedGroup.Gaps): boolean => worstMs > 30_000
 * const isWasteful = ({ duplicated, handled }: SimulatedGroup.WorkReport): boolean => duplicated > handled / 10
 *
 * // Somebody was told to stop and went on, or nobody had told him: two mistakes to look for in two places.
 * const blame = ({ first, partition, toldAt }: SimulatedGroup.Overlap): string =>
 *   toldAt === null ? `nobody stopped ${first} on ${partition}` : `${first} went on with ${partition}`
 *
 * const complaints = ({ gaps, overlaps, work }: SimulatedGroup.Report): ReadonlyArray<string> => [
 *   ...overlaps.map(blame),
 *   ...(isSlow(gaps) ? [`${gaps.worstPartition} stood still for ${gaps.worstMs} ms`] : []),
 *   ...(work !== null && isWasteful(work) ? ["more than a tenth was done twice"] : [])
 * ]
 *
 * try {
 *   const reports = await SimulatedGroup.check(options, [1, 2, 3])
 *   console.log(reports.flatMap(complaints))
 * } catch (error) {
 *   if (error instanceof SimulatedGroup.SimulationFailed) await writeFile("failed.json", JSON.stringify(error.report))
 *   throw error
 * }
 * ```
 *
 * **Example** (Which order loses, and which repeats)
 *
 * ```ts
 * import * as SimulatedGroup from "@parti/testkit/SimulatedGroup"
 * import { Effect } from "effect"
 *
 * const each = (handle: (message: SimulatedGroup.Message, context: SimulatedGroup.EffectContext) => Effect.Effect<boolean>) =>
 *   SimulatedGroup.effectHandler((context) =>
 *     Effect.forever(Effect.flatMap(context.take, (message) => handle(message, context)))
 *   )
 *
 * // Between the two a process may crash.
 * const meanwhile = Effect.sleep("50 millis")
 * const orders: Readonly<Record<string, SimulatedGroup.EffectHandler>> = {
 *   "acknowledge first": each((message, { ack, write }) =>
 *     ack(message).pipe(Effect.andThen(meanwhile), Effect.andThen(write(message)))
 *   ),
 *   "write first": each((message, { ack, write }) =>
 *     write(message).pipe(Effect.andThen(meanwhile), Effect.andThen(ack(message)))
 *   )
 * }
 * for (const [order, handler] of Object.entries(orders)) {
 *   const { work } = await SimulatedGroup.run({ seed: 7, storm: { crashes: 3, pauses: 3 }, handler })
 *   console.log(`${order}: lost ${work?.lost}, repeated ${work?.duplicated}`)
 * }
 * ```
 *
 * @since 0.1.0
 */
import type { Problem } from "@parti/core/Errors"
import * as MemoryStore from "@parti/core/MemoryStore"
import type { PartiOptions } from "@parti/core/Parti"
import * as Partition from "@parti/core/Partition"
import * as PartiConfig from "@parti/core/PartiConfig"
import * as Testing from "@parti/core/Testing"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Record from "effect/Record"
import * as References from "effect/References"
import * as Result from "effect/Result"
import * as FaultyStore from "./FaultyStore.ts"
import * as Director from "./group/Director.ts"
import type * as Given from "./group/Given.ts"
import * as Handling from "./group/Handling.ts"
import { Ledger } from "./group/Ledger.ts"
import * as Member from "./group/Member.ts"
import * as Report from "./group/Report.ts"
import * as Storm from "./group/Storm.ts"
import * as VirtualTime from "./group/VirtualTime.ts"
import { Work } from "./group/Work.ts"
import * as Random from "./simulation/Random.ts"

export type { EffectContext, Message, PromiseContext } from "./group/Given.ts"
export { effectHandler, type EffectHandler } from "./group/Handling.ts"
export type { Gaps, Overlap } from "./group/Ledger.ts"
export type { Report } from "./group/Report.ts"
export type { Storm } from "./group/Storm.ts"
export type { WorkReport } from "./group/Work.ts"

/**
 * How a group is simulated. Everything has a default but the handler.
 *
 * @category models
 * @since 0.1.0
 */
export interface Options {
  /** What is run for each partition: returns a promise, or an Effect made by `effectHandler`. */
  readonly handler: ((context: Given.PromiseContext) => unknown) | Handling.EffectHandler
  /** Everything that is drawn follows from it. Default: 1. */
  readonly seed?: number | undefined
  /** How many workers there are at first. Default: 3. */
  readonly workers?: number | undefined
  /** How many partitions, or which. Default: 8. */
  readonly partitions?: number | ReadonlyArray<Partition.PartitionInput> | undefined
  readonly strategy?: PartiOptions["strategy"]
  /** Default: the preset `development`, with a cold start of 2 seconds. */
  readonly config?: PartiOptions["config"]
  /** How often what happens. What is not named does not happen. Default: drawn from the seed. */
  readonly storm?: Partial<Storm.Storm> | undefined
  /** How often what goes wrong between a worker and the store, until the calm. Default: drawn from the seed. */
  readonly rates?: Partial<FaultyStore.Rates> | undefined
  /** How long the storm may begin new trouble, in simulated milliseconds. Default: 20,000. */
  readonly stormMs?: number | undefined
  /** How long all is calm after that; by its end everything must be in order. Default: 20,000. */
  readonly calmMs?: number | undefined
  /** Each partition gets a message so often, in simulated milliseconds, until the calm. Default: 100. */
  readonly messageEveryMs?: number | undefined
  /** Is shown every step of every worker. Default: nobody is. */
  readonly tap?: ((taken: Testing.Taken) => void) | undefined
}

/**
 * A simulation has found something. The message says what, and how to see it again.
 *
 * @category errors
 * @since 0.1.0
 */
export class SimulationFailed extends Error {
  override readonly name = "SimulationFailed"
  readonly report: Report.Report

  constructor(report: Report.Report) {
    const { blows, findings, seed } = report
    super(
      [...findings, `repeat it with the same options and seed: ${seed}`, ...blows.map((blow) => `  ${blow}`)].join("\n")
    )
    this.report = report
  }
}

/**
 * Simulates a group, and tells what it has shown.
 *
 * **Details**
 *
 * The workers, their strategies and their handlers are those of production; the store is the one in memory behind bad links,
 * and time is simulated: a minute takes a fraction of a second. Clocks of workers differ in rate and in what time of day
 * they show. After the storm comes calm; then all workers stop, and nothing of them may be left.
 *
 * **Gotchas**
 *
 * Simulated time passes for `Effect.sleep` and for the `sleep` that promise handlers are given; timers and I/O of the real
 * world are not waited for. A handler's memory outlives a crash of its process, as all processes are in one.
 *
 * **Example**
 *
 * ```ts
 * import * as SimulatedGroup from "@parti/testkit/SimulatedGroup"
 *
 * const report = await SimulatedGroup.run({
 *   seed: 7,
 *   storm: { crashes: 2, pauses: 1 },
 *   handler: async ({ ack, take, write }) => {
 *     for (let message = await take(); message !== null; message = await take()) {
 *       await write(message)
 *       await ack(message)
 *     }
 *   }
 * })
 * console.log(report.findings)
 * ```
 *
 * @category running
 * @since 0.1.0
 */
export const run = async (options: Options): Promise<Report.Report> => {
  const plan = planOf(options)
  const time = VirtualTime.make(plan.seed)
  const stage = await time.run(
    Effect.scoped(perform(plan, time)).pipe(
      Effect.provideService(Testing.Tap, options.tap ?? null),
      Effect.provideService(References.MinimumLogLevel, "None")
    )
  )
  // Whatever ended the simulation itself is a mistake in its options, or of the test kit.
  const { store, ...counts } = Exit.isSuccess(stage) ? stage.value : await Effect.runPromise(stage)
  const watches = await Effect.runPromise(store.watchCount)
  const all = { ...counts, leaks: { ...time.census(), watches } }
  const { deaths: _, ...report } = all
  return { ...report, findings: Report.findingsOf(all) }
}

/**
 * Simulates a group once for each seed, and rejects with `SimulationFailed` at the first that shows something wrong.
 *
 * **Example**
 *
 * ```ts
 * import * as SimulatedGroup from "@parti/testkit/SimulatedGroup"
 *
 * const handler = async ({ ack, take, write }: SimulatedGroup.PromiseContext) => {
 *   for (let message = await take(); message !== null; message = await take()) {
 *     await write(message)
 *     await ack(message)
 *   }
 * }
 * const reports = await SimulatedGroup.check({ handler, workers: 3 }, [1, 2, 3])
 * ```
 *
 * @category running
 * @since 0.1.0
 */
export const check = async (options: Options, seeds: Iterable<number>): Promise<ReadonlyArray<Report.Report>> => {
  const reports: Array<Report.Report> = []
  for (const seed of seeds) {
    const report = await run({ ...options, seed })
    if (report.findings.length > 0) throw new SimulationFailed(report)
    reports.push(report)
  }
  return reports
}

/** The options, with everything drawn that was left open. */
interface Plan {
  readonly seed: number
  readonly workers: number
  readonly partitions: ReadonlyArray<Partition.PartitionInput>
  readonly config: NonNullable<PartiOptions["config"]>
  readonly strategy: PartiOptions["strategy"]
  readonly handler: Member.Handler
  readonly storm: Storm.Storm
  readonly blows: ReadonlyArray<Storm.Blow>
  readonly rates: FaultyStore.Rates
  readonly stormMs: number
  readonly calmMs: number
  readonly messageEveryMs: number
  readonly driftMs: number
}

const planOf = (options: Options): Plan => {
  const { seed = 1, stormMs = 20_000 } = options
  const config = { preset: "development", coldStartWindowMs: 2000, ...options.config } as const
  const { leaseMs, marginMs } = Result.getOrThrow(PartiConfig.parse({ ...config, group: "simulated" }))
  const storm = options.storm === undefined ? Storm.drawn(seed) : { ...Storm.none, ...options.storm }
  const { partitions = 8 } = options
  return {
    seed,
    workers: options.workers ?? 3,
    partitions:
      typeof partitions === "number"
        ? Array.from({ length: partitions }, (_, index) => ({ keys: [`p${index}`] }))
        : partitions,
    config,
    strategy: options.strategy,
    handler: Handling.of(options.handler),
    storm,
    blows: Storm.blows(seed, storm, { fromMs: 2 * leaseMs, toMs: stormMs, leaseMs }),
    rates: { ...FaultyStore.calm, ...drawnRates(seed), ...options.rates },
    stormMs,
    calmMs: options.calmMs ?? 20_000,
    messageEveryMs: options.messageEveryMs ?? 100,
    // Two clocks may differ by less than the margin's share of the lease.
    driftMs: (0.45 * 1000 * marginMs) / leaseMs
  }
}

const drawnRates = (seed: number): Partial<FaultyStore.Rates> => {
  const random = Random.make(seed, "rates")
  const rate = (most: number) => (random.chance(0.5) ? random.next() * most : 0)
  return {
    refused: rate(0.05),
    requestLost: rate(0.05),
    replyLost: rate(0.05),
    late: rate(0.03),
    held: rate(0.05),
    coalesced: rate(0.5),
    relisted: rate(0.05),
    latencyMs: [0, random.between(1, 40)],
    lateMs: [0, 5000],
    heldMs: [0, 1000]
  }
}

/** The simulation itself, until all workers have stopped. */
const perform = (plan: Plan, time: VirtualTime.VirtualTime) =>
  Effect.gen(function* () {
    const store = yield* MemoryStore.make()
    const ids = (yield* Effect.fromResult(Partition.normalise(plan.partitions))).map(Partition.id)
    const ledger = new Ledger(time.now)
    const work = new Work(ids, time.now, { everyMs: plan.messageEveryMs, untilMs: plan.stormMs })
    const members: Array<Member.Member> = []
    const problems: Array<readonly [process: string, problem: Problem]> = []
    const around: Member.Surroundings = {
      ...plan,
      time,
      store,
      ledger,
      work,
      options: { group: "simulated", partitions: plan.partitions, strategy: plan.strategy, config: plan.config },
      problem: (process, problem) => void problems.push([process, problem])
    }
    let named = 0
    const join = Effect.suspend(() => Member.join(around, `process-${(named += 1)}`)).pipe(
      Effect.tap((member) => Effect.sync(() => members.push(member)))
    )
    yield* Effect.replicateEffect(join, plan.workers)
    yield* Director.play({ members, store, join }, plan.blows, time.now)
    yield* Effect.sleep(Math.max(0, plan.stormMs - time.now()))
    yield* Director.calm(members, plan.rates)
    yield* Effect.sleep(plan.calmMs)
    const unowned = ledger.unowned(ids)
    const gaps = ledger.gaps()
    yield* Effect.forEach(members, (member) => member.stop("leave"), { concurrency: "unbounded", discard: true })
    const faults = yield* Effect.forEach(members, ({ link }) => link.faults)
    return {
      store,
      seed: plan.seed,
      blows: plan.blows.map(Storm.show),
      storm: plan.storm,
      faults: added(faults),
      runs: ledger.runs.length,
      overlaps: ledger.overlaps,
      overslept: ledger.oversleptCount,
      gaps,
      unowned,
      work: work.report(),
      ...counted(problems)
    }
  })

const added = (
  each: ReadonlyArray<Readonly<Record<FaultyStore.Fault, number>>>
): Readonly<Record<FaultyStore.Fault, number>> => {
  const sum = { Refused: 0, RequestLost: 0, ReplyLost: 0, Late: 0, CutOff: 0, Held: 0, Coalesced: 0, Relisted: 0 }
  const kinds = Record.keys(sum)
  for (const one of each) for (const kind of kinds) sum[kind] += one[kind]
  return sum
}

const counted = (
  problems: ReadonlyArray<readonly [process: string, problem: Problem]>
): Pick<Report.Counts, "deaths" | "failures" | "ignoredSignals"> => ({
  deaths: problems.flatMap(([process, problem]) =>
    problem._tag === "WorkerDied" ? [`the worker of ${process} died: ${problem.message}`] : []
  ),
  failures: problems.filter(([, { _tag }]) => _tag === "HandlerFailed").length,
  ignoredSignals: problems.filter(
    ([, problem]) => problem._tag === "ProblemReported" && problem.report._tag === "HandlerStuck"
  ).length
})
