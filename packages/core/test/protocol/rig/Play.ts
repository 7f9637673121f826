/** What may befall a group, drawn at random: to reach many states, and to see that it comes to rest. */
import fc from "fast-check"
import { assert } from "vitest"
import type { Write } from "../../../src/protocol/Command.ts"
import type { Config } from "../../../src/protocol/Config.ts"
import * as Sample from "./Sample.ts"
import { World, type Fate, type Listener, type Process } from "./World.ts"

export type Act =
  | { readonly _tag: "Run"; readonly ms: number }
  | { readonly _tag: "Start"; readonly who: number }
  | { readonly _tag: "Stop"; readonly who: number; readonly leaves: boolean }
  | { readonly _tag: "Kill" | "Pause" | "Wake" | "Cut" | "Mend" | "Slow" | "End" | "Vanish"; readonly who: number }
  | { readonly _tag: "Fate"; readonly who: number; readonly purpose: Write["purpose"]; readonly fate: Fate }
  | { readonly _tag: "Release"; readonly who: number; readonly how: "land" | "unknown" | "drop" }
  | { readonly _tag: "List"; readonly count: number }
  | {
      readonly _tag: "Order"
      readonly who: number
      readonly order: "pause" | "resume" | "rebalance" | "refresh" | "drain"
    }
  | { readonly _tag: "Lose"; readonly bucket: "live" | "plan" }

const workers = 4

const who = fc.nat(workers - 1)

export const purpose = fc.constantFrom<Write["purpose"]>(
  ...(["Claim", "Renew", "Release", "Evict", "Fence", "Lead", "RenewLeader", "ReleaseLeader", "Plan"] as const)
)

const act: fc.Arbitrary<Act> = fc.oneof(
  {
    weight: 36,
    arbitrary: fc.record({ _tag: fc.constant("Run"), ms: fc.constantFrom(10, 300, 2_000, 6_000, 15_000) })
  },
  { weight: 12, arbitrary: fc.record({ _tag: fc.constant("Start"), who }) },
  { weight: 6, arbitrary: fc.record({ _tag: fc.constant("Stop"), who, leaves: fc.boolean() }) },
  {
    weight: 18,
    arbitrary: fc.record({
      _tag: fc.constantFrom("Kill", "Pause", "Wake", "Wake", "Cut", "Mend", "Mend", "Slow", "End", "Vanish"),
      who
    })
  },
  {
    weight: 15,
    arbitrary: fc.record({
      _tag: fc.constant("Fate"),
      who,
      purpose,
      fate: fc.constantFrom<Fate>("hold", "late", "lose", "drop", "refuse")
    })
  },
  {
    weight: 9,
    arbitrary: fc.record({ _tag: fc.constant("Release"), who, how: fc.constantFrom("land", "unknown", "drop") })
  },
  { weight: 3, arbitrary: fc.record({ _tag: fc.constant("List"), count: fc.nat(6) }) },
  {
    weight: 6,
    arbitrary: fc.record({
      _tag: fc.constant("Order"),
      who,
      order: fc.constantFrom("pause", "resume", "rebalance", "refresh", "drain")
    })
  },
  { weight: 1, arbitrary: fc.record({ _tag: fc.constant("Lose"), bucket: fc.constantFrom("live", "plan") }) }
)

export const play: fc.Arbitrary<ReadonlyArray<Act>> = fc.array(act, { minLength: 5, maxLength: 40 })

/** One machine each: its name is its id, or it draws one of a pool. */
const configs = (name: string, boot: number, usesPool: boolean): Config =>
  Sample.config({
    group: "play",
    preset: "development",
    electionJitterMs: 50,
    boot: `${name}-${boot}`,
    seed: boot,
    ...(usesPool ? { workerIdPool: { prefix: "p", count: 6 }, instance: name } : { workerId: name })
  })

export class Stage {
  readonly world: World
  private boots = 0
  private serial = 0
  private source = Sample.numbered(4)
  private readonly usesPool: boolean

  constructor(usesPool: boolean, listener: Listener = {}) {
    this.usesPool = usesPool
    this.world = new World(listener)
    for (let i = 0; i < 3; i++) this.start(i)
    this.world.run(3_000)
  }

  perform(one: Act): void {
    const { world } = this
    switch (one._tag) {
      case "Run":
        return world.run(one.ms)
      case "Start":
        return this.start(one.who)
      case "List":
        return this.list(one.count)
      case "Lose":
        return world.lose(one.bucket === "live" ? world.live : world.plans)
      default: {
        const process = world.processes.findLast(({ name }) => name === `w${one.who}`)
        if (process !== undefined && process.status !== "Gone") this.meddle(process, one)
      }
    }
  }

  /** All that was done to anybody is undone, two are there at least, and time passes. */
  calm(): void {
    const { world } = this
    for (const process of world.processes) {
      if (process.status === "Gone") continue
      process.fates.splice(0)
      process.isSlow = false
      for (let held = process.held[0]; held !== undefined; held = process.held[0]) {
        world.release(process, held.command.write.purpose, "land")
      }
      if (process.isCut) this.mend(process)
      if (process.status === "Paused") world.wake(process)
      world.endHandlers(process)
      world.tell(process, { _tag: "ControlRequested", control: { _tag: "Pause", paused: false } })
    }
    for (const i of [0, 1]) this.start(i)
    if (this.source.length === 0) this.list(4)
    world.run(90_000)
  }

  private start(index: number): void {
    const name = `w${index}`
    const living = this.world.processes.some((one) => one.name === name && one.status !== "Gone")
    if (living) return
    this.boots += 1
    this.world.start(name, configs(name, this.boots, this.usesPool), this.source)
  }

  private list(count: number): void {
    this.source = Sample.numbered(count)
    for (const process of this.world.processes) {
      process.source = this.source
      if (process.isLeader) this.world.tell(process, { _tag: "PartitionsListed", partitions: this.source })
    }
  }

  private mend(process: Process): void {
    process.isCut = false
    this.world.listPlans(process)
    this.world.listLive(process)
  }

  private meddle(process: Process, one: Exclude<Act, { readonly _tag: "Run" | "Start" | "List" | "Lose" }>): void {
    const { world } = this
    switch (one._tag) {
      case "Stop":
        return world.stop(process, one.leaves ? "leave" : "restart")
      case "Kill":
        return world.kill(process)
      case "Pause":
        return world.pause(process)
      case "Wake":
        if (process.status === "Paused") world.wake(process, one.who % 2 === 0 ? "TimerFirst" : "TimerLast")
        return
      case "Cut":
        process.isCut = true
        return
      case "Mend":
        if (process.isCut) this.mend(process)
        return
      case "Slow":
        process.isSlow = true
        return
      case "End":
        process.isSlow = false
        return world.endHandlers(process)
      case "Vanish": {
        const { workerId } = world.view(process)
        if (workerId !== null && world.live.entries.has(`worker.${workerId}`)) {
          world.vanish(world.live, `worker.${workerId}`)
        }
        return
      }
      case "Fate":
        return world.fate(process, one.purpose, one.fate)
      case "Release": {
        const [held] = process.held
        if (held !== undefined) world.release(process, held.command.write.purpose, one.how)
        return
      }
      case "Order":
        return this.order(process, one.order)
    }
  }

  private order(process: Process, order: "pause" | "resume" | "rebalance" | "refresh" | "drain"): void {
    const { world } = this
    this.serial += 1
    const { session, workerId } = world.view(process)
    switch (order) {
      case "pause":
      case "resume":
        return world.tell(process, { _tag: "ControlRequested", control: { _tag: "Pause", paused: order === "pause" } })
      case "rebalance":
        return world.tell(process, { _tag: "ControlRequested", control: { _tag: "Rebalance", serial: this.serial } })
      case "refresh":
        return world.tell(process, { _tag: "ControlRequested", control: { _tag: "Refresh", serial: this.serial } })
      case "drain":
        if (session === null || workerId === null) return
        return world.tell(process, {
          _tag: "ControlRequested",
          control: { _tag: "Drain", workerId, session, draining: this.serial % 2 === 0 }
        })
    }
  }
}

/** Somebody leads, nothing is under way, every partition runs exactly once, under the token that the plan names. */
export const assertAtRest = (world: World): void => {
  const { newest, processes } = world
  const living = processes.filter((one) => one.status === "Running")
  assert.lengthOf(
    living.filter((one) => world.view(one).isLeader),
    1,
    "one leads"
  )
  assert.deepStrictEqual([newest.phase._tag, newest.recovering], ["Idle", false], `plan ${newest.version}`)
  assert.deepStrictEqual(newest.next, newest.owner)
  const runs = living.flatMap((one) => [...one.runs.values()])
  assert.deepStrictEqual(
    [...runs].sort(ascending),
    [...newest.token].sort(ascending),
    "what runs is what the plan says"
  )
}

const ascending = (a: number, b: number): number => a - b
