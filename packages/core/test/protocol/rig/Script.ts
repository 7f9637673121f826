/**
 * Golden traces: a script and what came of it, in one file.
 *
 * A file opens with comments. Then come blocks of orders; what follows `----` is what the group did, rendered anew at each
 * run. All orders of a block are given at one instant; `run` lets time pass; `quietly` leaves out what the block led to.
 */
import { assert } from "vitest"
import type { PartiConfigInput } from "../../../src/model/PartiConfig.ts"
import type { ControlRecord } from "../../../src/model/Record.ts"
import type { Write } from "../../../src/protocol/Command.ts"
import { fromFunction } from "../../../src/strategy/Custom.ts"
import type { AssignmentStrategy } from "../../../src/strategy/Strategy.ts"
import { sticky } from "../../../src/strategy/Sticky.ts"
import { Narrator, showPlan } from "./Narrator.ts"
import * as Sample from "./Sample.ts"
import * as Store from "./Store.ts"
import { World, type Fate, type Process } from "./World.ts"

/** Runs the script of a file and renders the file anew. */
export const render = (text: string): string => {
  const stage = new Stage()
  const blocks = text.trim().split(/\n\n+/)
  return `${blocks.map((block) => stage.play(block)).join("\n\n")}\n`
}

type Options = Readonly<Record<string, string | number | boolean>>

class Stage {
  private readonly narrator = new Narrator()
  private readonly world = new World(this.narrator)
  private readonly boots = new Map<string, number>()
  private defaults: Options = {}
  private source = Sample.numbered(4)
  private strategy: AssignmentStrategy = sticky()

  play(block: string): string {
    const lines = block.split("\n")
    const orders = lines.slice(0, lines.includes("----") ? lines.indexOf("----") : lines.length)
    if (orders.every((line) => line.startsWith("#"))) return block
    const shown = orders.filter((line) => !line.startsWith("#")).flatMap((line) => this.give(line))
    this.world.run(0)
    const heard = this.narrator.take()
    const told = [...(orders.includes("quietly") ? [] : heard), ...shown.flatMap((show) => show())]
    return [...orders, "----", ...(told.length === 0 ? ["(nothing)"] : told)].join("\n")
  }

  /** Gives one order. What it returns is shown at the end of the block. */
  private give(line: string): ReadonlyArray<() => ReadonlyArray<string>> {
    const [order = "", ...words] = line.split(" ")
    const names = words.filter((word) => !word.includes("="))
    const options = Object.fromEntries(words.filter((word) => word.includes("=")).map(parseOption))
    const [first = "", second = "", third = ""] = names
    switch (order) {
      case "group":
        this.group(options)
        return []
      case "start":
        for (const name of names) this.start(name, options)
        return []
      case "run":
        this.world.run(milliseconds(first))
        return []
      case "kill":
        for (const name of names) this.world.kill(this.process(name))
        return []
      case "pause":
        for (const name of names) this.world.pause(this.process(name))
        return []
      case "wake":
        for (const name of names) this.world.wake(this.process(name))
        return []
      case "stop":
        this.world.stop(this.process(first), second === "restart" ? "restart" : "leave")
        return []
      case "quietly":
        return []
      case "show":
        return [() => this.show()]
      default:
        this.meddle(order, first, second, third)
        return []
    }
  }

  private meddle(order: string, first: string, second: string, third: string): void {
    switch (order) {
      case "fate":
        // A word of the script; one that is not known changes nothing, and the trace shows it.
        return this.world.fate(this.process(first), second as Write["purpose"], third as Fate)
      case "release":
        // As above.
        return this.world.release(this.process(first), second as Write["purpose"], third as "land" | "unknown" | "drop")
      case "slow":
        this.process(first).isSlow = true
        return
      case "end":
        return this.world.endHandlers(this.process(first))
      case "cut":
        this.process(first).isCut = true
        return
      case "mend":
        this.process(first).isCut = false
        this.world.listPlans(this.process(first))
        return this.world.listLive(this.process(first))
      case "vanish":
        return this.world.vanish(first === "plan" ? this.world.plans : this.world.live, second)
      case "lose":
        return this.world.lose(first === "plan" ? this.world.plans : this.world.live)
      case "partitions":
        return this.list(Number(first))
      case "strategy":
        this.strategy = first === "throws" ? throwing : sticky({ standby: first === "standby" })
        return
      case "order":
        return this.world.tell(this.process(first), { _tag: "ControlRequested", control: this.control(second, third) })
      default:
        return assert.fail(`there is no order ${order}`)
    }
  }

  private group({ partitions = 4, plans = "partitions", ...defaults }: Options): void {
    this.defaults = defaults
    this.source = Sample.numbered(Number(partitions))
    this.narrator.detail = plans === "counts" ? "Counts" : "Partitions"
  }

  /** A process bears its own name, unless it is told to draw one of a pool. */
  private start(name: string, given: Options): void {
    const { pool, ...options } = { ...this.defaults, ...given }
    const boot = (this.boots.get(name) ?? 0) + 1
    this.boots.set(name, boot)
    const named: PartiConfigInput =
      pool === undefined ? { workerId: name } : { workerIdPool: { prefix: "w", count: Number(pool) } }
    const config = Sample.config({
      group: "trace",
      ...named,
      // Options of the script are named as the configuration has them, and are checked by it.
      ...(options as Partial<PartiConfigInput>),
      boot: boot === 1 ? name : `${name}/${boot}`,
      seed: Number(name.replace(/\D/g, "")) + 100 * boot
    })
    const strategy: AssignmentStrategy = {
      name: "scripted",
      algoVersion: 1,
      assign: (input) => this.strategy.assign(input)
    }
    this.world.start(name, { ...config, strategy }, this.source)
  }

  private list(count: number): void {
    this.source = Sample.numbered(count)
    for (const process of this.world.processes) {
      process.source = this.source
      if (process.isLeader) this.world.tell(process, { _tag: "PartitionsListed", partitions: this.source })
    }
  }

  private control(order: string, about: string): ControlRecord {
    switch (order) {
      case "pause":
      case "resume":
        return { _tag: "Pause", paused: order === "pause" }
      case "rebalance":
        return { _tag: "Rebalance", serial: Number(about) }
      case "refresh":
        return { _tag: "Refresh", serial: Number(about) }
      default: {
        const { session } = this.world.view(this.process(about))
        return { _tag: "Drain", workerId: Sample.id(about), session: session ?? "", draining: order === "drain" }
      }
    }
  }

  private process(name: string): Process {
    const process = this.world.processes.findLast((one) => one.name === name)
    assert(process !== undefined, `there is no ${name}`)
    return process
  }

  private show(): ReadonlyArray<string> {
    const { now, plans, processes } = this.world
    const plan = plans.entries.get("plan")?.value
    const alive = processes.filter((one) => one.status !== "Gone")
    return [
      `now ${now}`,
      ...(plan?._tag === "Plan" ? [showPlan(plan.plan, this.narrator.detail)] : []),
      ...alive.map((one) => {
        const view = this.world.view(one)
        const runs = [...one.runs.keys()].sort()
        return `${one.name} ${view.state}${view.isLeader ? ", leads" : ""}, runs ${runs.length === 0 ? "nothing" : runs.join(" ")}`
      }),
      `live: ${Store.sorted(this.world.live).map(showEntry).join(", ")}`
    ]
  }
}

const showEntry = ({ key, value }: Store.Entry): string =>
  value._tag === "Worker" || value._tag === "Leader" ? `${key} ${value.record.state}` : key

const throwing = fromFunction("throwing", () => {
  throw new Error("out of luck")
})

const parseOption = (word: string): readonly [string, string | number | boolean] => {
  const [name = "", value = ""] = word.split("=")
  if (value === "true" || value === "false") return [name, value === "true"]
  return [name, value !== "" && Number.isFinite(Number(value)) ? Number(value) : value]
}

const milliseconds = (word: string): number => {
  const [, count = "", unit = "ms"] = /^(\d+)(ms|s|min)?$/.exec(word) ?? []
  assert(count !== "", `${word} is no span`)
  return Number(count) * (unit === "ms" ? 1 : unit === "s" ? 1000 : 60_000)
}
