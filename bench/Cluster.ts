/**
 * A whole group of pure nodes on a store without faults, in simulated time: nothing here waits, sleeps or draws.
 */
import * as PartiConfig from "@parti/core/PartiConfig"
import {
  type Command,
  type Config,
  type Event,
  type Fact,
  type LeaderRecord,
  Node,
  Partition,
  type Plan,
  Revision,
  type Write
} from "@parti/core/Protocol"
import { sticky } from "@parti/core/Strategy"
import * as Result from "effect/Result"
// Not public: what plans take in the store.
import * as PlanCodec from "../packages/core/src/model/PlanCodec.ts"
import * as Compression from "../packages/core/src/runtime/Compression.ts"
import { Agenda } from "./Agenda.ts"

/** What a cluster is made of. `record` keeps the events of all nodes, to be replayed. */
export interface Options {
  readonly partitions: number
  readonly config?: PartiConfig.PartiConfigInput
  readonly record?: boolean
}

/**
 * How many events were handled, and what was written, by purpose; `planBytes`: what the plans took, as they are written
 * down. `slowestMs`: the longest single step, in real time.
 */
export interface Tally {
  readonly events: number
  readonly planBytes: number
  readonly writes: Readonly<Partial<Record<Write["purpose"], number>>>
  readonly slowestMs: number
}

interface Member {
  readonly config: Config
  readonly log: Array<Event> | null
  state: Node.State
  timer: number
  watch: { readonly serial: number; readonly own: string | null } | null
}

interface Entry {
  readonly revision: Revision.Revision
  readonly fact: (serial: number, revision: Revision.Revision) => Fact
}

/** One way between a worker and the store. */
const latencyMs = 1

/** When the first event happens, on the wall clock. */
const epochMs = 1_700_000_000_000

const bytesOf = (plan: Plan.Plan): number => {
  const { head, parts } = PlanCodec.encode(plan, Compression.zlib)
  return head.length + parts.reduce((sum, { bytes }) => sum + bytes.length, 0)
}

/** A group in simulated time. */
export class Cluster {
  #now = 0
  #revision = 0
  #events = 0
  #slowestMs = 0
  #planBytes = 0
  #writes: Partial<Record<Write["purpose"], number>> = {}
  #plan: { readonly plan: Plan.Plan; readonly revision: Revision.Revision } | null = null
  readonly #options: Options
  readonly #partitions: ReadonlyArray<Partition.Partition>
  readonly #members: Array<Member> = []
  readonly #live = new Map<string, Entry>()
  readonly #agenda = new Agenda()

  constructor(options: Options) {
    this.#options = options
    const inputs = Array.from({ length: options.partitions }, (_, i) => ({ keys: [String(i)] }))
    this.#partitions = Result.getOrThrow(Partition.normalise(inputs))
  }

  get now(): number {
    return this.#now
  }
  get plan(): Plan.Plan | null {
    return this.#plan?.plan ?? null
  }
  /** How many partitions run, each where the plan has it. */
  get running(): number {
    return this.#members.reduce((sum, { state }) => sum + Node.view(state, this.#now).running.length, 0)
  }

  /** Starts so many workers now. */
  join(count: number): void {
    for (let i = 0; i < count; i++) {
      const node = this.#members.length
      const input: PartiConfig.PartiConfigInput = {
        group: "bench",
        workerIdPool: { prefix: "worker", count: 2000 },
        ...this.#options.config
      }
      const config: Config = {
        ...Result.getOrThrow(PartiConfig.parse(input)),
        boot: `boot-${node}`,
        seed: node,
        strategy: sticky()
      }
      const log = this.#options.record === true ? [] : null
      this.#members.push({ config, log, state: Node.initial(config), timer: 0, watch: null })
      for (const fact of this.#greeting()) this.#in(0, () => this.#handle(node, fact))
    }
  }

  /** Goes on for so long. */
  run(forMs: number): void {
    const untilMs = this.#now + forMs
    for (let task = this.#agenda.take(untilMs); task !== null; task = this.#agenda.take(untilMs)) {
      this.#now = task.at
      task.act()
    }
    this.#now = untilMs
  }

  /** Goes on until something holds, looking every millisecond; at most for so long. */
  runUntil(holds: () => boolean, atMostMs: number): void {
    const untilMs = this.#now + atMostMs
    while (!holds()) {
      if (this.#now >= untilMs) throw new Error(`nothing came of it within ${atMostMs} simulated ms`)
      this.run(1)
    }
  }

  /** What was counted since the last time, and starts anew. */
  count(): Tally {
    const tally = {
      events: this.#events,
      writes: this.#writes,
      planBytes: this.#planBytes,
      slowestMs: this.#slowestMs
    }
    this.#events = 0
    this.#planBytes = 0
    this.#writes = {}
    this.#slowestMs = 0
    return tally
  }

  /** The events of each node so far, if they are recorded. */
  get recorded(): ReadonlyArray<{ readonly config: Config; readonly events: ReadonlyArray<Event> }> {
    return this.#members.map(({ config, log }) => ({ config, events: log ?? [] }))
  }

  /** Which node leads. */
  get leader(): number {
    return this.#members.findIndex(({ state }) => Node.view(state, this.#now).isLeader)
  }

  #greeting(): ReadonlyArray<Fact> {
    const plan = this.#plan
    return [
      { _tag: "Started" },
      { _tag: "PlanOpened", incarnation: "plan-1" },
      ...(plan === null ? [] : [{ _tag: "PlanObserved", ...plan } as const]),
      { _tag: "PlanSynced" },
      { _tag: "PartitionsListed", partitions: this.#partitions }
    ]
  }

  #in(ms: number, act: () => void): void {
    this.#agenda.add({ at: this.#now + ms, act })
  }

  #handle(node: number, fact: Fact): void {
    const member = this.#members[node]
    if (member === undefined) return
    const event: Event = { ...fact, at: this.#now, wall: epochMs + this.#now }
    member.log?.push(event)
    this.#events += 1
    const startedAt = performance.now()
    const { commands, state } = Node.transition(member.config, member.state, event)
    this.#slowestMs = Math.max(this.#slowestMs, performance.now() - startedAt)
    member.state = state
    for (const command of commands) this.#execute(node, member, command)
  }

  #execute(node: number, member: Member, command: Command): void {
    switch (command._tag) {
      case "SetTimer": {
        const timer = (member.timer += 1)
        this.#in(Math.max(0, command.at - this.#now), () => {
          if (member.timer === timer) this.#handle(node, { _tag: "TimerFired" })
        })
        return
      }
      case "Watch":
        return this.#watch(node, member, command)
      case "WriteWorker":
        return this.#write(node, command.write, `worker.${command.workerId}`, workerFact(command))
      case "WriteLeader":
        return this.#write(node, command.write, "leader", leaderFact(command.record))
      case "WritePlan":
        this.#planBytes += bytesOf(command.plan)
        return this.#in(latencyMs, () => this.#writePlan(node, command.write, command.plan))
      case "StopPartition":
        return this.#in(0, () => this.#handle(node, { ...command, _tag: "PartitionEnded" }))
      case "WriteControl":
      case "RemoveLists":
      case "StartPartition":
      case "ReadPartitions":
      case "Report":
      case "Halt":
        return
    }
  }

  #watch(node: number, member: Member, { scope, serial }: Extract<Command, { readonly _tag: "Watch" }>): void {
    member.watch = { serial, own: scope._tag === "Own" ? `worker.${scope.workerId}` : null }
    this.#in(latencyMs, () => {
      const entries = [...this.#live].filter(([key]) => isWatched(member, key))
      this.#in(latencyMs, () => {
        this.#handle(node, { _tag: "LiveOpened", serial, incarnation: "live-1" })
        for (const [, { fact, revision }] of entries) this.#handle(node, fact(serial, revision))
        this.#handle(node, { _tag: "LiveSynced", serial })
      })
    })
  }

  #write(node: number, write: Write, key: string, fact: Entry["fact"]): void {
    this.#in(latencyMs, () => {
      const expected = this.#live.get(key)?.revision ?? Revision.absent
      if (expected !== write.expected) return this.#answer(node, write, null)
      const revision = (this.#revision += 1)
      this.#live.set(key, { revision, fact })
      this.#answer(node, write, revision)
      for (const [other, member] of this.#members.entries()) {
        if (!isWatched(member, key)) continue
        this.#in(latencyMs, () => this.#handle(other, fact(member.watch?.serial ?? 0, revision)))
      }
    })
  }

  #writePlan(node: number, write: Write, plan: Plan.Plan): void {
    if ((this.#plan?.revision ?? Revision.absent) !== write.expected) return this.#answer(node, write, null)
    const revision = (this.#revision += 1)
    this.#plan = { plan, revision }
    this.#answer(node, write, revision)
    for (const other of this.#members.keys()) {
      this.#in(latencyMs, () => this.#handle(other, { _tag: "PlanObserved", revision, plan }))
    }
  }

  #answer(node: number, write: Write, revision: Revision.Revision | null): void {
    if (revision !== null) this.#writes[write.purpose] = (this.#writes[write.purpose] ?? 0) + 1
    const fact: Fact =
      revision === null
        ? { _tag: "WriteRejected", write, reason: "Conflict" }
        : { _tag: "WriteAccepted", write, revision }
    this.#in(latencyMs, () => this.#handle(node, fact))
  }
}

const workerFact =
  ({ record, workerId }: Extract<Command, { readonly _tag: "WriteWorker" }>) =>
  (serial: number, revision: Revision.Revision): Fact => ({
    _tag: "WorkerObserved",
    serial,
    workerId,
    revision,
    record
  })

const leaderFact =
  (record: LeaderRecord) =>
  (serial: number, revision: Revision.Revision): Fact => ({ _tag: "LeaderObserved", serial, revision, record })

const isWatched = ({ watch }: Member, key: string): boolean =>
  watch !== null && (watch.own === null || watch.own === key || key === "leader")
