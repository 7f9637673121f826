/**
 * The configuration of each process.
 *
 * @since 0.1.0
 */
import { type Config, WorkerId } from "@parti/core/Protocol"
import * as Result from "effect/Result"
import type { Scenario } from "./Scenario.ts"
import * as Strategies from "./Strategies.ts"
import type { Slot, World } from "./World.ts"

/**
 * The configuration of the process that a machine starts now.
 *
 * @category constructors
 * @since 0.1.0
 */
export const make = (world: World, slot: Slot): Config => {
  const { scenario } = world
  const timing = slot.index % 2 === 0 ? scenario.timing : scenario.otherTiming
  const { leaseMs, marginMs } = timing
  return {
    group: "simulated",
    boot: `h${slot.index}b${slot.boots}`,
    seed: scenario.seed * 1009 + slot.index * 101 + slot.boots,
    workerId: slot.twinOf ?? (scenario.explicitIds ? workerId(slot.index) : null),
    workerIds: Array.from({ length: scenario.ids }, (_, index) => workerId(index)),
    instance: slot.instance,
    capacity: 1,
    maxPartitions: limitOf(scenario, slot.index),
    zone: scenario.strategy % 3 === 2 ? `zone-${slot.index % 2}` : null,
    version: null,
    ...timing,
    electionJitterMs: 200,
    coldStart: scenario.coldStart,
    ...scenario.windows,
    restartRatio: 0.5,
    settleAfterMs: scenario.settleAfterMs,
    expectedWorkers: scenario.knowsHowMany ? scenario.slots : null,
    gatherMs: 25,
    startupTimeoutMs: 4 * (leaseMs + marginMs) + 30_000,
    shutdownTimeoutMs: timing.drainTimeoutMs + timing.revokeTimeoutMs,
    candidates: scenario.candidates,
    onStoreLoss: scenario.onStoreLoss,
    degradedPreset: "balanced",
    degradedAfterMs: Math.round(leaseMs / 2),
    recoverAfterMs: timing.heartbeatIntervalMs * 2,
    strategy: Strategies.make(world)
  }
}

/**
 * How many partitions a machine takes: each third takes few in some worlds, and then too few for all of them.
 *
 * @category getters
 * @since 0.1.0
 */
export const limitOf = ({ strategy }: Scenario, index: number): number | null =>
  strategy % 4 === 3 && index % 3 === 2 ? strategy % 8 : null

const workerId = (index: number): WorkerId.WorkerId => Result.getOrThrow(WorkerId.parse(`worker-${index}`))
