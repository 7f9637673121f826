/** Plain values for examples: each is in order, and takes the changes that an example is about. */
import * as Result from "effect/Result"
import * as PartiConfig from "../../../src/model/PartiConfig.ts"
import * as Partition from "../../../src/model/Partition.ts"
import * as PartitionSet from "../../../src/model/PartitionSet.ts"
import type { PartitionList, Plan } from "../../../src/model/Plan.ts"
import type { LeaderRecord, WorkerRecord } from "../../../src/model/Record.ts"
import * as WorkerId from "../../../src/model/WorkerId.ts"
import type { Write } from "../../../src/protocol/Command.ts"
import type { Config } from "../../../src/protocol/Config.ts"
import type { Answer } from "../../../src/protocol/Event.ts"
import { sticky } from "../../../src/strategy/Sticky.ts"

export const id = (name: string): WorkerId.WorkerId => Result.getOrThrow(WorkerId.parse(name))

/** Balanced defaults: a heartbeat of 2 s, a lease of 10 s, a margin of 500 ms. No jitter, so that instants are exact. */
export const config = (
  change: PartiConfig.PartiConfigInput & Partial<Pick<Config, "boot" | "seed" | "strategy">> = {
    group: "sample"
  }
): Config => {
  const { boot = "me", seed = 1, strategy = sticky(), ...input } = change
  return { ...Result.getOrThrow(PartiConfig.parse({ electionJitterMs: 0, ...input })), boot, seed, strategy }
}

/** What an observer with the balanced defaults waits for. */
export const fullLeaseMs = 10_500

export const partitions = (names: ReadonlyArray<string>, weight = 1): ReadonlyArray<Partition.Partition> =>
  Result.getOrThrow(Partition.normalise(names.map((name) => ({ keys: [name], weight }))))

/** `p0`, `p1`, …, in canonical order. */
export const numbered = (count: number): ReadonlyArray<Partition.Partition> =>
  partitions(Array.from({ length: count }, (_, i) => `p${i}`))

export const list = (version: number, count: number): PartitionList => ({ version, partitions: numbered(count) })

export const idsOf = (of: PartitionList): ReadonlyArray<Partition.PartitionId> => PartitionSet.of(of.partitions).ids

export const workerRecord = (session: string, change: Partial<WorkerRecord> = {}): WorkerRecord => ({
  state: "live",
  session,
  after: null,
  attempt: 1,
  leaseMs: 10_000,
  marginMs: 500,
  instance: "",
  applied: { epoch: 0, version: 0 },
  draining: false,
  capacity: 1,
  zone: null,
  ...change
})

export const leaderRecord = (workerId: string, epoch: number, change: Partial<LeaderRecord> = {}): LeaderRecord => ({
  state: "live",
  workerId: id(workerId),
  session: `${workerId}.1`,
  epoch,
  attempt: 1,
  leaseMs: 10_000,
  marginMs: 500,
  ...change
})

export const seats = (...names: ReadonlyArray<string>): Plan["workers"] =>
  names.map((name) => ({ id: id(name), session: `${name}.1`, member: true }))

/** At rest: two workers, two partitions each, all granted by version 90. */
export const plan = (change: Partial<Plan> = {}): Plan => {
  const of = change.list ?? list(90, 4)
  const owner = change.owner ?? of.partitions.map((_, p) => p % 2)
  return {
    epoch: 7,
    version: 100,
    leader: { id: id("w0"), session: "w0.1" },
    incarnation: "live~1",
    recovering: false,
    phase: { _tag: "Idle" },
    list: of,
    workers: seats("w0", "w1"),
    owner,
    next: owner,
    token: owner.map((one) => (one < 0 ? 0 : 90)),
    handled: { rebalance: 0, refresh: 0 },
    ...change
  }
}

export const write = (serial: number, change: Partial<Write> = {}): Write => ({
  serial,
  purpose: "Renew",
  issuedAt: 0,
  expected: 0,
  ...change
})

/** What became of a write, at an instant. */
export const accepted = (of: Write, revision: number, at: number): Answer => ({
  _tag: "WriteAccepted",
  write: of,
  revision,
  at,
  wall: at
})

export const rejected = (of: Write, at: number, reason: "Conflict" | "NotApplied" = "Conflict"): Answer => ({
  _tag: "WriteRejected",
  write: of,
  reason,
  at,
  wall: at
})

export const unknown = (of: Write, at: number): Answer => ({ _tag: "WriteUnknown", write: of, at, wall: at })
