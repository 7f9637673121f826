/**
 * What a worker's user must be allowed on the server, and no more.
 *
 * @since 0.1.0
 */

/**
 * What a worker does on NATS.
 *
 * **Details**
 *
 * - `group`: the group it belongs to.
 * - `streams`: the streams whose messages it handles.
 * - `raisesLimits`: whether it raises the limit of consumers of these streams: `maxConsumers: "raise"` (default `false`).
 * - `showsLag`: whether it may also list the consumers of these streams, as `parti ui --stream` does (default `false`); no
 *   worker needs that.
 * - `publishes`: what else it publishes to: dead-letter subjects, and whatever the handlers send.
 * - `makesBuckets`: whether it makes the two buckets of its group when they are missing (default `true`). Without it they
 *   must be there before the first worker starts.
 * - `inboxPrefix`: where answers come to (default `_INBOX`). Users who may subscribe to `_INBOX.>` can read each other's
 *   answers: give each group a prefix of its own, and its workers the same as their option `inboxPrefix`.
 *
 * @category models
 * @since 0.1.0
 */
export interface NatsPermissionsOptions {
  readonly group: string
  readonly streams?: ReadonlyArray<string>
  readonly raisesLimits?: boolean
  readonly showsLag?: boolean
  readonly publishes?: ReadonlyArray<string>
  readonly makesBuckets?: boolean
  readonly inboxPrefix?: string
}

/**
 * Permissions in the form of the server's `permissions` block. What is not listed is denied.
 *
 * @category models
 * @since 0.1.0
 */
export interface NatsPermissions {
  readonly publish: { readonly allow: ReadonlyArray<string> }
  readonly subscribe: { readonly allow: ReadonlyArray<string> }
}

/**
 * The least that a worker can do with.
 *
 * **Example** (A user for the workers of one group, and one for its dashboard)
 *
 * ```ts
 * import { NatsPermissions } from "@parti/nats-adapter"
 *
 * const options: NatsPermissions.NatsPermissionsOptions = {
 *   group: "billing",
 *   streams: ["ORDERS"],
 *   inboxPrefix: "_INBOX_billing"
 * }
 * const userOf = (user: string, permissions: NatsPermissions.NatsPermissions) => ({ user, permissions })
 *
 * const users = [
 *   userOf("billing", NatsPermissions.make(options)),
 *   userOf("billing-ui", NatsPermissions.make({ ...options, showsLag: true }))
 * ]
 * console.log(JSON.stringify({ users }, null, 2))
 * ```
 *
 * **Gotchas**
 *
 * Two groups that consume one stream can reach each other's consumers: NATS permits by stream. Give a group that must not be
 * trusted a stream of its own, by sourcing.
 *
 * @category constructors
 * @since 0.1.0
 */
export const make = (options: NatsPermissionsOptions): NatsPermissions => {
  const {
    group,
    inboxPrefix = "_INBOX",
    makesBuckets = true,
    publishes = [],
    raisesLimits = false,
    showsLag = false,
    streams = []
  } = options
  const buckets = [`${group}-live`, `${group}-plan`]
  return {
    publish: {
      allow: [
        "$JS.API.INFO",
        ...buckets.flatMap((bucket) => bucketSubjects(bucket, makesBuckets)),
        ...streams.flatMap((stream) => streamSubjects(stream, raisesLimits)),
        ...(showsLag ? streams.map((stream) => `$JS.API.CONSUMER.LIST.${stream}`) : []),
        ...publishes
      ]
    },
    subscribe: { allow: [`${inboxPrefix}.>`] }
  }
}

const bucketSubjects = (bucket: string, makes: boolean): ReadonlyArray<string> => [
  `$KV.${bucket}.>`,
  `$JS.API.STREAM.INFO.KV_${bucket}`,
  ...(makes ? [`$JS.API.STREAM.CREATE.KV_${bucket}`] : []),
  `$JS.API.STREAM.MSG.GET.KV_${bucket}`,
  // Watches, and the answers by which a watch says that it keeps up.
  `$JS.API.CONSUMER.CREATE.KV_${bucket}`,
  `$JS.API.CONSUMER.DELETE.KV_${bucket}.*`,
  `$JS.FC.KV_${bucket}.>`
]

const streamSubjects = (stream: string, raises: boolean): ReadonlyArray<string> => [
  `$JS.API.STREAM.INFO.${stream}`,
  ...(raises ? [`$JS.API.STREAM.UPDATE.${stream}`] : []),
  `$JS.API.CONSUMER.NAMES.${stream}`,
  `$JS.API.CONSUMER.INFO.${stream}.*`,
  `$JS.API.CONSUMER.CREATE.${stream}.>`,
  // For partitions with several subjects.
  `$JS.API.CONSUMER.DURABLE.CREATE.${stream}.*`,
  `$JS.API.CONSUMER.DELETE.${stream}.*`,
  `$JS.API.CONSUMER.MSG.NEXT.${stream}.*`,
  `$JS.ACK.${stream}.>`
]
