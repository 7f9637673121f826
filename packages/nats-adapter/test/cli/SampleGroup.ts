/** Groups as an observer would show them, made from a few words. */
import type { GroupSnapshot, ObservedWorker } from "@parti/core/GroupObserver"
import * as Partition from "@parti/core/Partition"
import type { WorkerRecord } from "@parti/core/Protocol"
import * as WorkerId from "@parti/core/WorkerId"
import { Result } from "effect"
import type { GroupFacts } from "../../src/cli/doctor/Facts.ts"
import * as StatusReport from "../../src/cli/report/StatusReport.ts"

type Plan = NonNullable<GroupSnapshot["plan"]>

export interface SampleWorker extends Partial<WorkerRecord> {
  readonly id: string
  /** How long ago its record was written. */
  readonly ageMs?: number
  /** Whether the plan names it. Default: it does. */
  readonly inPlan?: boolean
  /** Whether it has a record. Default: it has. */
  readonly hasRecord?: boolean
}

export interface Sample {
  readonly workers?: ReadonlyArray<SampleWorker>
  readonly partitions?: ReadonlyArray<Partition.PartitionInput>
  /** Who owns what, and who is to, by place; `null` for nobody. Default: dealt to the workers of the plan. */
  readonly owner?: ReadonlyArray<string | null>
  readonly next?: ReadonlyArray<string | null>
  readonly plan?: Partial<Plan> | null
  readonly planAgeMs?: number
  readonly leader?: { readonly id: string; readonly ageMs?: number; readonly state?: "live" | "released" } | null
  readonly pausedForMs?: number
  readonly drains?: ReadonlyArray<{ readonly id: string; readonly session?: string; readonly ageMs: number }>
  readonly undecodable?: GroupSnapshot["undecodable"]
}

export const now = 1_700_000_000_000

const version = now - 600_000

const idOf = (name: string): WorkerId.WorkerId => Result.getOrThrow(WorkerId.parse(name))

export const partitionsOf = (count: number, weight = 100): ReadonlyArray<Partition.PartitionInput> =>
  Array.from({ length: count }, (_, place) => ({ keys: [`p${place}`], weight }))

const recordOf = ({ id, ...given }: SampleWorker): WorkerRecord => ({
  state: "live",
  session: `session-of-${id}`,
  after: null,
  attempt: 1,
  leaseMs: 10_000,
  marginMs: 500,
  instance: "",
  applied: { epoch: version, version },
  draining: false,
  capacity: 1,
  zone: null,
  ...given
})

const workersOf = ({ workers }: Sample): ReadonlyArray<SampleWorker> =>
  workers ?? [{ id: "worker-1" }, { id: "worker-2" }]

const planOf = (sample: Sample): Plan | null => {
  if (sample.plan === null) return null
  const planned = workersOf(sample).filter(({ inPlan = true }) => inPlan)
  const partitions = Result.getOrThrow(
    Partition.normalise(sample.partitions ?? [...partitionsOf(5), { keys: ["heavy"], weight: 200 }])
  )
  const places = (names: ReadonlyArray<string | null> | undefined) =>
    partitions.map((_, place) => {
      const name = names === undefined ? planned[place % Math.max(1, planned.length)]?.id : names[place]
      return planned.findIndex(({ id }) => id === name)
    })
  const leader = planned[0]
  return {
    epoch: version,
    version,
    leader: { id: idOf(leader?.id ?? "worker-0"), session: `session-of-${leader?.id ?? "worker-0"}` },
    incarnation: "first",
    recovering: false,
    phase: { _tag: "Idle" },
    list: { version, partitions },
    workers: planned.map((worker) => ({ id: idOf(worker.id), session: recordOf(worker).session, member: true })),
    owner: places(sample.owner),
    next: places(sample.next ?? sample.owner),
    token: partitions.map(() => version),
    handled: { rebalance: 0, refresh: 0 },
    ...sample.plan
  }
}

const viewOf = (plan: Plan | null): GroupSnapshot["view"] => ({
  epoch: plan?.epoch ?? 0,
  version: plan?.version ?? 0,
  phase: {
    tag: plan?.phase._tag ?? "Idle",
    reason: plan === null || plan.phase._tag === "Idle" ? null : plan.phase.reason,
    endsInMs: plan?.phase._tag === "Scaling" ? Math.max(0, plan.phase.startedAt + plan.phase.windowMs - now) : null
  },
  leader: plan?.leader.id ?? null,
  workers: (plan?.workers ?? []).map((worker, index) => {
    const places = (plan?.owner ?? []).flatMap((owner, place) => (owner === index ? [place] : []))
    const weights = places.map((place) => plan?.list.partitions[place]?.weight ?? 0)
    return {
      ...worker,
      version: null,
      partitions: places.length,
      weight: weights.reduce((sum, weight) => sum + weight, 0),
      ids: () => [],
      standbyIds: () => []
    }
  }),
  partitions: plan?.list.partitions.length ?? 0,
  ids: () => [],
  unowned: (plan?.owner ?? []).filter((owner) => owner < 0).length,
  handingOver: (plan?.owner ?? []).filter((owner, place) => plan?.next[place] !== owner).length,
  lastRebalance: null
})

export const snapshotOf = (sample: Sample): GroupSnapshot => {
  const plan = planOf(sample)
  const workers = workersOf(sample)
    .filter(({ hasRecord = true }) => hasRecord)
    .map((worker): ObservedWorker => ({
      id: idOf(worker.id),
      record: recordOf(worker),
      revision: 1,
      unchangedMs: 0,
      writtenAt: now - (worker.ageMs ?? 1000)
    }))
  const leader = sample.leader === undefined ? { id: workers[0]?.id ?? "worker-0" } : sample.leader
  return {
    view: viewOf(plan),
    plan,
    planWrittenAt: plan === null ? null : now - (sample.planAgeMs ?? 600_000),
    workers,
    leader:
      leader === null
        ? null
        : {
            record: {
              state: leader.state ?? "live",
              workerId: idOf(leader.id),
              session: `session-of-${leader.id}`,
              epoch: version,
              attempt: 1,
              leaseMs: 10_000,
              marginMs: 500
            },
            revision: 1,
            unchangedMs: 0,
            writtenAt: now - (leader.ageMs ?? 1000)
          },
    isPaused: sample.pausedForMs !== undefined,
    pauseWrittenAt: sample.pausedForMs === undefined ? null : now - sample.pausedForMs,
    drains: (sample.drains ?? []).map(({ ageMs, id, session }) => ({
      _tag: "Drain",
      workerId: idOf(id),
      session: session ?? `session-of-${id}`,
      draining: true,
      writtenAt: now - ageMs
    })),
    undecodable: sample.undecodable ?? []
  }
}

export const statusOf = (snapshot: GroupSnapshot): StatusReport.StatusReport =>
  StatusReport.of(
    { group: "orders", server: "127.0.0.1:4222", serverVersion: "2.12.0", isConnected: true, roundTripMs: 1.4 },
    snapshot,
    now
  )

export const factsOf = (sample: Sample, special: Partial<GroupFacts> = {}): GroupFacts => {
  const snapshot = snapshotOf(sample)
  return { idCount: 100, timing: { roundTripMs: 1, aheadMs: 0 }, snapshot, status: statusOf(snapshot), ...special }
}
