/**
 * Facts, orders and choices as people read them in a trace.
 *
 * @since 0.1.0
 */
import {
  type Command,
  type Fact,
  type LeaderRecord,
  Partition,
  Plan,
  type Session,
  type WorkerRecord,
  type Write
} from "@parti/core/Protocol"
import type { Choice } from "./Action.ts"
import type { Value } from "./World.ts"

/**
 * A fact that a process takes up.
 *
 * @category formatting
 * @since 0.1.0
 */
export const fact = (one: Fact): string => {
  switch (one._tag) {
    case "WorkerObserved":
      return `${one.workerId} @${one.revision} ${worker(one.record)}`
    case "LeaderObserved":
      return `leader @${one.revision} ${leader(one.record)}`
    case "PlanObserved":
      return `plan @${one.revision} ${plan(one.plan)}`
    case "WriteAccepted":
      return `${write(one.write)} accepted @${one.revision}`
    case "WriteRejected":
      return `${write(one.write)} refused`
    case "WriteUnknown":
      return `${write(one.write)} unanswered`
    case "PartitionEnded":
      return `${one.partition} (${one.token}) has ended`
    case "PartitionsListed":
      return `the source lists ${one.partitions.map(Partition.id).join(" ")}`
    case "LiveOpened":
    case "PlanOpened":
      return `watch of ${one.incarnation} begins`
    case "LiveSynced":
    case "PlanSynced":
    case "Started":
    case "TimerFired":
    case "ControlObserved":
    case "RecordUndecodable":
    case "PartitionsFailed":
    case "ControlRequested":
    case "StopRequested":
      return one._tag
  }
}

/**
 * An order of a node.
 *
 * @category formatting
 * @since 0.1.0
 */
export const order = (one: Command): string => {
  switch (one._tag) {
    case "WriteWorker":
      return `${write(one.write)} over @${one.write.expected}: ${one.workerId} ${worker(one.record)}`
    case "WriteLeader":
      return `${write(one.write)} over @${one.write.expected}: leader ${leader(one.record)}`
    case "WritePlan":
      return `${write(one.write)} over @${one.write.expected}: plan ${plan(one.plan)}`
    case "StartPartition":
      return `start ${one.partition} (${one.token})`
    case "StopPartition":
      return `stop ${one.partition} (${one.token}): ${one.reason}`
    case "Watch":
      return `watch ${one.scope._tag === "Whole" ? "all" : one.scope.workerId}`
    case "SetTimer":
      return `timer in ${one.at} ms`
    case "Halt":
    case "ReadPartitions":
    case "RemoveLists":
    case "Report":
    case "WriteControl":
      return one._tag
  }
}

/**
 * What happens.
 *
 * @category formatting
 * @since 0.1.0
 */
export const choice = (one: Choice): string => {
  switch (one._tag) {
    case "Hold":
      return `what comes next is held up (${one.price})`
    case "Land":
    case "Drop":
      return `${one._tag} ${write(one.request.write)} of s${one.request.slot}: ${value(one.request.value)}`
    case "Deliver":
      return `s${one.slot}: what was held up comes: ${fact(one.mail.fact)}`
    case "Show":
      return `s${one.slot}: the watch of ${one.bucket} goes on`
    case "Vanish":
      return `key ${one.key} vanishes${one.isShown ? "" : ", and no watch shows it"}`
    case "Stop":
      return `s${one.slot}: stop (${one.intent})`
    case "Crash":
    case "Pause":
    case "Resume":
    case "Cut":
    case "Heal":
    case "Boot":
      return `s${one.slot}: ${one._tag}`
    case "Go":
    case "Pass":
    case "Lose":
    case "Mute":
    case "Late":
    case "LoseLive":
    case "LosePlan":
    case "Order":
    case "Source":
      return one._tag
  }
}

const value = (one: Value): string => {
  switch (one._tag) {
    case "Leader":
      return leader(one.record)
    case "Plan":
      return plan(one.plan)
    case "Worker":
      return `${one.workerId} ${worker(one.record)}`
  }
}

const write = ({ purpose, serial }: Write): string => `${purpose} #${serial}`

const worker = (record: WorkerRecord | null): string =>
  record === null
    ? "gone"
    : `${record.state} ${record.session}${record.after === null ? "" : ` after ${record.after}`} attempt ${record.attempt}` +
      ` applied ${record.applied.epoch}/${record.applied.version}${record.draining ? " draining" : ""}`

const leader = (record: LeaderRecord | null): string =>
  record === null ? "gone" : `${record.state} ${record.session} epoch ${record.epoch} attempt ${record.attempt}`

const plan = (one: Plan.Plan | null): string => {
  if (one === null) return "gone"
  const sessionOf = (seat: number | undefined): Session => one.workers[seat ?? Plan.nobody]?.session ?? "nobody"
  const places = one.list.partitions.map((partition, p) => {
    const [owner, next] = [sessionOf(one.owner[p]), sessionOf(one.next[p])]
    return `${Partition.id(partition)}: ${owner}${owner === next ? "" : ` → ${next}`} (${one.token[p]})`
  })
  const members = one.workers.map((seat) => `${seat.session}${seat.member ? "" : "?"}`)
  const recovering = one.recovering ? " recovering" : ""
  return `${one.epoch}/${one.version} ${one.phase._tag}${recovering} of [${members.join(" ")}] {${places.join(", ")}}`
}
