/** Tells what a group does, in lines that people can review: what matters to a reader, none of the heartbeats. */
import { assert } from "vitest"
import * as PartitionSet from "../../../src/model/PartitionSet.ts"
import { nobody, type Phase, type Plan } from "../../../src/model/Plan.ts"
import type { Command, Write } from "../../../src/protocol/Command.ts"
import type { Event } from "../../../src/protocol/Event.ts"
import type { Report } from "../../../src/protocol/Report.ts"
import type { State } from "../../../src/protocol/Node.ts"
import type { Step } from "../../../src/protocol/Step.ts"
import type { Entry, Value } from "./Store.ts"
import type { Listener, Process } from "./World.ts"

interface Line {
  readonly at: number
  readonly names: Array<string>
  readonly text: string
}

/** `Counts`: of each worker only how many partitions it has. */
export type Detail = "Partitions" | "Counts"

export class Narrator implements Listener {
  detail: Detail = "Partitions"
  private lines: Array<Line> = []
  private readonly open = new Set<string>()

  stepped(process: Process, event: Event, step: Step<State>, before: State): void {
    const say = (text: string) => this.say(event.at, process.name, text)
    if (event._tag === "WriteRejected" && event.reason === "NotApplied") say(`${event.write.purpose} was not applied`)
    if (event._tag === "WriteAccepted") this.open.delete(`${process.name} ${event.write.purpose}`)
    if (event._tag === "WriteUnknown") this.lost(process, event.write, event.at)
    const { entered } = step.state
    if (step.state !== before && entered.length > 0) say([before.manager, ...entered].join(" > "))
    if (before.connection.shown._tag !== step.state.connection.shown._tag) say(step.state.connection.shown._tag)
    for (const text of tell(step.commands)) say(text)
  }

  written(process: Process, write: Write, { value }: Entry, replaced: Value | null, at: number): void {
    const text = spell(write, value, replaced, this.detail)
    if (text !== null) this.say(at, process.name, text)
  }

  refused(process: Process, write: Write, at: number): void {
    this.say(at, process.name, `${write.purpose} is refused`)
  }

  /** What has been told since the last time. The same thing told of several workers at one instant is one line. */
  take(): ReadonlyArray<string> {
    const lines = this.lines.map(({ at, names, text }) => `${at} ${names.join(" ")}: ${text}`)
    this.lines = []
    return lines
  }

  /** That nobody knows is told once, until one of the kind is accepted. */
  private lost({ name }: Process, { purpose }: Write, at: number): void {
    const kind = `${name} ${purpose}`
    if (!this.open.has(kind)) this.say(at, name, `nobody knows what became of ${purpose}`)
    this.open.add(kind)
  }

  /** Nobody is named in a line above one that already tells of him: each worker's lines stay in order. */
  private say(at: number, name: string, text: string): void {
    const last = this.lines.findLastIndex((line) => line.names.includes(name))
    const same = this.lines.find((line, index) => index > last && line.at === at && line.text === text)
    if (same === undefined) this.lines.push({ at, names: [name], text })
    else same.names.push(name)
  }
}

export const showPlan = (plan: Plan, detail: Detail): string => {
  const { ids } = PartitionSet.of(plan.list.partitions)
  const places = ids.map((_, p) => p).sort((a, b) => ((ids[a] ?? "") < (ids[b] ?? "") ? -1 : 1))
  const seat = (index: number, name: string): string => {
    const mine = places.filter((p) => plan.owner[p] === index)
    if (detail === "Counts") {
      const going = mine.filter((p) => plan.next[p] !== index).length
      return `${name} ${mine.length}${going > 0 ? ` (${going} going)` : ""}`
    }
    const shown = mine.map((p) => {
      const next = plan.next[p] ?? nobody
      const token = index === nobody ? "" : `@${plan.token[p]}`
      const standby = plan.workers[plan.standby?.[p] ?? nobody]
      const moves = next === index ? "" : `>${plan.workers[next]?.id ?? "nobody"}`
      return `${ids[p]}${token}${moves}${standby === undefined ? "" : `/${standby.id}`}`
    })
    return `${name} ${shown.length === 0 ? "-" : shown.join(" ")}`
  }
  const rows = plan.workers.map(({ id, member, session }, index) => {
    const name = session === `${id}.1` ? id : `${id}(${session})`
    return seat(index, member ? name : `[${name}]`)
  })
  const orphans = plan.owner.includes(nobody) ? [seat(nobody, "nobody")] : []
  const recovering = plan.recovering ? ", recovering" : ""
  const table = [...rows, ...orphans].join(" | ")
  return `plan ${plan.epoch}/${plan.version} ${showPhase(plan.phase)}${recovering}: ${table === "" ? "nobody" : table}`
}

const showPhase = (phase: Phase): string => {
  switch (phase._tag) {
    case "Idle":
      return "Idle"
    case "Scaling":
      return `Scaling ${phase.reason} until ${phase.startedAt + phase.windowMs}`
    case "Rebalancing":
    case "Emergency":
      return `${phase._tag} ${phase.reason}`
  }
}

/** What was accepted, where it is more than a heartbeat. */
const spell = (write: Write, value: Value, replaced: Value | null, detail: Detail): string | null => {
  switch (value._tag) {
    case "Plan":
      return showPlan(value.plan, detail)
    case "Control":
      return `orders ${JSON.stringify(value.control)}`
    case "Leader":
      if (write.purpose === "Lead") return `leads, epoch ${value.record.epoch}`
      return write.purpose === "ReleaseLeader" ? "gives the office up" : null
    case "Worker": {
      const { applied, after, draining, session } = value.record
      const before = replaced?._tag === "Worker" && replaced.record.session === session ? replaced.record : null
      switch (write.purpose) {
        case "Claim":
          return `claims ${value.workerId} as ${session}${after === null ? "" : ` after ${after}`}`
        case "Release":
          return `releases ${value.workerId}`
        case "Evict":
          return `evicts ${value.workerId} ${session}`
        case "Fence":
          return `fences ${value.workerId} ${session}`
        case "Renew":
          if (before !== null && !before.draining && draining) return "is draining"
          return before !== null && before.applied.version !== applied.version ? `follows ${applied.version}` : null
        case "Lead":
        case "RenewLeader":
        case "ReleaseLeader":
        case "Plan":
        case "Control":
          return assert.fail(`${write.purpose} writes no worker`)
      }
    }
  }
}

const tell = (commands: ReadonlyArray<Command>): ReadonlyArray<string> => {
  const starts = commands.flatMap((one) => (one._tag === "StartPartition" ? `${one.partition}@${one.token}` : []))
  const stops = commands.flatMap((one) => (one._tag === "StopPartition" ? one : []))
  const reasons = [...new Set(stops.map((one) => one.reason))]
  return [
    ...reasons.map((reason) => {
      const names = stops.filter((one) => one.reason === reason).map((one) => one.partition)
      return `stops ${names.sort().join(" ")} (${reason})`
    }),
    ...(starts.length === 0 ? [] : [`starts ${starts.sort().join(" ")}`]),
    ...commands.flatMap((one) => {
      if (one._tag === "Report") return [`reports ${showReport(one.report)}`]
      if (one._tag === "ReadPartitions") return ["reads its partitions"]
      if (one._tag === "Halt") return [`halts ${JSON.stringify(one.outcome)}`]
      return []
    })
  ]
}

const showReport = ({ _tag, ...values }: Report): string => `${_tag} ${JSON.stringify(values)}`
