/**
 * What tests may see and fix of a worker: every step of its machine, and the name of its boot.
 *
 * @since 0.1.0
 */
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import type { Config } from "../protocol/Config.ts"
import type { Event } from "../protocol/Event.ts"
import type * as Node from "../protocol/Node.ts"
import type { Step } from "../protocol/Step.ts"
import * as DeadProcess from "./DeadProcess.ts"
import type { Machine } from "./EventLoop.ts"

/**
 * One step of a worker's machine, before anything was ordered because of it.
 *
 * @category models
 * @since 0.1.0
 */
export interface Taken {
  readonly config: Config
  readonly event: Event
  readonly step: Step<Node.State>
}

/**
 * Is shown every step of the workers that begin under it. Without one, which is the default, a step costs nothing more.
 *
 * **Gotchas** It is called within the step: it must return at once, and what it is shown it must not change.
 *
 * @category services
 * @since 0.1.0
 */
export const Tap = Context.Reference<((taken: Taken) => void) | null>("@parti/core/Tap", { defaultValue: () => null })

/**
 * Names a run of a process. By default it is drawn from the system and not from `Random`, which somebody may have seeded:
 * two workers must never share a session. A test that wants the same run again gives names of its own, each once.
 *
 * @category services
 * @since 0.1.0
 */
export const BootId = Context.Reference<Effect.Effect<string>>("@parti/core/BootId", {
  defaultValue: () => Effect.sync(DeadProcess.ownName)
})

/**
 * A machine that shows its steps before they are judged.
 *
 * @category combinators
 * @since 0.1.0
 */
export const tapped = (machine: Machine<Node.State>, tap: (taken: Taken) => void): Machine<Node.State> => ({
  ...machine,
  breach: (config, before, event, step) => {
    tap({ config, event, step })
    return machine.breach(config, before, event, step)
  }
})
