import { assert, describe, it } from "vitest"
import * as ConsumerChecks from "../../src/cli/doctor/ConsumerChecks.ts"
import * as Examination from "../../src/cli/doctor/Examination.ts"
import type { BucketFacts, ConsumptionFacts, GroupFacts, ServerFacts } from "../../src/cli/doctor/Facts.ts"
import * as Finding from "../../src/cli/doctor/Finding.ts"
import * as LoadChecks from "../../src/cli/doctor/LoadChecks.ts"
import * as Obstacle from "../../src/cli/doctor/Obstacle.ts"
import * as PlanChecks from "../../src/cli/doctor/PlanChecks.ts"
import * as ServerChecks from "../../src/cli/doctor/ServerChecks.ts"
import * as WorkerChecks from "../../src/cli/doctor/WorkerChecks.ts"
import { GroupMissing } from "../../src/cli/Failure.ts"
import * as ConsumerName from "../../src/consume/ConsumerName.ts"
import * as NatsError from "../../src/NatsError.ts"
import * as SampleGroup from "./SampleGroup.ts"

type Found = ReadonlyArray<string>

const told = (findings: ReadonlyArray<Finding.Finding>): Found =>
  findings.map(({ check, severity }) => `${severity} ${check}`)

// ------------------------------------------------------------------------------------------------------------ servers

const bucket: BucketFacts = {
  name: "orders-live",
  faults: [],
  replicas: 1,
  storage: "file",
  consumers: 5,
  limit: 100_000,
  cluster: null
}

const server: ServerFacts = {
  url: "127.0.0.1:4222",
  version: "2.12.0",
  isClustered: false,
  maxPayload: 1024 * 1024,
  account: [{ what: "streams", used: 2, limit: -1 }],
  live: bucket,
  plan: { ...bucket, name: "orders-plan" }
}

const replicated = (peers: NonNullable<BucketFacts["cluster"]>["peers"], leader: string | null = "n1") => {
  const cluster = { leader, peers }
  return {
    ...server,
    isClustered: true,
    live: { ...bucket, replicas: 3, cluster },
    plan: { ...bucket, name: "orders-plan", replicas: 3, cluster: { leader: "n1", peers: [] } }
  }
}

const healthyPeer = { name: "n2", isCurrent: true, isOffline: false }

const illServers: ReadonlyArray<readonly [what: string, facts: ServerFacts, found: Found]> = [
  ["a bucket that is gone", { ...server, live: null }, ["error bucket-missing"]],
  [
    "a setting that loses records",
    { ...server, live: { ...bucket, faults: ["history is 5"] } },
    ["error bucket-settings"]
  ],
  ["a bucket that no server leads", replicated([healthyPeer], null), ["error bucket-health"]],
  ["a replica that is offline", replicated([{ ...healthyPeer, isOffline: true }]), ["warning bucket-health"]],
  ["a replica that lags behind", replicated([{ ...healthyPeer, isCurrent: false }]), ["warning bucket-health"]],
  [
    "single replicas in a cluster",
    { ...server, isClustered: true },
    ["warning bucket-replicas", "warning bucket-replicas"]
  ],
  ["buckets with different replicas", { ...server, live: { ...bucket, replicas: 3 } }, ["warning bucket-replicas"]],
  [
    "a bucket in the memory of one server",
    { ...server, live: { ...bucket, storage: "memory" } },
    ["warning bucket-storage"]
  ],
  [
    "buckets in the memory of three servers",
    {
      ...server,
      live: { ...bucket, storage: "memory", replicas: 3 },
      plan: { ...bucket, name: "orders-plan", replicas: 3 }
    },
    ["note bucket-storage"]
  ],
  [
    "nearly as many watches as a bucket takes",
    { ...server, live: { ...bucket, limit: 6 } },
    ["warning bucket-consumers"]
  ],
  ["as many watches as a bucket takes", { ...server, live: { ...bucket, limit: 5 } }, ["error bucket-consumers"]],
  [
    "an account that is nearly full",
    { ...server, account: [{ what: "streams", used: 8, limit: 10 }] },
    ["warning account-limits"]
  ],
  [
    "an account that is full",
    { ...server, account: [{ what: "streams", used: 10, limit: 10 }] },
    ["error account-limits"]
  ],
  ["a server that takes small messages only", { ...server, maxPayload: 65_536 }, ["warning max-payload"]],
  ["a server of an old release", { ...server, version: "2.10.29" }, ["note server-version"]]
]

describe("The checks of the server", () => {
  it("find nothing where nothing is wrong, replicated or not", () => {
    assert.deepStrictEqual(Finding.examine(ServerChecks.checks, server), [])
    assert.deepStrictEqual(Finding.examine(ServerChecks.checks, replicated([healthyPeer])), [])
  })

  it.each(illServers)("find %s, and nothing else", (_, facts, found) => {
    assert.deepStrictEqual(told(Finding.examine(ServerChecks.checks, facts)), found)
  })
})

// ------------------------------------------------------------------------------------------------------------- groups

const groupChecks = [...PlanChecks.checks, ...WorkerChecks.checks, ...LoadChecks.checks]

const facts = SampleGroup.factsOf
const three = [{ id: "worker-1" }, { id: "worker-2" }, { id: "worker-3" }] as const
const [one, two] = three
const hourMs = 3_600_000

const illGroups: ReadonlyArray<readonly [what: string, facts: GroupFacts, found: Found]> = [
  ["that nobody works", facts({ workers: [], plan: null, leader: null }), ["error no-workers"]],
  ["that one works alone", facts({ workers: [one] }), ["note single-worker"]],
  [
    "a worker that is silent for longer than its lease",
    facts({ workers: [one, { ...two, ageMs: 10_501 }] }),
    ["error silent-worker", "note single-worker"]
  ],
  [
    "an event loop that is held up for more than a quarter of what its lease bears",
    facts({
      workers: [
        { ...one, loopDelayMs: 2376 },
        { ...two, loopDelayMs: 2375 }
      ]
    }),
    ["warning blocked-loop"]
  ],
  [
    "a worker that was fenced",
    facts({ workers: [one, two, { ...three[2], state: "fenced" }] }),
    ["error fenced-worker"]
  ],
  [
    "a worker that only the plan knows",
    facts({ workers: [one, two, { ...three[2], hasRecord: false }] }),
    ["warning missing-worker"]
  ],
  ["that ids run out", facts({}, { idCount: 2 }), ["error id-pool"]],
  [
    "that ids have nearly run out",
    facts({ workers: [...three, { id: "worker-4" }] }, { idCount: 5 }),
    ["warning id-pool"]
  ],
  [
    "leases that are short for the way",
    facts({}, { timing: { roundTripMs: 500, aheadMs: 0 } }),
    ["warning round-trip"]
  ],
  [
    "leases that are far too short for the way",
    facts({}, { timing: { roundTripMs: 3000, aheadMs: 0 } }),
    ["error round-trip"]
  ],
  ["a clock that is ahead", facts({}, { timing: { roundTripMs: 1, aheadMs: 2001 } }), ["warning clock-skew"]],
  ["a clock that is behind", facts({}, { timing: { roundTripMs: 1, aheadMs: -60_000 } }), ["warning clock-skew"]],
  ["workers with different leases", facts({ workers: [one, { ...two, leaseMs: 15_000 }] }), ["warning leases-differ"]],
  [
    "a margin below one part in a hundred",
    facts({
      workers: [
        { ...one, marginMs: 99 },
        { ...two, marginMs: 99 }
      ]
    }),
    ["warning narrow-margin", "warning narrow-margin"]
  ],
  [
    "two workers of one name",
    facts({
      workers: [
        { ...one, instance: "pod-1" },
        { ...two, instance: "pod-1" }
      ]
    }),
    ["warning shared-instance"]
  ],
  ["that nobody leads", facts({ leader: null }), ["error no-leader"]],
  ["that the leader has gone", facts({ leader: { id: "worker-1", state: "released" } }), ["error no-leader"]],
  ["that the leader is silent", facts({ leader: { id: "worker-1", ageMs: 10_501 } }), ["error no-leader"]],
  ["that there is no plan", facts({ plan: null }), ["error plan-missing"]],
  [
    "a plan that cannot be read",
    facts({ plan: null, undecodable: [{ bucket: "plan", key: "plan", revision: 7, reason: "newer" }] }),
    ["error plan-unreadable"]
  ],
  [
    "a record that cannot be read",
    facts({ undecodable: [{ bucket: "live", key: "worker.w", revision: 7, reason: "newer" }] }),
    ["warning record-unreadable"]
  ],
  [
    "partitions without an owner, at rest",
    facts({ owner: ["worker-1", null, "worker-1", "worker-2", "worker-2", "worker-2"] }),
    ["error unowned-partitions"]
  ],
  [
    "partitions without an owner, in a window",
    facts({
      owner: [null, null, null, null, null, null],
      planAgeMs: 1000,
      plan: { phase: { _tag: "Scaling", reason: "cold_start", windowMs: 30_000, startedAt: SampleGroup.now - 1000 } }
    }),
    ["warning unowned-partitions"]
  ],
  [
    "a handoff that does not end",
    facts({
      planAgeMs: 60_000,
      owner: ["worker-1", "worker-2", "worker-1", "worker-2", "worker-1", "worker-2"],
      next: ["worker-2", "worker-2", "worker-1", "worker-2", "worker-1", "worker-2"]
    }),
    ["error stuck-handoff"]
  ],
  [
    "a window that does not end",
    facts({
      planAgeMs: 60_000,
      plan: { phase: { _tag: "Scaling", reason: "planned_scale", windowMs: 1000, startedAt: SampleGroup.now - 60_000 } }
    }),
    ["error stuck-phase"]
  ],
  [
    "a rebalance that does not end",
    facts({ planAgeMs: 301_000, plan: { phase: { _tag: "Emergency", reason: "emergency", startedAt: 1 } } }),
    ["error stuck-phase"]
  ],
  [
    "a worker that does not follow the plan",
    facts({ workers: [one, { ...two, applied: { epoch: 1, version: 1 } }] }),
    ["warning worker-behind"]
  ],
  ["a pause", facts({ pausedForMs: 1000 }), ["note paused-long"]],
  ["a pause that was forgotten", facts({ pausedForMs: hourMs + 1 }), ["warning paused-long"]],
  [
    "a drain that was forgotten",
    facts({ workers: three, drains: [{ id: "worker-2", ageMs: hourMs + 1 }] }),
    ["warning drained-long"]
  ],
  [
    "that nobody may take anything",
    facts({
      workers: [
        { ...one, capacity: 0 },
        { ...two, draining: true }
      ]
    }),
    ["error no-capacity"]
  ],
  [
    "too few places for the partitions",
    facts({
      workers: [
        { ...one, maxPartitions: 2 },
        { ...two, maxPartitions: 3 }
      ]
    }),
    ["error max-partitions"]
  ],
  ["an empty list of partitions", facts({ partitions: [] }), ["warning no-partitions"]],
  [
    "a worker with far more than its share",
    facts({ owner: ["worker-1", "worker-1", "worker-1", "worker-1", "worker-1", "worker-2"] }),
    ["warning imbalance"]
  ],
  [
    "more workers than partitions",
    facts({
      workers: three,
      partitions: [
        { keys: ["a"], weight: 1 },
        { keys: ["b"], weight: 2 }
      ]
    }),
    ["note idle-workers"]
  ],
  ["weights that say nothing", facts({ partitions: SampleGroup.partitionsOf(6) }), ["note equal-weights"]]
]

describe("The checks of the group", () => {
  it("find nothing where nothing is wrong", () => {
    assert.deepStrictEqual(Finding.examine(groupChecks, facts({})), [])
  })

  it.each(illGroups)("find %s, and nothing else", (_, ill, found) => {
    assert.deepStrictEqual(told(Finding.examine(groupChecks, ill)), found)
  })

  it("let be what is told of the event loop of a session that has ended", () => {
    const workers = [one, two, { ...three[2], state: "released", inPlan: false, loopDelayMs: 9000 } as const]
    assert.deepStrictEqual(Finding.examine(groupChecks, facts({ workers })), [])
  })

  it("let a drain be whose session has ended, and one that has just been ordered", () => {
    const drains = [
      { id: "worker-2", ageMs: hourMs + 1, session: "an earlier one" },
      { id: "worker-3", ageMs: 1000 }
    ]
    assert.deepStrictEqual(Finding.examine(groupChecks, facts({ workers: three, drains })), [])
  })

  it("let a plan be that is still being followed", () => {
    const workers = [one, { ...two, applied: { epoch: 1, version: 1 } }]
    const owner = ["worker-1", "worker-2", "worker-1", "worker-2", "worker-1", "worker-2"]
    const next = ["worker-2", "worker-2", "worker-1", "worker-2", "worker-1", "worker-2"]
    const plan = { phase: { _tag: "Rebalancing", reason: "planned_scale", startedAt: 1 } } as const
    assert.deepStrictEqual(Finding.examine(groupChecks, facts({ workers, owner, next, plan, planAgeMs: 1000 })), [])
  })
})

// ---------------------------------------------------------------------------------------------------------- consumers

const snapshot = SampleGroup.snapshotOf({
  partitions: SampleGroup.partitionsOf(3),
  owner: ["worker-1", "worker-2", null]
})
const consumers = ["p0", "p1", "p2"].map((id) =>
  ConsumerName.render(ConsumerName.prefix("orders", id), { token: 7, run: 1 })
)
const listed = snapshot.plan?.list.partitions.map(({ keys }) => keys[0] ?? "") ?? []
const consumerOf = (place: number) => consumers[Number((listed[place] ?? "p0").slice(1))] ?? "none"

const stray = ConsumerName.render(ConsumerName.prefix("orders", "gone"), { token: 7, run: 1 })

const consumption: ConsumptionFacts = {
  stream: "ORDERS",
  consumption: "orders",
  limit: null,
  keepsForEver: false,
  consumers: [consumerOf(0), consumerOf(1), "somebody-else's"],
  snapshot
}

const illConsumptions: ReadonlyArray<readonly [what: string, facts: ConsumptionFacts, found: Found]> = [
  [
    "a consumer of a partition that is listed no more",
    { ...consumption, consumers: [...consumption.consumers, stray] },
    ["note orphaned-consumers"]
  ],
  [
    "a consumer of such a partition, for which messages are kept",
    { ...consumption, keepsForEver: true, consumers: [...consumption.consumers, stray] },
    ["warning orphaned-consumers"]
  ],
  [
    "an owned partition without a consumer",
    { ...consumption, consumers: [consumerOf(0)] },
    ["warning missing-consumers"]
  ],
  ["a stream that may take too few consumers", { ...consumption, limit: 6 }, ["warning max-consumers"]],
  ["a stream that takes no more consumers", { ...consumption, limit: 3 }, ["error max-consumers"]]
]

describe("The checks of the consumers", () => {
  it("find nothing where each owned partition has one, and others have theirs", () => {
    const kept = { ...consumption, consumers: [...consumption.consumers, consumerOf(2)] }
    assert.deepStrictEqual(Finding.examine(ConsumerChecks.checks, kept), [], "it comes back where it was")
    assert.deepStrictEqual(Finding.examine(ConsumerChecks.checks, consumption), [])
    assert.deepStrictEqual(Finding.examine(ConsumerChecks.checks, { ...consumption, limit: 7 }), [])
  })

  it.each(illConsumptions)("find %s, and nothing else", (_, ill, found) => {
    assert.deepStrictEqual(told(Finding.examine(ConsumerChecks.checks, ill)), found)
  })
})

// ---------------------------------------------------------------------------------------------------------- obstacles

const obstacles = [
  new NatsError.NatsUnreachable({ servers: ["nats://h:1"], reason: "ECONNREFUSED" }),
  new NatsError.NatsCredentialsRefused({ servers: ["nats://h:1"], offered: "the token", reason: "refused" }),
  new NatsError.NatsPermissionDenied({ operation: "publish", subject: "$JS.API.INFO" }),
  new NatsError.NatsWithoutJetStream({ server: "h:1", reason: "it is not enabled" }),
  new NatsError.NatsServerTooOld({ server: "h:1", version: "2.8.0", oldest: "2.10" }),
  new GroupMissing({ group: "orders", server: "h:1" })
]

describe("What is in the way of the doctor", () => {
  it("is a finding with a name of its own, a problem and a cure", () => {
    const found = obstacles.map(Obstacle.of)
    assert.sameMembers(
      found.map(({ check }) => check),
      Obstacle.checks.map(({ name }) => name)
    )
    for (const { cure, problem } of found) {
      assert.isAbove(problem.length, 10)
      assert.isAbove(cure.length, 10)
    }
  })
})

describe("The doctor", () => {
  it("has a sample for each of its checks, and says of each what it looks for", () => {
    const samples = [...illServers, ...illGroups, ...illConsumptions].flatMap(([, , found]) => found)
    const shown = new Set([...samples.map((found) => found.split(" ")[1]), ...Obstacle.checks.map(({ name }) => name)])
    assert.sameMembers([...shown], [...new Set(Examination.checks.map(({ name }) => name))])
    assert.isAbove(Examination.checks.length, 25)
  })

  it("tells the worst first", () => {
    const mixed = [Finding.note("a", "b"), Finding.error("c", "d"), Finding.warning("e", "f")]
    const sorted = Finding.bySeverity(mixed.map((found) => ({ check: "x", ...found })))
    assert.deepStrictEqual(
      sorted.map(({ severity }) => severity),
      ["error", "warning", "note"]
    )
  })
})
