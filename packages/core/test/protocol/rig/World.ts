/**
 * Several nodes on one exact store, driven by hand through `Node.transition`. Time stands still unless `run` moves it; every
 * write is answered at once unless the test says what becomes of it. There are no faults but those that are asked for.
 *
 * At every step the world checks that nothing it hands in is changed, that what a node says holds (`Invariants`), and that
 * no two sessions run one partition.
 */
import { assert } from "vitest"
import type { Partition, PartitionId } from "../../../src/model/Partition.ts"
import type { Plan } from "../../../src/model/Plan.ts"
import type { Command, Write } from "../../../src/protocol/Command.ts"
import type { Config } from "../../../src/protocol/Config.ts"
import type { Event, Fact, StopIntent } from "../../../src/protocol/Event.ts"
import * as Invariants from "../../../src/protocol/Invariants.ts"
import * as Node from "../../../src/protocol/Node.ts"
import type { Step } from "../../../src/protocol/Step.ts"
import type { NodeView } from "../../../src/protocol/View.ts"
import { frozen } from "./Frozen.ts"
import { isStill, make, type Fate, type Process } from "./Process.ts"
import * as Store from "./Store.ts"

export type { Fate, Process }

/** What the world tells whoever listens. */
export interface Listener {
  readonly stepped?: (process: Process, event: Event, step: Step<Node.State>, before: Node.State) => void
  readonly written?: (
    process: Process,
    write: Write,
    entry: Store.Entry,
    replaced: Store.Value | null,
    at: number
  ) => void
  /** A compare-and-set that came too late. */
  readonly refused?: (process: Process, write: Write, at: number) => void
}

/** More facts at one instant than any group of this size has: something goes in circles. */
const patience = 20_000

export class World {
  now = 0
  readonly live = Store.make("live")
  readonly plans = Store.make("plan")
  readonly processes: Array<Process> = []
  listener: Listener
  /** Plans that were accepted, in order. */
  readonly history: Array<Plan> = []
  private readonly queue: Array<{ readonly process: Process; readonly fact: Fact }> = []
  private readonly later: Array<{ readonly at: number; readonly process: Process; readonly fact: Fact }> = []

  constructor(listener: Listener = {}) {
    this.listener = listener
  }

  /** A process starts; nothing is taken up before `run`. */
  start(name: string, config: Config, source: ReadonlyArray<Partition> | null = null): Process {
    const process = make(name, config, source)
    this.processes.push(process)
    this.tell(process, { _tag: "Started" })
    this.listPlans(process)
    return process
  }

  tell(process: Process, fact: Fact): void {
    this.queue.push({ process, fact })
  }

  stop(process: Process, intent: StopIntent): void {
    this.tell(process, { _tag: "StopRequested", intent })
  }

  kill(process: Process): void {
    process.status = "Gone"
    process.runs.clear()
    process.ending.clear()
  }

  pause(process: Process): void {
    process.status = "Paused"
  }

  /** What has arrived meanwhile is taken up: a timer that is due before all else, or after it. */
  wake(process: Process, order: "TimerFirst" | "TimerLast" = "TimerFirst"): void {
    process.status = "Waking"
    const isDue = process.timerAt !== null && process.timerAt <= this.now
    if (isDue) process.timerAt = null
    const timer: ReadonlyArray<Fact> = isDue ? [{ _tag: "TimerFired" }] : []
    const waiting = process.inbox.splice(0)
    for (const fact of order === "TimerFirst" ? [...timer, ...waiting] : [...waiting, ...timer])
      this.tell(process, fact)
  }

  /** What becomes of the next write of this purpose. */
  fate(process: Process, purpose: Write["purpose"], fate: Fate): void {
    process.fates.push({ purpose, fate })
  }

  /** The first write on its way, of this purpose: lands, or stays open, and the answer comes. */
  release(process: Process, purpose: Write["purpose"], how: "land" | "unknown" | "drop" = "land"): void {
    const held = process.held.find((one) => one.command.write.purpose === purpose)
    assert(held !== undefined, `${process.name} has no ${purpose} on its way`)
    if (how === "unknown") {
      if (!held.isAnswered) this.tell(process, { _tag: "WriteUnknown", write: held.command.write })
      held.isAnswered = true
      return
    }
    process.held.splice(process.held.indexOf(held), 1)
    if (how === "drop") return
    if (!held.hasLanded) held.answer = this.land(process, held.command, held.isAnswered)
    else if (held.answer !== null && !held.isAnswered) this.tell(process, held.answer)
  }

  /** Handlers that were told to stop come to their end. */
  endHandlers(process: Process): void {
    for (const [partition, token] of process.ending) this.ended(process, partition, token)
  }

  /** A key goes, with notice to those who watch. */
  vanish(bucket: Store.Bucket, key: string): void {
    const before = bucket.entries.get(key)
    assert(before !== undefined, `there is no ${key}`)
    const revision = Store.remove(bucket, key)
    for (const process of this.processes) this.show(process, { ...before, revision }, true)
  }

  /** A bucket is lost and made again, empty; every watch opens anew. */
  lose(bucket: Store.Bucket): void {
    Store.lose(bucket)
    for (const process of this.processes) {
      if (bucket === this.plans) this.listPlans(process)
      else this.listLive(process)
    }
  }

  /** Somebody else writes, whatever is there. */
  put(bucket: Store.Bucket, value: Store.Value): void {
    this.wrote(Store.put(bucket, value))
  }

  run(ms: number): void {
    const until = this.now + ms
    this.settle()
    for (let at = this.dueAt(); at <= until; at = this.dueAt()) {
      this.now = Math.max(this.now, at)
      for (const one of this.later.filter(({ at: due }) => due <= this.now)) {
        this.later.splice(this.later.indexOf(one), 1)
        this.tell(one.process, one.fact)
      }
      for (const process of this.processes) {
        if (isStill(process) || process.timerAt === null || process.timerAt > this.now) continue
        process.timerAt = null
        this.tell(process, { _tag: "TimerFired" })
      }
      this.settle()
    }
    this.now = until
  }

  view(process: Process): NodeView {
    return Node.view(process.state, this.now)
  }

  get newest(): Plan {
    const plan = this.history.at(-1)
    assert(plan !== undefined, "no plan was written yet")
    return plan
  }

  private dueAt(): number {
    const timers = this.processes.flatMap((one) => (!isStill(one) && one.timerAt !== null ? one.timerAt : []))
    return Math.min(...timers, ...this.later.map((one) => one.at), Number.POSITIVE_INFINITY)
  }

  private settle(): void {
    let steps = 0
    for (let one = this.queue.shift(); one !== undefined; one = this.queue.shift()) {
      assert(++steps < patience, `the group is still busy after ${patience} facts at ${this.now}`)
      if (one.process.status === "Paused") one.process.inbox.push(one.fact)
      else if (one.process.status !== "Gone") this.take(one.process, one.fact)
    }
  }

  /** The process takes one fact up now, before all that waits. */
  take(process: Process, fact: Fact): Step<Node.State> {
    const event: Event = frozen({ ...fact, at: this.now, wall: this.now })
    const before = process.state
    const step = frozen(Node.transition(process.config, before, event))
    assert.isNull(Invariants.ofStep(process.config, before, event, step), `${process.name} at ${this.now}`)
    process.state = step.state
    process.status = "Running"
    this.listener.stepped?.(process, event, step, before)
    for (const command of step.commands) this.carryOut(process, command)
    for (const partition of process.runs.keys()) this.checkAlone(process, partition)
    this.followSource(process)
    return step
  }

  /** Only who leads follows its source of partitions, and it asks when it takes the office. */
  private followSource(process: Process): void {
    const { isLeader } = this.view(process)
    if (isLeader && !process.isLeader && process.source !== null) {
      this.tell(process, { _tag: "PartitionsListed", partitions: process.source })
    }
    process.isLeader = isLeader
  }

  private carryOut(process: Process, command: Command): void {
    switch (command._tag) {
      case "SetTimer":
        assert.isAbove(command.at, this.now, `${process.name} sets a timer that is due already`)
        process.timerAt = command.at
        return
      case "Watch":
        process.scope = command.scope
        process.serial = command.serial
        return this.listLive(process)
      case "StartPartition":
        return this.begin(process, command.partition, command.token)
      case "StopPartition":
        assert.strictEqual(process.runs.get(command.partition), command.token, `${command.partition} runs here`)
        return this.stopHandler(process, command.partition, command.token)
      case "ReadPartitions":
        if (process.source !== null) this.tell(process, { _tag: "PartitionsListed", partitions: process.source })
        return
      case "Halt":
        this.kill(process)
        return
      case "RemoveLists":
      case "Report":
        return
      case "WriteWorker":
      case "WriteLeader":
      case "WritePlan":
      case "WriteControl":
        return this.write(process, command)
    }
  }

  /** Told again, a handler that has not ended yet ends no more than once. */
  private stopHandler(process: Process, partition: PartitionId, token: number): void {
    process.ending.set(partition, token)
    if (!process.isSlow) this.ended(process, partition, token)
  }

  private begin(process: Process, partition: PartitionId, token: number): void {
    assert.isFalse(process.runs.has(partition), `${partition} starts in ${process.name} and runs there already`)
    process.runs.set(partition, token)
  }

  /** S1. Nobody vouches for a process that stands still, or for a handler that goes on after the lease has ended. */
  private checkAlone(process: Process, partition: PartitionId): void {
    const others = this.processes.filter(
      (one) =>
        one !== process && one.status === "Running" && one.runs.has(partition) && this.isVouchedFor(one, partition)
    )
    if (others.length === 0 || !this.isVouchedFor(process, partition)) return
    assert.fail(`S1: ${partition} runs in ${process.name} and ${others[0]?.name} at ${this.now}`)
  }

  private isVouchedFor(process: Process, partition: PartitionId): boolean {
    const { claim } = process.state
    return !process.ending.has(partition) || (claim._tag === "Held" && this.now < claim.lease.heldUntil)
  }

  private ended(process: Process, partition: PartitionId, token: number): void {
    process.runs.delete(partition)
    process.ending.delete(partition)
    this.tell(process, { _tag: "PartitionEnded", partition, token })
  }

  private write(process: Process, command: Store.WriteCommand): void {
    const { write } = command
    const index = process.fates.findIndex((one) => one.purpose === write.purpose)
    const fate = process.isCut ? "drop" : process.fates.splice(index, index < 0 ? 0 : 1)[0]?.fate
    const timeOut = () => this.after(process, process.config.requestTimeoutMs, { _tag: "WriteUnknown", write })
    switch (fate) {
      case undefined:
        return void this.land(process, command, false)
      case "refuse":
        return this.tell(process, { _tag: "WriteRejected", write, reason: "NotApplied" })
      case "drop":
        return timeOut()
      case "lose":
        this.land(process, command, true)
        return timeOut()
      case "hold":
        process.held.push({ command, answer: null, hasLanded: false, isAnswered: false })
        return
      case "late":
        process.held.push({ command, answer: this.land(process, command, true), hasLanded: true, isAnswered: false })
        return
    }
  }

  private after(process: Process, ms: number, fact: Fact): void {
    this.later.push({ at: this.now + ms, process, fact })
  }

  /** Tries the write now. The writer hears of it before anybody sees it, unless the answer is kept. */
  private land(process: Process, command: Store.WriteCommand, isKept: boolean): Fact {
    const { write } = command
    const bucket = command._tag === "WritePlan" || command._tag === "WriteControl" ? this.plans : this.live
    const value = Store.valueOf(command)
    const replaced = bucket.entries.get(Store.keyOf(value))?.value ?? null
    const entry =
      command._tag === "WriteControl" ? Store.put(bucket, value) : Store.compareAndSet(bucket, value, write.expected)
    const answer: Fact =
      entry === null
        ? { _tag: "WriteRejected", write, reason: "Conflict" }
        : { _tag: "WriteAccepted", write, revision: entry.revision }
    if (!isKept) this.tell(process, answer)
    if (entry === null) this.listener.refused?.(process, write, this.now)
    else this.wrote(entry, () => this.listener.written?.(process, write, entry, replaced, this.now))
    return answer
  }

  private wrote(entry: Store.Entry, announce: () => void = () => {}): void {
    if (entry.value._tag === "Plan") {
      const { plan } = entry.value
      assert.isNull(Invariants.ofPlan(plan), `plan ${plan.version}`)
      const before = this.history.at(-1)
      if (before !== undefined) assert.isNull(Invariants.ofSuccession(before, plan), `plan ${plan.version}`)
      this.history.push(plan)
    }
    announce()
    for (const one of this.processes) this.show(one, entry, false)
  }

  /** What a watch shows of one entry. Every watcher gets a copy of its own, as if it had been read from bytes. */
  private show(process: Process, entry: Store.Entry, isGone: boolean): void {
    if (process.status === "Gone" || process.isCut) return
    const { revision } = entry
    const value = structuredClone(entry.value)
    switch (value._tag) {
      case "Worker": {
        const { workerId } = value
        const { scope, serial } = process
        if (scope === null || (scope._tag === "Own" && scope.workerId !== workerId)) return
        const record = isGone ? null : value.record
        return this.tell(process, { _tag: "WorkerObserved", serial, workerId, revision, record })
      }
      case "Leader": {
        if (process.scope === null) return
        const record = isGone ? null : value.record
        return this.tell(process, { _tag: "LeaderObserved", serial: process.serial, revision, record })
      }
      case "Plan":
        return this.tell(process, { _tag: "PlanObserved", revision, plan: isGone ? null : value.plan })
      case "Control":
        if (!isGone) this.tell(process, { _tag: "ControlObserved", control: value.control })
        return
    }
  }

  listLive(process: Process): void {
    const { scope, serial } = process
    if (process.status === "Gone" || process.isCut || scope === null) return
    this.tell(process, { _tag: "LiveOpened", serial, incarnation: Store.incarnation(this.live) })
    for (const entry of Store.sorted(this.live)) this.show(process, entry, false)
    this.tell(process, { _tag: "LiveSynced", serial })
  }

  listPlans(process: Process): void {
    if (process.status === "Gone" || process.isCut) return
    this.tell(process, { _tag: "PlanOpened", incarnation: Store.incarnation(this.plans) })
    for (const entry of Store.sorted(this.plans)) this.show(process, entry, false)
    this.tell(process, { _tag: "PlanSynced" })
  }
}
