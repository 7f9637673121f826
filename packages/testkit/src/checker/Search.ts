/**
 * Breadth-first search of all states that a small world can reach.
 *
 * **Details**
 *
 * Where nothing can happen but one thing, it happens. A search goes from fork to fork, a fork being a world where more than
 * one thing may happen; of what lies between it only remembers that it was there, so that a way that joins another one is
 * gone once.
 *
 * @since 0.1.0
 */
import { Breach, type Rule } from "./Breach.ts"
import * as Calm from "./Calm.ts"
import * as Choice from "./Choice.ts"
import * as Frontier from "./Frontier.ts"
import * as HashSet from "./HashSet.ts"
import * as Model from "./Model.ts"
import * as Normal from "./Normal.ts"
import * as Process from "./Process.ts"
import type { Scenario } from "./Scenario.ts"
import * as Scenarios from "./Scenario.ts"
import * as Visited from "./Visited.ts"
import type { World } from "./World.ts"

/**
 * How far to search, and how. `restEvery`: of so many forks one is asked what becomes of it when nothing goes wrong any
 * more; 0 for none.
 *
 * @category models
 * @since 0.1.0
 */
export interface Options {
  readonly maxStates: number
  readonly restEvery: number
  readonly transition?: Model.Transition | undefined
}

/**
 * A rule that is broken, and the choices that lead there; breadth first, no fewer do.
 *
 * @category models
 * @since 0.1.0
 */
export interface Finding {
  readonly rule: Rule
  readonly message: string
  readonly path: ReadonlyArray<number>
}

/**
 * What a search has come to. `states`: the distinct worlds that were there between two things that happened, `forks` of
 * them where more than one thing may happen next. `isComplete`: there is none that was not reached.
 *
 * @category models
 * @since 0.1.0
 */
export interface Report {
  readonly scenario: string
  readonly states: number
  readonly forks: number
  readonly transitions: number
  readonly depth: number
  readonly isComplete: boolean
  readonly rests: number
  readonly slowestRestMs: number
  readonly finding: Finding | null
}

/**
 * Searches until a rule is broken, or there is nothing left, or enough states were reached.
 *
 * @category combinators
 * @since 0.1.0
 */
export const run = (scenario: Scenario, options: Options): Report => {
  const model = Model.make(scenario, options.transition)
  const normal = Normal.make(model)
  const forks = Visited.make()
  const between = HashSet.make()
  const frontier = Frontier.make(normal.width)
  const tally = { transitions: 0, rests: 0, slowestRestMs: 0, depth: 0 }
  const states = (): number => forks.size() + between.size()
  const report = (finding: Finding | null): Report => ({
    scenario: scenario.name,
    states: states(),
    forks: forks.size(),
    ...tally,
    isComplete: frontier.size() === 0 && finding === null,
    finding
  })
  const reach = (world: World, parent: number, choice: number): void => {
    const row = normal.row(world)
    if (forks.add(row, parent, choice)) frontier.push(row)
  }
  const isNew = (world: World): boolean => between.add(normal.row(world))
  const expand = (world: World, fork: number): Finding | null => {
    for (const [index, choice] of Choice.choices(model, world).entries()) {
      try {
        tally.transitions += 1
        const after = Choice.take(model, world, choice, isNew)
        if (after !== null) reach(normal.of(after), fork, index)
      } catch (error) {
        return found(error, [...forks.pathTo(fork), index])
      }
    }
    return null
  }
  const rest = (world: World, fork: number): Finding | null => {
    try {
      const { afterMs } = Calm.rest(model, normal, world, boundMs(scenario))
      tally.rests += 1
      tally.slowestRestMs = Math.max(tally.slowestRestMs, afterMs)
      return null
    } catch (error) {
      return found(error, forks.pathTo(fork))
    }
  }

  try {
    reach(root(model, normal), 0, 0)
  } catch (error) {
    return report(found(error, []))
  }
  let levelEnds = 1
  for (let fork = 0; states() < options.maxStates; fork++) {
    const row = frontier.shift()
    if (row === null) break
    if (fork === levelEnds) {
      tally.depth += 1
      levelEnds = forks.size()
    }
    const world = normal.world(row)
    const isAsked = options.restEvery > 0 && fork % options.restEvery === 0
    const finding = expand(world, fork) ?? (isAsked ? rest(world, fork) : null)
    if (finding !== null) return report(finding)
  }
  return report(null)
}

/**
 * The figures, on a line.
 *
 * @category formatting
 * @since 0.1.0
 */
export const show = (report: Report): string =>
  `${report.scenario}: ${report.states} states, ${report.forks} forks, ${report.transitions} ways on, ` +
  `${report.depth} choices deep${report.isComplete ? ", and no more" : ""}; ${report.rests} times at rest, ` +
  `after ${report.slowestRestMs} ms at most`

/**
 * The world in which a search begins.
 *
 * @category constructors
 * @since 0.1.0
 */
export const root = (model: Model.Model, normal: Normal.Normal): World => {
  const { scenario } = model
  const blank: World = {
    slots: Array.from({ length: scenario.slots }, (_, index) => Process.blank(model, index)),
    store: {
      leader: { revision: 0, value: null },
      plan: { revision: 0, value: null },
      workers: scenario.ids.map(() => ({ revision: 0, value: null })),
      liveLife: 1,
      planLife: 1,
      rebalance: 0,
      listing: 0
    },
    requests: [],
    truth: { tenures: [], places: [], epoch: 0, version: 0, chainEpoch: 0 },
    budget: Scenarios.none
  }
  const count = scenario.settled === 0 ? scenario.slots : scenario.settled
  const begun = Array.from({ length: count }, (_, index) => index).reduce(
    (world, index) => Process.boot(model, world, index),
    blank
  )
  const settled = scenario.settled === 0 ? begun : Calm.rest(model, normal, begun, startMs).world
  const budgeted = { ...settled, budget: scenario.budget }
  return normal.of(Choice.toFork(model, budgeted) ?? budgeted)
}

/** A new group waits a full lease, and is at rest soon after. */
const startMs = 100 * Scenarios.fullLeaseMs

/**
 * Within this time after all faults have ended, a group is at rest: two full leases, should leader and owner be lost
 * together, one more to fence, and what hands over.
 *
 * @category constants
 * @since 0.1.0
 */
export const boundMs = (scenario: Scenario): number => 3 * Scenarios.horizonMs(scenario)

const found = (error: unknown, path: ReadonlyArray<number>): Finding => {
  if (!(error instanceof Breach)) throw error
  return { rule: error.rule, message: error.message, path }
}
