/**
 * Checks of the server, the account, and the two buckets.
 *
 * @since 0.1.0
 */
import type { BucketFacts, ServerFacts } from "./Facts.ts"
import { type Check, error, note, warning } from "./Finding.ts"

type ServerCheck = Check<ServerFacts>

const buckets = ({ live, plan }: ServerFacts): ReadonlyArray<BucketFacts> =>
  [live, plan].filter((bucket) => bucket !== null)

const bucketMissing: ServerCheck = {
  name: "bucket-missing",
  looksFor: "one of the two buckets is gone",
  examine: ({ live, plan }) =>
    (live === null) === (plan === null)
      ? []
      : [
          error(
            `the bucket ${live === null ? "live" : "plan"} of the group is gone`,
            "nothing, if a worker runs: it makes the bucket again, and the group recovers; else start a worker"
          )
        ]
}

const bucketSettings: ServerCheck = {
  name: "bucket-settings",
  looksFor: "a bucket has settings that lose records",
  examine: (facts) =>
    buckets(facts).flatMap(({ faults, name }) =>
      faults.map((fault) => error(fault, `\`nats stream edit KV_${name}\`, or another group name`))
    )
}

const bucketReplicas: ServerCheck = {
  name: "bucket-replicas",
  looksFor: "a bucket of a cluster is on one server, or the two differ",
  examine: (facts) => {
    const { isClustered, live, plan } = facts
    const differ = live !== null && plan !== null && live.replicas !== plan.replicas
    return [
      ...buckets(facts).flatMap(({ name, replicas }) =>
        isClustered && replicas < 3
          ? [
              warning(
                `${name} has ${replicas} ${replicas === 1 ? "replica" : "replicas"} in a cluster: it is lost, or stands still, with one server`,
                `\`nats stream edit KV_${name} --replicas 3\`, and \`replicas: 3\` in the options of the store`
              )
            ]
          : []
      ),
      ...(differ
        ? [
            warning(
              `live has ${live.replicas} replicas, plan has ${plan.replicas}: the group stands still with the weaker one`,
              "give both the same number of replicas"
            )
          ]
        : [])
    ]
  }
}

const bucketStorage: ServerCheck = {
  name: "bucket-storage",
  looksFor: "a bucket is kept in memory",
  examine: (facts) =>
    buckets(facts).flatMap(({ name, replicas, storage }) =>
      storage === "memory"
        ? [
            (replicas > 1 ? note : warning)(
              `${name} is kept in memory: it is lost when its servers restart together, and the group then starts afresh`,
              'make the buckets with `storage: "file"`, under another group name'
            )
          ]
        : []
    )
}

const bucketHealth: ServerCheck = {
  name: "bucket-health",
  looksFor: "a bucket has no leader, or a replica is away",
  examine: (facts) =>
    buckets(facts).flatMap(({ cluster, name }) => {
      if (cluster === null) return []
      const away = cluster.peers.filter(({ isCurrent, isOffline }) => isOffline || !isCurrent)
      return [
        ...(cluster.leader === null
          ? [error(`${name} has no leader and takes no writes`, "bring a majority of its servers back")]
          : []),
        ...away.map(({ isOffline, name: server }) =>
          warning(
            `the replica of ${name} on ${server} is ${isOffline ? "offline" : "behind"}`,
            "look at that server's log, disk and network"
          )
        )
      ]
    })
}

/** From here on a limit is nearly reached. */
const nearly = 0.8

const bucketConsumers: ServerCheck = {
  name: "bucket-consumers",
  looksFor: "a bucket takes hardly any more watches",
  examine: (facts) =>
    buckets(facts).flatMap(({ consumers, limit, name }) => {
      if (limit === null || consumers < nearly * limit) return []
      const tell = consumers >= limit ? error : warning
      return [
        tell(
          `${name} has ${consumers} of at most ${limit} consumers, and each worker needs one`,
          `raise max_consumers of KV_${name}, or use several groups`
        )
      ]
    })
}

const accountFull: ServerCheck = {
  name: "account-limits",
  looksFor: "the account has used up nearly all of something",
  examine: ({ account }) =>
    account.flatMap(({ limit, used, what }) => {
      // 0 is what accounts without a limit of their own are told.
      if (limit <= 0 || used < nearly * limit) return []
      const tell = used >= limit ? error : warning
      return [
        tell(`the account has used ${used} of ${limit} ${what}`, "raise the account's limits, or free what is unused")
      ]
    })
}

/** What a piece of a large plan and its headers take. */
const leastPayload = 600 * 1024

const maxPayload: ServerCheck = {
  name: "max-payload",
  looksFor: "messages may be too small for large plans",
  examine: ({ maxPayload: bytes, url }) =>
    bytes >= leastPayload
      ? []
      : [
          warning(
            `${url} takes messages of at most ${bytes} bytes; a group of very many partitions needs ${leastPayload}`,
            "raise the server's max_payload to its usual 1 MB"
          )
        ]
}

const serverVersion: ServerCheck = {
  name: "server-version",
  looksFor: "the server is of an older release",
  examine: ({ url, version }) => {
    const [major = 0, minor = 0] = version.split(".").map(Number)
    if (major > 2 || (major === 2 && minor >= 11)) return []
    return [
      note(
        `${url} is nats-server ${version}: it works, but forgets removed keys more slowly and takes max_consumers only at the start`,
        "upgrade to 2.11 or newer when you can"
      )
    ]
  }
}

/**
 * All of them.
 *
 * @category checks
 * @since 0.1.0
 */
export const checks: ReadonlyArray<ServerCheck> = [
  bucketMissing,
  bucketSettings,
  bucketHealth,
  bucketReplicas,
  bucketStorage,
  bucketConsumers,
  accountFull,
  maxPayload,
  serverVersion
]
