/**
 * What the doctor looks at.
 *
 * @since 0.1.0
 */
import type { GroupSnapshot } from "@parti/core/GroupObserver"
import type { StatusReport } from "../report/StatusReport.ts"
import type { WorkerReport } from "../report/WorkerReport.ts"
import type { Timing } from "../Session.ts"

/**
 * One bucket. `faults`: what is wrong with its settings, in words. `limit`: how many consumers it takes; `null` for any
 * number.
 *
 * @category models
 * @since 0.1.0
 */
export interface BucketFacts {
  readonly name: string
  readonly faults: ReadonlyArray<string>
  readonly replicas: number
  readonly storage: string
  readonly consumers: number
  readonly limit: number | null
  /** `null` for a bucket that no cluster keeps. */
  readonly cluster: {
    readonly leader: string | null
    readonly peers: ReadonlyArray<{ readonly name: string; readonly isCurrent: boolean; readonly isOffline: boolean }>
  } | null
}

/**
 * What an account has used of something, and how much of it there is; a limit below 0 is none.
 *
 * @category models
 * @since 0.1.0
 */
export interface Use {
  readonly what: string
  readonly used: number
  readonly limit: number
}

/**
 * The server and the two buckets; `null` for one that is not there.
 *
 * @category models
 * @since 0.1.0
 */
export interface ServerFacts {
  readonly url: string
  readonly version: string
  readonly isClustered: boolean
  readonly maxPayload: number
  readonly account: ReadonlyArray<Use>
  readonly live: BucketFacts | null
  readonly plan: BucketFacts | null
}

/**
 * The group. `idCount`: how many ids its workers choose from.
 *
 * @category models
 * @since 0.1.0
 */
export interface GroupFacts {
  readonly idCount: number
  readonly timing: Timing
  readonly snapshot: GroupSnapshot
  readonly status: StatusReport
}

/**
 * The workers that renew their leases, whether or not they take partitions.
 *
 * @category accessors
 * @since 0.1.0
 */
export const living = ({ status }: GroupFacts): ReadonlyArray<WorkerReport> =>
  status.workers.filter(({ standing }) => standing === "live" || standing === "draining")

/**
 * The consumers of one consumption of a stream. `keepsForEver`: whether the stream keeps messages until every consumer has
 * acknowledged them.
 *
 * @category models
 * @since 0.1.0
 */
export interface ConsumptionFacts {
  readonly stream: string
  readonly consumption: string
  readonly limit: number | null
  readonly keepsForEver: boolean
  readonly consumers: ReadonlyArray<string>
  readonly snapshot: GroupSnapshot
}
