/**
 * Gathers the facts, and has them checked.
 *
 * @since 0.1.0
 */
import { RetentionPolicy, type StreamInfo } from "@nats-io/jetstream"
import type { Bucket } from "@parti/core/CoordinationStore"
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import type * as Scope from "effect/Scope"
import * as NatsFailure from "../../connection/NatsFailure.ts"
import * as ConsumerLimit from "../../consume/ConsumerLimit.ts"
import * as ConsumerListing from "../../consume/ConsumerListing.ts"
import * as KvBucket from "../../store/KvBucket.ts"
import * as Status from "../commands/Status.ts"
import { type Failure, GroupMissing, UsageInvalid } from "../Failure.ts"
import * as Session from "../Session.ts"
import * as Settings from "../Settings.ts"
import * as ConsumerChecks from "./ConsumerChecks.ts"
import type { BucketFacts, ConsumptionFacts, GroupFacts, ServerFacts, Use } from "./Facts.ts"
import * as Finding from "./Finding.ts"
import * as LoadChecks from "./LoadChecks.ts"
import * as Obstacle from "./Obstacle.ts"
import * as PlanChecks from "./PlanChecks.ts"
import * as ServerChecks from "./ServerChecks.ts"
import * as WorkerChecks from "./WorkerChecks.ts"

/**
 * What is examined besides the group: the consumers of a stream, if one is named.
 *
 * @category models
 * @since 0.1.0
 */
export interface Request {
  readonly idCount: number
  readonly stream: string | null
  readonly consumption: string | null
}

/**
 * What was examined, and what was found: the JSON of `parti doctor`.
 *
 * @category models
 * @since 0.1.0
 */
export interface DoctorReport {
  readonly group: string
  readonly server: string
  readonly checks: number
  readonly isHealthy: boolean
  readonly findings: ReadonlyArray<Finding.Finding>
}

const groupChecks = [...PlanChecks.checks, ...WorkerChecks.checks, ...LoadChecks.checks]

/**
 * All checks, by name.
 *
 * @category constants
 * @since 0.1.0
 */
export const checks: ReadonlyArray<{ readonly name: string; readonly looksFor: string }> = [
  ...Obstacle.checks,
  ...ServerChecks.checks,
  ...groupChecks,
  ...ConsumerChecks.checks
]

/**
 * Examines a group. It fails only for a command line that is wrong: whatever else is in the way is a finding.
 *
 * @category running
 * @since 0.1.0
 */
export const run = (
  settings: Settings.Settings,
  request: Request
): Effect.Effect<DoctorReport, UsageInvalid, Scope.Scope> =>
  Effect.gen(function* () {
    const group = yield* Settings.group(settings)
    const told = (server: string, count: number, findings: ReadonlyArray<Finding.Finding>): DoctorReport => ({
      group,
      server,
      checks: Obstacle.checks.length + count,
      isHealthy: findings.every(({ severity }) => severity !== "error"),
      findings: Finding.bySeverity(findings)
    })
    const connected = yield* Effect.result(Session.connect(settings))
    if (Result.isFailure(connected))
      return told(Settings.shownServer(settings), 0, [yield* asFinding(connected.failure)])
    const server = connected.success
    const { url } = server

    const facts = yield* Effect.result(serverFacts(server, group))
    if (Result.isFailure(facts)) return told(url, 0, [yield* asFinding(facts.failure)])
    const found = [...Finding.examine(ServerChecks.checks, facts.success)]
    const count = ServerChecks.checks.length
    const { live, plan } = facts.success
    if (live === null && plan === null)
      return told(url, count, [Obstacle.of(new GroupMissing({ group, server: url })), ...found])
    // The store of such a group does not open.
    if (live === null || plan === null || live.faults.length + plan.faults.length > 0) return told(url, count, found)

    const watched = yield* Effect.result(Session.watch(settings, server))
    if (Result.isFailure(watched)) return told(url, count, [yield* asFinding(watched.failure), ...found])
    const ofGroup = yield* groupFacts(watched.success, request)
    found.push(...Finding.examine(groupChecks, ofGroup))
    if (request.stream === null) return told(url, count + groupChecks.length, found)
    const { consumption, stream } = request
    const consumers = yield* Effect.result(consumptionFacts(server, stream, consumption ?? group, ofGroup))
    if (Result.isFailure(consumers)) {
      const reason = `the consumers of stream ${stream} cannot be listed: ${consumers.failure.message}`
      return yield* new UsageInvalid({ reason: `${reason}; look at --stream, and at the user's permissions` })
    }
    found.push(...Finding.examine(ConsumerChecks.checks, consumers.success))
    return told(url, count + groupChecks.length + ConsumerChecks.checks.length, found)
  })

const asFinding = (failure: Failure): Effect.Effect<Finding.Finding, UsageInvalid> =>
  failure._tag === "UsageInvalid" ? Effect.fail(failure) : Effect.succeed(Obstacle.of(failure))

const serverFacts = (server: Session.Server, group: string) =>
  Effect.gen(function* () {
    const { info } = server.nats.connection
    return {
      url: server.url,
      version: server.version,
      isClustered: info?.cluster !== undefined,
      maxPayload: info?.max_payload ?? Number.POSITIVE_INFINITY,
      account: yield* account(server),
      live: yield* bucket(server, group, "live"),
      plan: yield* bucket(server, group, "plan")
    } satisfies ServerFacts
  })

/** Users who may not ask for it are told nothing of the account. */
const account = ({ manager }: Session.Server): Effect.Effect<ReadonlyArray<Use>> =>
  NatsFailure.attempt(() => manager.getAccountInfo()).pipe(
    Effect.map(({ limits, ...used }) => [
      { what: "bytes of storage", used: used.storage, limit: limits.max_storage },
      { what: "bytes of memory", used: used.memory, limit: limits.max_memory },
      { what: "streams", used: used.streams, limit: limits.max_streams },
      { what: "consumers", used: used.consumers, limit: limits.max_consumers }
    ]),
    Effect.orElseSucceed(() => [])
  )

const bucket = ({ manager, version }: Session.Server, group: string, which: Bucket) => {
  const meant = KvBucket.make(group, which, {})
  return NatsFailure.attempt(() => manager.streams.info(meant.stream)).pipe(
    Effect.map((found): BucketFacts | null => bucketFacts(meant, found, version)),
    Effect.catchIf(
      ({ cause }) => NatsFailure.code(cause) === NatsFailure.codes.streamNotFound,
      () => Effect.succeed(null)
    ),
    Effect.mapError((error) => NatsFailure.permission(error.cause) ?? KvBucket.unopened(error))
  )
}

const bucketFacts = (
  meant: KvBucket.KvBucket,
  { cluster, config, state }: StreamInfo,
  version: string
): BucketFacts => ({
  name: meant.name,
  faults: KvBucket.faults(meant, config).map(
    ({ is, setting, shouldBe }) => `bucket ${meant.name}: ${setting} is ${is} and should be ${shouldBe}`
  ),
  replicas: config.num_replicas,
  storage: config.storage,
  consumers: state.consumer_count,
  limit: ConsumerLimit.of(config.max_consumers, version),
  cluster:
    cluster === undefined
      ? null
      : {
          leader: cluster.leader || null,
          peers: (cluster.replicas ?? []).map(({ current, name, offline }) => ({
            name,
            isCurrent: current,
            isOffline: offline
          }))
        }
})

const groupFacts = (session: Session.Session, { idCount }: Request): Effect.Effect<GroupFacts> =>
  Effect.gen(function* () {
    const status = yield* Status.current(session)
    return { idCount, timing: session.timing, snapshot: yield* session.observer.current, status }
  })

const consumptionFacts = (server: Session.Server, stream: string, consumption: string, { snapshot }: GroupFacts) =>
  Effect.gen(function* () {
    const { config } = yield* NatsFailure.attempt(() => server.manager.streams.info(stream))
    const consumers = yield* ConsumerListing.make(server.nats.connection, stream)
    const limit = ConsumerLimit.of(config.max_consumers, server.version)
    const keepsForEver = config.retention === RetentionPolicy.Interest
    return { stream, consumption, limit, keepsForEver, consumers, snapshot } satisfies ConsumptionFacts
  })
