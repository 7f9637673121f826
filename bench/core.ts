/** What the pure protocol costs: its steps, an idle group, a worker that joins. Counts are exact; times are of this machine. */
import { Node } from "@parti/core/Protocol"
import { Cluster } from "./Cluster.ts"

interface Row {
  readonly what: string
  readonly value: string
  readonly note: string
}

/** Time without windows, so that what is left is work. */
const windowless = { coldStartWindowMs: 0, plannedWindowMs: 0, minRebalanceIntervalMs: 0 }

const settled = (cluster: Cluster, partitions: number) => () =>
  cluster.plan?.phase._tag === "Idle" && cluster.running === partitions

const clocked = <A>(work: () => A): { readonly result: A; readonly ms: number } => {
  const startedAt = performance.now()
  const result = work()
  return { result, ms: performance.now() - startedAt }
}

const rate = (count: number, ms: number): string => `${Math.round((count / ms) * 1000).toLocaleString("en")} /s`

/** An hour in which nothing happens: every write but heartbeats is a fault. */
const idle = (workers: number, partitions: number): ReadonlyArray<Row> => {
  const cluster = new Cluster({ partitions, config: windowless })
  cluster.join(workers)
  cluster.runUntil(settled(cluster, partitions), 60_000)
  cluster.run(10_000)
  cluster.count()
  const hourMs = 3_600_000
  const { ms } = clocked(() => cluster.run(hourMs))
  const { events, writes } = cluster.count()
  const heartbeats = (writes.Renew ?? 0) / (workers * (hourMs / 2000))
  const others = Object.entries(writes).flatMap(([purpose, count]) =>
    purpose === "Renew" || purpose === "RenewLeader" ? [] : [`${purpose}: ${count}`]
  )
  return [
    {
      what: `an idle hour, ${workers} workers, ${partitions} partitions`,
      value: `${(ms / 1000).toFixed(1)} s`,
      note: `${Math.round(hourMs / ms)} × real time, ${rate(events, ms)} events with the store's`
    },
    {
      what: "  writes a worker and heartbeat",
      value: heartbeats.toFixed(3),
      note: `${writes.Renew ?? 0} renewals, ${writes.RenewLeader ?? 0} of the leader's office`
    },
    { what: "  other writes", value: String(others.length), note: others.join(", ") || "no plan, no scan" }
  ]
}

/** What the leader and a follower had to deal with in ten idle minutes, once more, through the reducer alone. */
const replays = (workers: number, partitions: number): ReadonlyArray<Row> => {
  const cluster = new Cluster({ partitions, config: windowless, record: true })
  cluster.join(workers)
  cluster.run(600_000)
  const { leader, recorded } = cluster
  const lengths = recorded.map(({ events }) => events.length)
  const follower = lengths.indexOf(Math.min(...lengths))
  return [
    { who: "the leader", node: recorded[leader] },
    { who: "a follower", node: recorded[follower] }
  ].flatMap(({ node, who }) => {
    if (node === undefined) return []
    const { config, events } = node
    const replay = () =>
      events.reduce((state, event) => Node.transition(config, state, event).state, Node.initial(config))
    replay()
    const { ms } = clocked(replay)
    return [{ what: `steps of ${who} of ${workers}`, value: rate(events.length, ms), note: `${events.length} events` }]
  })
}

/** From the start of one more worker to the last grant that it causes. */
const joining = (workers: number, partitions: number): Row => {
  const cluster = new Cluster({ partitions, config: windowless })
  cluster.join(workers)
  cluster.runUntil(settled(cluster, partitions), 60_000)
  cluster.run(10_000)
  cluster.count()
  const from = cluster.now
  const before = ownersIn(cluster)
  cluster.join(1)
  const isJoined = () => cluster.plan?.workers.length === workers + 1 && settled(cluster, partitions)()
  const { ms } = clocked(() => cluster.runUntil(isJoined, 60_000))
  const { events, planBytes, slowestMs, writes } = cluster.count()
  const owners = ownersIn(cluster)
  const moved = owners.filter((owner, p) => owner !== before[p]).length
  return {
    what: `a worker joins ${workers}, ${partitions} partitions`,
    value: `${events} events`,
    note:
      `${(events / (workers + 1)).toFixed(1)} a worker; ${writes.Plan ?? 0} plans of ${(planBytes / 1024).toFixed(1)} KiB together, ${cluster.now - from} simulated ms; ` +
      `${moved} moved; ${ms.toFixed(0)} ms in all, the slowest step ${slowestMs.toFixed(1)} ms`
  }
}

const ownersIn = ({ plan }: Cluster): ReadonlyArray<string | undefined> =>
  plan?.owner.map((index) => plan.workers[index]?.id) ?? []

/** All of it. */
export const run = (): ReadonlyArray<Row> => [
  ...idle(100, 1000),
  ...replays(100, 1000),
  joining(10, 1000),
  joining(100, 1000),
  joining(100, 10_000),
  joining(200, 10_000)
]
