/**
 * How a process carries out what its node orders.
 *
 * @since 0.1.0
 */
import {
  type Command,
  type Fact,
  type Plan,
  Revision,
  type StopReason,
  type WatchScope,
  type WorkerId,
  type Write
} from "@parti/core/Protocol"
import * as Client from "./Client.ts"
import * as Following from "./Following.ts"
import type { Group } from "./Group.ts"
import * as Leases from "./Leases.ts"
import * as Runs from "./Runs.ts"
import * as Store from "./Store.ts"
import * as Tally from "./Tally.ts"
import * as Value from "./Value.ts"
import { check } from "./Violation.ts"
import * as Watch from "./Watch.ts"
import { afterwards, later, type Process, type World } from "./World.ts"

/**
 * How a process is reached: `fact` tells its node something, once it is able to listen; `act` does something else in its
 * turn; `halt` ends it.
 *
 * @category models
 * @since 0.1.0
 */
export interface Reach {
  readonly fact: (fact: Fact) => void
  readonly act: (act: () => void) => void
  readonly halt: () => void
}

/**
 * Carries out one order.
 *
 * @category combinators
 * @since 0.1.0
 */
export const carryOut = (group: Group, process: Process, command: Command, reach: Reach): void => {
  switch (command._tag) {
    case "SetTimer":
      return setTimer(group.world, process, command.at, reach)
    case "Watch":
      return watchLive(group, process, command.scope, command.serial, reach)
    case "WriteWorker": {
      const { record, workerId, write } = command
      Leases.ordered(group.leases, process, workerId, record)
      Runs.checkSaid(group.plans, process, record)
      const value: Value.Value = { _tag: "Worker", workerId, record }
      return put(group, process, write, { bucket: "live", key: Value.workerKey(workerId), value }, reach)
    }
    case "WriteLeader": {
      const value: Value.Value = { _tag: "Leader", record: command.record }
      return put(group, process, command.write, { bucket: "live", key: Value.leaderKey, value }, reach)
    }
    case "WritePlan":
      return writePlan(group, process, command, reach)
    case "WriteControl": {
      const { control, write } = command
      const value: Value.Value = { _tag: "Control", control }
      return put(
        group,
        process,
        write,
        { bucket: "plan", key: Value.controlKey(control), value, expected: null },
        reach
      )
    }
    case "RemoveLists":
      return removeLists(group, process, command.olderThan)
    case "StartPartition": {
      const { partition, token } = command
      const { plan, session } = group.world.reducers.view(process.state, process.lastAt)
      const under = plan?.version ?? 0
      Runs.start(group.world, group.runs, group.leases, group.plans, { process, session, under, partition, token })
      return
    }
    case "StopPartition":
      return stop(group, process, command, reach)
    case "ReadPartitions":
      return Following.read(group.world, process, reach.fact)
    case "Report":
      return Tally.count(group.world.tally.reports, command.report._tag)
    case "Halt":
      process.outcome = command.outcome
      return reach.halt()
  }
}

/**
 * The watch of the plan, which a process has from its start.
 *
 * @category combinators
 * @since 0.1.0
 */
export const watchPlan = (group: Group, process: Process, reach: Reach): void => {
  Watch.start(group.world, group.store.watches, {
    bucket: group.world.plan,
    process,
    matches: (key) => key === Value.planKey || key.startsWith("control."),
    show: (shown) => {
      const fact = planFact(shown)
      if (fact !== null) reach.fact(fact)
    }
  })
}

const planFact = (shown: Watch.Shown): Fact | null => {
  switch (shown._tag) {
    case "Opened":
      return { _tag: "PlanOpened", incarnation: shown.incarnation }
    case "Synced":
      return { _tag: "PlanSynced" }
    case "Entry": {
      const { key, revision, value } = shown
      if (value?._tag === "Garbage") return undecodable("plan", key, revision)
      if (key === Value.planKey) {
        return { _tag: "PlanObserved", revision, plan: value?._tag === "Plan" ? value.plan : null }
      }
      return value?._tag === "Control" ? { _tag: "ControlObserved", control: value.control } : null
    }
  }
}

const undecodable = (bucket: "live" | "plan", key: string, revision: Revision.Revision): Fact => ({
  _tag: "RecordUndecodable",
  bucket,
  key,
  revision,
  reason: "it was garbled"
})

const watchLive = (group: Group, process: Process, scope: WatchScope, serial: number, reach: Reach): void => {
  const { watches } = group.store
  for (const watch of watches.all) {
    if (watch.process === process && watch.bucket === group.world.live) Watch.close(watches, watch)
  }
  const own = scope._tag === "Own" ? Value.workerKey(scope.workerId) : null
  Watch.start(group.world, watches, {
    bucket: group.world.live,
    process,
    matches: (key) => own === null || key === own || key === Value.leaderKey,
    show: (shown) => reach.fact(liveFact(shown, serial))
  })
}

const liveFact = (shown: Watch.Shown, serial: number): Fact => {
  switch (shown._tag) {
    case "Opened":
      return { _tag: "LiveOpened", serial, incarnation: shown.incarnation }
    case "Synced":
      return { _tag: "LiveSynced", serial }
    case "Entry": {
      const { key, revision, value } = shown
      if (value?._tag === "Garbage") return undecodable("live", key, revision)
      if (key === Value.leaderKey) {
        return { _tag: "LeaderObserved", serial, revision, record: value?._tag === "Leader" ? value.record : null }
      }
      if (value?._tag === "Worker") {
        return { _tag: "WorkerObserved", serial, workerId: value.workerId, revision, record: value.record }
      }
      // The rest of a worker's key was a worker id when it was written.
      const workerId = key.slice("worker.".length) as WorkerId.WorkerId
      return { _tag: "WorkerObserved", serial, workerId, revision, record: null }
    }
  }
}

/** Longer than any simulation. */
const farMs = 1_000_000_000

const setTimer = (world: World, process: Process, at: number, reach: Reach): void => {
  check("Contract", Number.isFinite(at), () => `${process.name} sets its timer to ${at}`)
  process.timer += 1
  const number = process.timer
  // Some dates only mean "never".
  if (at - process.lastAt > farMs) return
  later(world, process.slot.clock.whenOwn(at), () => {
    if (process.timer === number) reach.fact({ _tag: "TimerFired" })
  })
}

interface Target {
  readonly bucket: "live" | "plan"
  readonly key: string
  readonly value: Value.Value
  readonly expected?: Revision.Revision | null
  readonly life?: number
}

const put = (group: Group, process: Process, write: Write, target: Target, reach: Reach): void => {
  const expected = group.world.flaws.ignoresRevision?.includes(write.purpose) === true ? null : write.expected
  const request = { expected, life: null, ...target, process, issuedAt: write.issuedAt }
  Client.send(group.world, group.store, request, (answer) => reach.fact(answerFact(write, answer)))
}

const answerFact = (write: Write, answer: Client.Answer): Fact => {
  switch (answer._tag) {
    case "Accepted":
      return { _tag: "WriteAccepted", write, revision: answer.revision }
    case "Conflict":
      return { _tag: "WriteRejected", write, reason: "Conflict" }
    case "NotApplied":
      return { _tag: "WriteRejected", write, reason: "NotApplied" }
    case "Unknown":
      return { _tag: "WriteUnknown", write }
  }
}

/** The list comes before the plan that names it; where it fails, no plan is sent. */
const writePlan = (
  group: Group,
  process: Process,
  { plan, publishList, write }: Extract<Command, { readonly _tag: "WritePlan" }>,
  reach: Reach
): void => {
  const { world } = group
  const { life } = world.plan
  const send = (): void =>
    put(group, process, write, { bucket: "plan", key: Value.planKey, value: { _tag: "Plan", plan }, life }, reach)
  if (!publishList) return send()
  const key = Value.listKey(plan.list.version)
  const value: Value.Value = { _tag: "List", list: plan.list }
  Client.send(
    world,
    group.store,
    { process, bucket: "plan", key, value, expected: Revision.absent, life, issuedAt: write.issuedAt },
    (answer) =>
      reach.act(() => {
        if (answer._tag === "Accepted" || isListed(world, key, plan.list)) return send()
        check("S7", answer._tag !== "Conflict", () => `${process.name} publishes another list under ${key}`)
        reach.fact({ _tag: "WriteRejected", write, reason: "NotApplied" })
      })
  )
}

const isListed = (world: World, key: string, list: Plan.PartitionList): boolean => {
  const value = world.plan.entries.get(key)?.value
  return value?._tag === "List" && JSON.stringify(value.list) === JSON.stringify(list)
}

/** Only what is there when the order is given is removed, however late that happens. */
const removeLists = (group: Group, process: Process, olderThan: number): void => {
  const { world } = group
  const versions = [...world.plan.entries.values()].flatMap(({ value }) =>
    value._tag === "List" && value.list.version < olderThan ? [value.list.version] : []
  )
  const { life } = world.plan
  const afterMs = world.random.chance(0.1) ? world.random.between(1000, 30_000) : world.random.between(1, 50)
  if (process.status === "Gone") return
  afterwards(world, world.now + afterMs, () => {
    if (world.plan.life === life) for (const version of versions) Store.removeList(world, group.store, version)
  })
}

const stop = (
  group: Group,
  process: Process,
  command: { readonly partition: Runs.Start["partition"]; readonly token: number; readonly reason: StopReason },
  reach: Reach
): void => {
  const { partition, reason, token } = command
  const run = process.runs.get(partition)
  check(
    "Contract",
    run?.token === token,
    () => `${process.name} stops ${partition} under ${token}, but runs ${run?.token}`
  )
  if (run === undefined) return
  Runs.tell(group.world, group.leases, run, reason)
  const { endsAt } = run
  later(group.world, endsAt, () =>
    reach.act(() => {
      // Told again, and so to end at another time, or ended already.
      if (run.endsAt !== endsAt || process.runs.get(partition) !== run) return
      Runs.end(group.runs, run)
      reach.fact({ _tag: "PartitionEnded", partition, token })
    })
  )
}
