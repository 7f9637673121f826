/**
 * Wrong versions of the protocol, made by wrapping the right one: to see whether the checks notice.
 *
 * @since 0.1.0
 */
import type { Command, Config, Event, Node, Plan, WorkerRecord } from "@parti/core/Protocol"
import type { FaultKind } from "../Fault.ts"
import type { Flaws, Reducers } from "../World.ts"

/**
 * The function that is wrapped.
 *
 * @category models
 * @since 0.1.0
 */
export type Transition = Reducers["transition"]

/**
 * A wrong version: of the reducers, or of the world around them. `focus` is what must happen for it to matter, where that is
 * rare.
 *
 * @category models
 * @since 0.1.0
 */
export interface Mutant {
  readonly name: string
  readonly focus?: ReadonlyArray<FaultKind>
  readonly flaws?: Flaws
  readonly wrap?: (right: Transition) => Transition
}

/**
 * What a change may look at.
 *
 * @category models
 * @since 0.1.0
 */
export interface Scene {
  readonly config: Config
  readonly before: Node.State
  readonly event: Event
}

/**
 * Changes an event before it is taken up; `null` drops it.
 *
 * @category combinators
 * @since 0.1.0
 */
export const withEvent =
  (change: (event: Event, scene: Omit<Scene, "event">) => Event | null) =>
  (right: Transition): Transition =>
  (config, before, event) => {
    const changed = change(event, { config, before })
    return changed === null ? { state: before, commands: [], ignored: "NoChange" } : right(config, before, changed)
  }

/**
 * Changes each command that a step gives; `null` drops it.
 *
 * @category combinators
 * @since 0.1.0
 */
export const withCommand =
  (change: (command: Command, scene: Scene & { readonly after: Node.State }) => Command | null) =>
  (right: Transition): Transition =>
  (config, before, event) => {
    const step = right(config, before, event)
    const scene = { config, before, event, after: step.state }
    return { ...step, commands: step.commands.flatMap((command) => change(command, scene) ?? []) }
  }

/**
 * Changes the state that a step leaves.
 *
 * @category combinators
 * @since 0.1.0
 */
export const withState =
  (change: (after: Node.State, scene: Scene) => Node.State) =>
  (right: Transition): Transition =>
  (config, before, event) => {
    const step = right(config, before, event)
    return { ...step, state: change(step.state, { config, before, event }) }
  }

/**
 * Changes what the reducers believe of their configuration.
 *
 * @category combinators
 * @since 0.1.0
 */
export const withConfig =
  (change: (config: Config) => Partial<Config>) =>
  (right: Transition): Transition =>
  (config, before, event) =>
    right({ ...config, ...change(config) }, before, event)

/**
 * Changes the plans that a leader writes.
 *
 * @category combinators
 * @since 0.1.0
 */
export const withWrittenPlan = (
  change: (plan: Plan.Plan, scene: Scene) => Plan.Plan
): ((right: Transition) => Transition) =>
  withCommand((command, scene) =>
    command._tag === "WritePlan" ? { ...command, plan: change(command.plan, scene) } : command
  )

/**
 * Changes the plans that a node is shown.
 *
 * @category combinators
 * @since 0.1.0
 */
export const withSeenPlan = (
  change: (plan: Plan.Plan, scene: Omit<Scene, "event">) => Plan.Plan
): ((right: Transition) => Transition) =>
  withEvent((event, scene) =>
    event._tag === "PlanObserved" && event.plan !== null ? { ...event, plan: change(event.plan, scene) } : event
  )

/**
 * Changes the records of workers that a node is shown.
 *
 * @category combinators
 * @since 0.1.0
 */
export const withSeenWorker = (
  change: (record: WorkerRecord, scene: Omit<Scene, "event">) => WorkerRecord
): ((right: Transition) => Transition) =>
  withEvent((event, scene) =>
    event._tag === "WorkerObserved" && event.record !== null ? { ...event, record: change(event.record, scene) } : event
  )

/**
 * Changes the records of workers that a node writes.
 *
 * @category combinators
 * @since 0.1.0
 */
export const withWrittenWorker = (
  change: (record: WorkerRecord, scene: Scene) => WorkerRecord
): ((right: Transition) => Transition) =>
  withCommand((command, scene) =>
    command._tag === "WriteWorker" ? { ...command, record: change(command.record, scene) } : command
  )

/**
 * The session that a node holds, or `null`.
 *
 * @category getters
 * @since 0.1.0
 */
export const sessionOf = ({ claim }: Node.State): string | null => (claim._tag === "Held" ? claim.session : null)
