/**
 * The small worlds that are searched.
 *
 * @since 0.1.0
 */
import * as Scenario from "./Scenario.ts"

/**
 * A small world for each thing that may befall a group, in turn with whatever else makes it worse.
 *
 * @category constants
 * @since 0.1.0
 */
export const all: ReadonlyArray<Scenario.Scenario> = [
  Scenario.make("weather", {}, { total: 2, lose: 1, mute: 1, late: 1, slow: 1, lag: 1, crash: 1, boot: 1 }),
  Scenario.make("start", { settled: 0 }, { total: 2, lose: 1, mute: 1, late: 1, slow: 1, crash: 1, pause: 1, boot: 1 }),
  Scenario.make(
    "handoff",
    { moves: true },
    { total: 2, mute: 1, late: 1, lag: 1, linger: 1, crash: 1, pause: 1, order: 2 }
  ),
  Scenario.make(
    "join",
    { slots: 3, settled: 2, partitions: 3 },
    { total: 2, late: 1, lag: 1, linger: 1, crash: 1, pause: 1, boot: 1 }
  ),
  Scenario.make(
    "leave",
    { partitions: 2 },
    { total: 2, mute: 1, late: 1, lag: 1, linger: 1, crash: 1, boot: 1, leave: 1, restart: 1 }
  ),
  Scenario.make("pause", { partitions: 2 }, { total: 2, pause: 2, late: 1, mute: 1, lag: 1, slow: 1 }),
  Scenario.make("cut", { partitions: 2 }, { total: 2, cut: 2, linger: 1, pause: 1, lag: 1, late: 1 }),
  Scenario.make("terms", { slots: 3, candidates: 3 }, { total: 2, crash: 2, pause: 1, late: 1, lag: 1, boot: 1 }),
  Scenario.make("lost live", {}, { total: 2, live: 1, crash: 1, pause: 1, late: 1, lag: 1, boot: 1 }),
  Scenario.make("lost plan", {}, { total: 2, plan: 1, crash: 1, pause: 1, late: 1, lag: 1, linger: 1, boot: 1 }),
  Scenario.make("vanished", { ids: 2 }, { total: 2, vanish: 1, crash: 1, pause: 1, cut: 1, late: 1, boot: 1 }),
  Scenario.make(
    "one id",
    { ids: 1, slots: 2, settled: 1, remembersId: false },
    { total: 2, crash: 1, pause: 1, cut: 1, late: 1, mute: 1, lag: 1, boot: 2, restart: 1 }
  ),
  Scenario.make(
    "source",
    { partitions: 2 },
    { total: 2, late: 1, mute: 1, lag: 1, linger: 1, undecided: 1, crash: 1, pause: 1, source: 2 }
  ),
  Scenario.make(
    "mixed leases",
    { longLease: 0 },
    { total: 2, crash: 1, pause: 1, cut: 1, late: 1, mute: 1, lag: 1, boot: 1 }
  )
]
