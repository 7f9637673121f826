/**
 * A path through the states of a small world, told step by step.
 *
 * @since 0.1.0
 */
import * as Calm from "./Calm.ts"
import { Breach } from "./Breach.ts"
import * as Choice from "./Choice.ts"
import * as Clock from "./Clock.ts"
import * as Model from "./Model.ts"
import * as Normal from "./Normal.ts"
import type { Scenario } from "./Scenario.ts"
import * as Search from "./Search.ts"
import * as Telling from "./Telling.ts"

/**
 * The lines of a trace, and what the path ends with.
 *
 * @category models
 * @since 0.1.0
 */
export interface Trace {
  readonly lines: ReadonlyArray<string>
  readonly breach: Breach | null
}

/**
 * Takes a path once more. At its end all faults end, and the group is waited for until it is at rest.
 *
 * @category constructors
 * @since 0.1.0
 */
export const replay = (scenario: Scenario, path: ReadonlyArray<number>, transition?: Model.Transition): Trace => {
  const model = Model.make(scenario, transition)
  const normal = Normal.make(model)
  const lines: Array<string> = []
  let world = Search.root(model, normal)
  let at = 0
  model.tell = (line) => lines.push(line())
  try {
    for (const index of path) {
      const choice = Choice.choices(model, world)[index]
      if (choice === undefined) throw new Error(`there is no choice ${index} here`)
      if (choice._tag === "Pass") at += Clock.untilNext(world)
      lines.push(`${index}. at ${at} ms: ${Telling.choice(choice)}`)
      world = normal.of(Choice.take(model, world, choice) ?? world)
    }
    lines.push("All faults end.")
    const { afterMs } = Calm.rest(model, normal, world, Search.boundMs(scenario))
    lines.push(`At rest after ${afterMs} ms.`)
    return { lines, breach: null }
  } catch (error) {
    if (!(error instanceof Breach)) throw error
    lines.push(error.message)
    return { lines, breach: error }
  }
}

/**
 * The trace of a finding, with the command that prints it again.
 *
 * @category formatting
 * @since 0.1.0
 */
export const explain = (
  scenario: Scenario,
  finding: Search.Finding,
  transition?: Model.Transition,
  mutant?: string
): string => {
  const { lines } = replay(scenario, finding.path, transition)
  const planted = mutant === undefined ? "" : ` --mutant "${mutant}"`
  return [
    finding.message,
    `replay: npm run check:model -- --world "${scenario.name}"${planted} --path "${finding.path.join(".")}"`,
    ...lines.slice(0, mostLines),
    ...(lines.length > mostLines ? [`… and ${lines.length - mostLines} lines more`] : [])
  ].join("\n")
}

/** A group that does not come to rest has no end of things to tell. */
const mostLines = 120
