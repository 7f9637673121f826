/**
 * What the reducers are told once, at the start: spans, choices, and the strategy.
 *
 * @since 0.1.0
 */
import type { PartiConfig } from "../model/PartiConfig.ts"
import type { AssignmentStrategy } from "../strategy/Strategy.ts"

/**
 * The configuration of one node: what users chose, as `PartiConfig` parsed it, and what the shell adds for this run.
 *
 * @category models
 * @since 0.1.0
 */
export interface Config extends PartiConfig {
  /** Unique to this run of this process: sessions are made from it. */
  readonly boot: string
  /** Feeds every choice that is drawn (ids, jitter), so that a run can be replayed. */
  readonly seed: number
  readonly strategy: AssignmentStrategy
}
