/**
 * One bucket of the simulated store.
 *
 * @since 0.1.0
 */
import type { Revision } from "@parti/core/Protocol"
import type { Value } from "./Value.ts"

/**
 * The newest write of one key.
 *
 * @category models
 * @since 0.1.0
 */
export interface Entry {
  readonly revision: Revision.Revision
  readonly value: Value
  readonly writtenAt: number
}

/**
 * A bucket: the newest entry of each key, and the revision at which a key was seen to go. `saved` is what it held some time
 * ago, `life` counts how often it was made.
 *
 * @category models
 * @since 0.1.0
 */
export interface Bucket {
  readonly name: "live" | "plan"
  readonly entries: Map<string, Entry>
  readonly gone: Map<string, Revision.Revision>
  saved: ReadonlyMap<string, Entry>
  life: number
  last: Revision.Revision
}

/**
 * An empty bucket whose first revision follows `after`.
 *
 * @category constructors
 * @since 0.1.0
 */
export const make = (name: "live" | "plan", after: Revision.Revision): Bucket => ({
  name,
  entries: new Map(),
  gone: new Map(),
  saved: new Map(),
  life: 1,
  last: after
})

/**
 * What names the bucket's present life.
 *
 * @category getters
 * @since 0.1.0
 */
export const incarnation = (bucket: Bucket): string => `${bucket.name}~${bucket.life}`

/**
 * Writes whatever is there.
 *
 * @category combinators
 * @since 0.1.0
 */
export const put = (bucket: Bucket, key: string, value: Value, now: number): Entry => {
  bucket.last += 1
  const entry: Entry = { revision: bucket.last, value, writtenAt: now }
  bucket.entries.set(key, entry)
  bucket.gone.delete(key)
  return entry
}

/**
 * Takes a key away. Without notice, a watcher learns of it only when it lists again.
 *
 * @category combinators
 * @since 0.1.0
 */
export const vanish = (bucket: Bucket, key: string, isNoticed: boolean): void => {
  bucket.entries.delete(key)
  if (!isNoticed) return
  bucket.last += 1
  bucket.gone.set(key, bucket.last)
}

/**
 * The bucket is lost and made again, empty.
 *
 * @category combinators
 * @since 0.1.0
 */
export const lose = (bucket: Bucket, after: Revision.Revision): void => {
  bucket.entries.clear()
  bucket.gone.clear()
  bucket.life += 1
  bucket.last = after
}

/**
 * Remembers what the bucket holds, for a later set-back.
 *
 * @category combinators
 * @since 0.1.0
 */
export const save = (bucket: Bucket): void => {
  // What is garbled for a while must not come back for ever.
  bucket.saved = new Map([...bucket.entries].filter(([, { value }]) => value._tag !== "Garbage"))
}

/**
 * The bucket is set back to what it was when it was last saved, in a new life.
 *
 * @category combinators
 * @since 0.1.0
 */
export const setBack = (bucket: Bucket, after: Revision.Revision, now: number): void => {
  lose(bucket, after)
  for (const [key, { value }] of bucket.saved) put(bucket, key, value, now)
}
