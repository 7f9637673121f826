/**
 * How each kind of fault befalls a group.
 *
 * @since 0.1.0
 */
import type { StopIntent } from "@parti/core/Protocol"
import type { Fault } from "./Fault.ts"
import type { Group } from "./Group.ts"
import * as Network from "./Network.ts"
import * as Operator from "./Operator.ts"
import * as Random from "./Random.ts"
import * as Shell from "./Shell.ts"
import * as Source from "./Source.ts"
import * as Store from "./Store.ts"
import * as Tally from "./Tally.ts"
import { afterwards, processes, type Process, type Slot, type World } from "./World.ts"

/** A fault that is about to happen, with what it needs. */
interface Strike {
  readonly group: Group
  readonly fault: Fault
  readonly slot: Slot
  readonly process: Process | null
  readonly until: number
  readonly random: Random.Random
}

/**
 * Lets a fault happen now. Returns whether there was anything for it to befall. Nothing lasts beyond the end of the faulty
 * time.
 *
 * @category combinators
 * @since 0.1.0
 */
export const strike = (group: Group, fault: Fault): boolean => {
  const { world } = group
  const slot = world.slots[fault.slot]
  if (slot === undefined) return false
  const process = slot.process !== null && slot.process.status !== "Gone" ? slot.process : null
  const until = Math.min(world.now + fault.ms, world.scenario.faultyMs)
  const random = Random.make(fault.salt, fault.kind)
  return befall({ group, fault, slot, process, until, random })
}

const befall = (strike: Strike): boolean => {
  switch (strike.fault.kind) {
    case "Crash":
    case "MassCrash":
    case "LeaderCrash":
    case "StopToLeave":
    case "StopToRestart":
    case "Surge":
    case "Pause":
    case "Twin":
      return befallProcess(strike)
    case "LinkCut":
    case "StoreOutage":
    case "StoreRestart":
    case "LiveLost":
    case "PlanLost":
    case "BothLost":
    case "LiveSetBack":
    case "PlanSetBack":
    case "KeyVanished":
    case "KeyPurged":
    case "Garbled":
    case "WatchCut":
    case "Weather":
      return befallStore(strike)
    case "SlowHandlers":
    case "StuckHandlers":
    case "SourceChanged":
    case "SourceFailing":
    case "SourceOdd":
    case "SourceDiffering":
    case "StrategyBroken":
    case "Control":
    case "WallClockStep":
      return befallUser(strike)
  }
}

const befallProcess = (strike: Strike): boolean => {
  const { fault, group, process, random, until } = strike
  switch (fault.kind) {
    case "Crash":
      return process !== null && crash(group, process, until)
    case "MassCrash": {
      const share = random.pick([0.5, 0.7, 1])
      const chosen = processes(group.world).filter(() => random.chance(share))
      for (const one of chosen) crash(group, one, until)
      return chosen.length > 0
    }
    case "LeaderCrash":
      return ambush(strike, random.pick(phases), (leader) => crash(group, leader, until))
    case "StopToLeave":
      return aim(strike, (one) => stop(group, one, "leave", random))
    case "StopToRestart":
      return aim(strike, (one) => stop(group, one, "restart", random))
    case "Surge": {
      const idle = group.world.slots.filter((slot) => slot.process === null || slot.process.status === "Gone")
      const chosen = idle.filter(() => random.chance(0.7))
      for (const slot of chosen) Shell.boot(group, slot)
      return chosen.length > 0
    }
    case "Pause":
      if (process === null) return false
      Shell.pause(group, process, until)
      return true
    case "Twin":
      return twin(strike)
    default:
      return false
  }
}

/** Two processes want one id for a while, as when a new one is started before the old one has gone. */
const twin = ({ group, random, until }: Strike): boolean => {
  const { world } = group
  const [idle] = world.slots.filter((slot) => slot.process === null || slot.process.status === "Gone")
  const [first, ...rest] = processes(world).flatMap((one) => world.reducers.view(one.state, one.lastAt).workerId ?? [])
  if (idle === undefined || first === undefined) return false
  idle.twinOf = random.pick([first, ...rest])
  Shell.boot(group, idle)
  afterwards(world, until, () => {
    idle.twinOf = null
    if (idle.process !== null) Shell.kill(group, idle.process)
  })
  return true
}

const crash = (group: Group, process: Process, until: number): boolean => {
  Shell.kill(group, process)
  // Some come back before their lease is over, some much later, some never.
  if (process.slot.random.chance(0.8)) afterwards(group.world, until, () => Shell.boot(group, process.slot))
  return true
}

const phases = ["Idle", "Scaling", "Rebalancing", "Emergency"] as const

/**
 * What counts the leaders that were lost, or told to stop, in a phase.
 *
 * @category combinators
 * @since 0.1.0
 */
export const lostIn = (phase: string): string => `leader lost in ${phase}`

/** Waits until the group is in a phase, and then does something to its leader. */
const ambush = (strike: Strike, phase: string, act: (leader: Process) => boolean): boolean => {
  const { group, until } = strike
  const { plans, world } = group
  if (world.now >= until) return false
  const leader = processes(world).find((one) => world.reducers.view(one.state, one.lastAt).isLeader)
  if (leader !== undefined && plans.newest?.phase._tag === phase) {
    Tally.count(world.tally.world, lostIn(phase))
    return act(leader)
  }
  afterwards(world, world.now + world.random.between(1, 100), () => void ambush(strike, phase, act))
  return true
}

/** What befalls one process: at times the leader, in a phase of its choice. */
const aim = (strike: Strike, act: (process: Process) => boolean): boolean => {
  if (strike.random.chance(0.3)) return ambush(strike, strike.random.pick(phases), act)
  return strike.process !== null && act(strike.process)
}

const stop = (group: Group, process: Process, intent: StopIntent, random: Random.Random): boolean => {
  const { world } = group
  Shell.tell(group, process, { _tag: "StopRequested", intent })
  // Whoever started it waits for it only so long, as every supervisor does.
  const patienceMs = process.config.shutdownTimeoutMs + 5000
  afterwards(world, world.now + patienceMs, () => Shell.kill(group, process))
  if (random.chance(intent === "restart" ? 0.8 : 0.5)) {
    afterwards(world, world.now + random.between(100, patienceMs + 10_000), () => Shell.boot(group, process.slot))
  }
  return true
}

const befallStore = (strike: Strike): boolean => {
  const { fault, group, random, slot, until } = strike
  const { store, world } = group
  switch (fault.kind) {
    case "LinkCut": {
      const directions = random.pick<ReadonlyArray<Network.Direction>>([
        ["toStore"],
        ["fromStore"],
        ["toStore", "fromStore"]
      ])
      Network.cut(store.watches.network, slot.index, directions, until)
      if (!world.scenario.buffers) Store.cutAll(world, store, (watch) => watch.process.slot === slot)
      return true
    }
    case "StoreOutage":
      Store.away(world, store, until)
      return true
    case "StoreRestart":
      Store.away(world, store, Math.min(until, world.now + random.between(200, 8000)))
      return true
    case "LiveLost":
      Store.lose(world, store, world.live)
      return true
    case "PlanLost":
      Store.lose(world, store, world.plan)
      return true
    case "BothLost":
      Store.lose(world, store, world.live)
      Store.lose(world, store, world.plan)
      return true
    case "LiveSetBack":
      Store.setBack(world, store, world.live)
      return true
    case "PlanSetBack":
      Store.setBack(world, store, world.plan)
      return true
    case "KeyVanished":
      return vanish(world, store, random, true)
    case "KeyPurged":
      return vanish(world, store, random, false)
    case "Garbled":
      return garble(strike)
    case "WatchCut":
      Store.cutAll(world, store, (watch) => random.chance(0.3) || watch.process.slot === slot)
      return true
    case "Weather":
      Network.storm(store.watches.network, until, random)
      return true
    default:
      return false
  }
}

const vanish = (world: World, store: Store.Store, random: Random.Random, isNoticed: boolean): boolean => {
  const [first, ...rest] = world.live.entries.keys()
  if (first === undefined) return false
  Store.vanish(world, store, random.pick([first, ...rest]), isNoticed)
  return true
}

const garble = ({ group, random, until }: Strike): boolean => {
  const { store, world } = group
  const bucket = random.chance(0.3) ? world.plan : world.live
  const keys = [...bucket.entries.keys()].filter((key) => !key.startsWith("partitions.") && !key.startsWith("control."))
  const [first, ...rest] = keys
  if (first === undefined) return false
  const key = random.pick([first, ...rest])
  const before = bucket.entries.get(key)?.value
  if (before === undefined || before._tag === "Garbage") return false
  const { life } = bucket
  Store.overwrite(world, store, bucket, key, { _tag: "Garbage" })
  afterwards(world, until, () => {
    const isStillThere = bucket.life === life && bucket.entries.get(key)?.value._tag === "Garbage"
    if (isStillThere) Store.overwrite(world, store, bucket, key, before)
  })
  return true
}

const befallUser = (strike: Strike): boolean => {
  const { fault, group, random, slot, until } = strike
  const { world } = group
  switch (fault.kind) {
    case "SlowHandlers":
      slot.habits.slowUntil = until
      return true
    case "StuckHandlers":
      slot.habits.stuckUntil = until
      return true
    case "SourceChanged":
      Source.change(world, fault.salt)
      return true
    case "SourceFailing":
      if (random.chance(0.5)) world.source.failsUntil = until
      else slot.sourceFailsUntil = until
      return true
    case "SourceOdd":
      slot.sourceOddUntil = until
      slot.oddity = fault.salt
      return true
    case "SourceDiffering":
      slot.sourceDiffersUntil = until
      return true
    case "StrategyBroken":
      world.source.isBrokenUntil = until
      return true
    case "Control":
      return aim(strike, (process) => Operator.order(group, process, random))
    case "WallClockStep":
      slot.clock.step(random.between(-3000, 1000))
      return true
    default:
      return false
  }
}
