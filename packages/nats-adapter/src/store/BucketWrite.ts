/**
 * Writes to one bucket.
 *
 * @since 0.1.0
 */
import type { JetStreamClient, StreamConfig } from "@nats-io/jetstream"
import { headers as makeHeaders, type MsgHdrs } from "@nats-io/transport-node"
import { type Bucket, RevisionMismatch, StoreUnavailable, ValueTooLarge } from "@parti/core/CoordinationStore"
import * as Revision from "@parti/core/Revision"
import * as Effect from "effect/Effect"
import type { WatchedBucket } from "./BucketWatch.ts"
import * as KvBucket from "./KvBucket.ts"
import type { NatsPermissionDenied } from "../NatsError.ts"
import * as NatsFailure from "../connection/NatsFailure.ts"

/**
 * A bucket that can be written to. `settings` are those its stream had when it was opened.
 *
 * @category models
 * @since 0.1.0
 */
export interface WritableBucket extends WatchedBucket {
  readonly which: Bucket
  readonly client: JetStreamClient
  readonly timeoutMs: number
  readonly settings: StreamConfig
}

type Failed = RevisionMismatch | StoreUnavailable | ValueTooLarge

interface Publication {
  readonly operation: "write" | "put" | "remove"
  readonly key: string
  readonly value: Uint8Array
  readonly expected?: Revision.Revision
  readonly headers?: MsgHdrs
}

/**
 * Compare-and-set. A removed key leaves a marker, which has a revision of its own: whoever expects the key to be absent
 * then replaces the marker.
 *
 * @category operations
 * @since 0.1.0
 */
export const write = (
  bucket: WritableBucket,
  key: string,
  value: Uint8Array,
  expected: Revision.Revision
): Effect.Effect<Revision.Revision, Failed> =>
  within(bucket, (deadline) => {
    const publication: Publication = { operation: "write", key, value, expected }
    return Effect.catchTag(publish(bucket, publication, deadline), "RevisionMismatch", (refused) =>
      expected === Revision.absent
        ? overMarker(bucket, publication, refused, deadline)
        : Effect.suspend(() => {
            for (const doubter of bucket.doubters) doubter(key, expected)
            return refused
          })
    )
  })

/**
 * Writes whatever is there.
 *
 * @category operations
 * @since 0.1.0
 */
export const put = (
  bucket: WritableBucket,
  key: string,
  value: Uint8Array
): Effect.Effect<Revision.Revision, StoreUnavailable | ValueTooLarge> =>
  unconditional(bucket, { operation: "put", key, value })

/**
 * Removes a key. The marker that says so ages away, where the server knows how.
 *
 * @category operations
 * @since 0.1.0
 */
export const remove = (bucket: WritableBucket, key: string): Effect.Effect<void, StoreUnavailable> => {
  const headers = makeHeaders()
  headers.set("KV-Operation", "DEL")
  if (bucket.settings.allow_msg_ttl === true) headers.set("Nats-TTL", markerTtl)
  return unconditional(bucket, { operation: "remove", key, value: new Uint8Array(), headers }).pipe(
    // An empty value is never too large.
    Effect.catchTag("ValueTooLarge", Effect.die)
  )
}

/**
 * Finds out whether the user may write to a key, by a write that can only be refused.
 *
 * @category operations
 * @since 0.1.0
 */
export const probe = (bucket: WritableBucket, key: string): Effect.Effect<void, NatsPermissionDenied> => {
  const publication = { operation: "write", key, value: new Uint8Array(), expected: Number.MAX_SAFE_INTEGER } as const
  return within(bucket, (deadline) => Effect.result(publish(bucket, publication, deadline))).pipe(
    Effect.flatMap((result) => {
      if (result._tag === "Success" || result.failure._tag !== "StoreUnavailable") return Effect.void
      return NatsFailure.permission(result.failure.cause) ?? Effect.void
    })
  )
}

// Longer than a watch may be deaf and still go on where it was.
const markerTtl = "600s"

// What the headers of a message take of the payload that the server allows.
const headerRoom = 512

/** Gives the time by which everything must be done. */
const within = <A, E>(
  { timeoutMs }: WritableBucket,
  use: (deadline: Deadline) => Effect.Effect<A, E>
): Effect.Effect<A, E> =>
  Effect.clockWith((clock) => {
    const nowMs = (): number => Number(clock.monotonicTimeNanosUnsafe()) / 1e6
    const endsAt = nowMs() + timeoutMs
    return use({ leftMs: () => Math.max(0, Math.ceil(endsAt - nowMs())) })
  })

interface Deadline {
  readonly leftMs: () => number
}

const unconditional = (bucket: WritableBucket, publication: Publication) =>
  within(bucket, (deadline) => publish(bucket, publication, deadline)).pipe(
    // Nothing was expected.
    Effect.catchTag("RevisionMismatch", Effect.die)
  )

const publish = (
  bucket: WritableBucket,
  publication: Publication,
  deadline: Deadline
): Effect.Effect<Revision.Revision, Failed> => {
  const { key, value } = publication
  const maxBytes = maxValueBytes(bucket)
  if (value.length > maxBytes) return new ValueTooLarge({ key, bytes: value.length, maxBytes })
  if (bucket.link.isUp()) return send(bucket, publication, deadline)
  return Effect.andThen(
    reconnected(bucket, publication, deadline),
    Effect.suspend(() => send(bucket, publication, deadline))
  )
}

const send = (
  bucket: WritableBucket,
  publication: Publication,
  deadline: Deadline
): Effect.Effect<Revision.Revision, Failed> => {
  const { expected, headers, key, operation, value } = publication
  const timeout = deadline.leftMs()
  if (timeout === 0) return notApplied(operation, "there was no time left to send it")
  return Effect.callback((resume) => {
    const forget = bucket.link.onDown(() => {
      // No answer comes over a connection that was lost.
      const reason = "the connection was lost"
      resume(new StoreUnavailable({ operation, outcome: "Unknown", reason }))
    })
    const options = {
      timeout,
      ...(expected === undefined ? {} : { expect: { lastSubjectSequence: expected } }),
      ...(headers === undefined ? {} : { headers })
    }
    bucket.client.publish(KvBucket.subject(bucket.bucket, key), value, options).then(
      ({ seq }) => {
        forget()
        bucket.life.saw(seq)
        resume(Effect.succeed(seq))
      },
      (thrown: unknown) => {
        forget()
        resume(Effect.fail(failure(bucket, publication, thrown)))
      }
    )
    return Effect.sync(forget)
  })
}

const failure = (bucket: WritableBucket, { expected, key, operation, value }: Publication, thrown: unknown): Failed => {
  const code = NatsFailure.code(thrown)
  const { messageTooLarge, wrongLastSequence, wrongLastSequenceInFlight } = NatsFailure.codes
  if (expected !== undefined && (code === wrongLastSequence || code === wrongLastSequenceInFlight)) {
    return mismatch(bucket, key, expected)
  }
  if (code === messageTooLarge) return new ValueTooLarge({ key, bytes: value.length, maxBytes: maxValueBytes(bucket) })
  const outcome = NatsFailure.isNotApplied(thrown) ? "NotApplied" : "Unknown"
  return new StoreUnavailable({ operation, outcome, reason: NatsFailure.describe(thrown), cause: thrown })
}

const mismatch = ({ which }: WritableBucket, key: string, expected: Revision.Revision): RevisionMismatch =>
  new RevisionMismatch({ bucket: which, key, expected })

const maxValueBytes = ({ connection, settings }: WritableBucket): number => {
  const ofServer = connection.info?.max_payload ?? 1024 * 1024
  const ofBucket = settings.max_msg_size > 0 ? settings.max_msg_size : ofServer
  return Math.min(ofServer, ofBucket) - headerRoom
}

const reconnected = (
  { link }: WritableBucket,
  { operation }: Publication,
  deadline: Deadline
): Effect.Effect<void, StoreUnavailable> =>
  link.up.pipe(
    Effect.mapError(({ message }) => notApplied(operation, message)),
    Effect.timeoutOrElse({
      duration: deadline.leftMs(),
      orElse: () => notApplied(operation, "there is no connection")
    })
  )

const notApplied = (operation: Publication["operation"], reason: string, cause?: unknown): StoreUnavailable =>
  new StoreUnavailable({ operation, outcome: "NotApplied", reason, ...(cause === undefined ? {} : { cause }) })

/** A key that was removed is absent: who expects that replaces the marker which the removal has left. */
const overMarker = (
  bucket: WritableBucket,
  publication: Publication,
  refused: RevisionMismatch,
  deadline: Deadline
): Effect.Effect<Revision.Revision, Failed> =>
  NatsFailure.attempt(() => {
    const subject = KvBucket.subject(bucket.bucket, publication.key)
    return bucket.manager.streams.getMessage(bucket.bucket.stream, { last_by_subj: subject })
  }).pipe(
    // The write was refused before this was asked.
    Effect.mapError(({ cause, message }) => notApplied("write", message, cause)),
    Effect.timeoutOrElse({
      duration: deadline.leftMs(),
      orElse: () => notApplied("write", "there was no time left to see what stands there")
    }),
    Effect.flatMap((found) =>
      found !== null && KvBucket.isMarker(found.header)
        ? publish(bucket, { ...publication, expected: found.seq }, deadline)
        : refused
    ),
    Effect.catchTag("RevisionMismatch", () => refused)
  )
