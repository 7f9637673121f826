/**
 * What is consumed, and how.
 *
 * @since 0.1.0
 */
import type { JsMsg } from "@nats-io/jetstream"
import type { PartitionContext } from "@parti/core/Parti"
import type { Partition, PartitionId } from "@parti/core/Partition"
import * as Duration from "effect/Duration"
import type * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Result from "effect/Result"
import { ConsumptionInvalid } from "../ConsumptionError.ts"
import type { StartFrom } from "./PartitionConsumer.ts"
import * as Subject from "./Subject.ts"

/**
 * A message as its handler sees it. Nothing has to be acknowledged: that happens when the handler succeeds.
 *
 * @category models
 * @since 0.1.0
 */
export type PartitionMessage = Omit<JsMsg, "ack" | "nak" | "working" | "next" | "term" | "ackAck" | "sid">

/**
 * What is consumed, and how.
 *
 * **Details**
 *
 * - `stream`: must exist. `name`: names the consumption; the workers of a group use the same, other groups another: 1 to 64
 *   letters, digits, `_` and `-`.
 * - `subject`: the subject of a partition's messages, or several. As a text, `{id}` stands for the partition's id, `{0}` for
 *   its first key, and so on: `"orders.{id}.>"`. A key that is not legal in a subject is refused; ids are escaped.
 * - `handler`: is given each message with its partition and token. It is interrupted when the partition must be given up
 *   and it does not end in time; the message is then handled again, by the next owner.
 * - `startFrom`: where a partition begins that was never consumed (default `first`).
 * - `concurrency`: how many messages of one partition are handled at a time (default 1: strictly in order).
 * - `prefetch`: how many messages may be in hand, and come again after a crash (default 64, or `concurrency`).
 * - `ackWait`: after how long without a sign of life the server delivers a message again (default 30 seconds). A slow
 *   handler is no reason: signs of life are sent while it runs.
 * - `maxDeliver`: how often a message is tried before it is given up (default: for ever). `backoff`: the pauses between
 *   (default 0.1 to 30 seconds, doubling).
 *   Attempts are counted by the partition's owner: the next one begins to count anew.
 * - `deadLetterSubject`: where a message goes that was given up; without it, it is logged and dropped. A stream must have
 *   the subject.
 * - `maxConsumers`: whether the group's leader raises the stream's `max_consumers` when that is too low for the
 *   partitions (`raise`, which needs a permission more), or warns (`check`, the default).
 * - `forgetAfter`: how long the position of a partition is kept that has left the list (default 1 hour; `Infinity` keeps
 *   it). A partition that comes back later begins at `startFrom`. On streams with interest retention it is always kept.
 * - `sweepEvery`: how often consumers that nobody needs any more are looked for (default 1 minute).
 *
 * @category models
 * @since 0.1.0
 */
export interface JetStreamPartitionsOptions<E, R> {
  readonly stream: string
  readonly name: string
  readonly subject: string | ((partition: Partition) => string | ReadonlyArray<string>)
  readonly handler: (message: PartitionMessage, context: PartitionContext) => Effect.Effect<unknown, E, R>
  readonly startFrom?: StartFrom
  readonly concurrency?: number
  readonly prefetch?: number
  readonly ackWait?: Duration.Input
  readonly maxDeliver?: number
  readonly backoff?: ReadonlyArray<Duration.Input>
  readonly deadLetterSubject?: string | ((message: PartitionMessage) => string)
  readonly maxConsumers?: "check" | "raise"
  readonly forgetAfter?: Duration.Input
  readonly sweepEvery?: Duration.Input
}

/**
 * The options, checked and with their defaults. `subjects` are those of a partition.
 *
 * @category models
 * @since 0.1.0
 */
export interface Settings<E, R> extends Pick<JetStreamPartitionsOptions<E, R>, "stream" | "name" | "handler"> {
  readonly subjects: (id: PartitionId, partition: Partition) => Result.Result<ReadonlyArray<string>, ConsumptionInvalid>
  readonly startFrom: StartFrom
  readonly concurrency: number
  readonly prefetch: number
  readonly ackWaitMs: number
  readonly maxDeliver: number
  readonly backoffMs: ReadonlyArray<number>
  readonly deadLetterSubject: ((message: PartitionMessage) => string) | null
  readonly maxConsumers: "check" | "raise"
  readonly forgetAfterMs: number
  readonly sweepEveryMs: number
}

const defaultPrefetch = 64
const defaultAckWaitMs = 30_000
const defaultForgetAfterMs = 3_600_000
const defaultSweepEveryMs = 60_000
const defaultBackoffMs = [100, 200, 400, 800, 1_600, 3_200, 6_400, 12_800, 25_600, 30_000]

/**
 * Checks the options; all that is wrong is told at once.
 *
 * @category constructors
 * @since 0.1.0
 */
export const parse = <E, R>(
  options: JetStreamPartitionsOptions<E, R>
): Result.Result<Settings<E, R>, ConsumptionInvalid> => {
  const broken = rules.flatMap(({ accepts, field, rule }) => {
    const value = options[field]
    return (value === undefined && !required.has(field)) || accepts(value) ? [] : [{ field, rule, value }]
  })
  const { concurrency = 1, deadLetterSubject, prefetch = Math.max(defaultPrefetch, concurrency), subject } = options
  if (broken.length === 0 && prefetch < concurrency) {
    broken.push({ field: "prefetch", rule: `it is at least \`concurrency\`, ${concurrency}`, value: prefetch })
  }
  if (broken.length > 0) return Result.fail(new ConsumptionInvalid({ broken }))
  const { backoff = defaultBackoffMs, handler, name, stream } = options
  return Result.succeed({
    stream,
    name,
    handler,
    subjects: (id, partition) => subjectsOf(subject, id, partition),
    startFrom: options.startFrom ?? "first",
    concurrency,
    prefetch,
    ackWaitMs: Duration.toMillis(options.ackWait ?? defaultAckWaitMs),
    maxDeliver: options.maxDeliver ?? Number.POSITIVE_INFINITY,
    backoffMs: backoff.map((pause) => Duration.toMillis(pause)),
    deadLetterSubject: typeof deadLetterSubject === "string" ? () => deadLetterSubject : (deadLetterSubject ?? null),
    maxConsumers: options.maxConsumers ?? "check",
    forgetAfterMs: Duration.toMillis(options.forgetAfter ?? defaultForgetAfterMs),
    sweepEveryMs: Duration.toMillis(options.sweepEvery ?? defaultSweepEveryMs)
  })
}

type Field = keyof JetStreamPartitionsOptions<never, never>

interface Rule {
  readonly field: Field
  readonly rule: string
  readonly accepts: (value: unknown) => boolean
}

const required: ReadonlySet<Field> = new Set<Field>(["stream", "name", "subject", "handler"])

const isCount = (most: number) => (value: unknown) =>
  typeof value === "number" && Number.isInteger(value) && value >= 1 && value <= most

/** Options may come from JavaScript, where a span may be anything. */
const isSpan = (leastMs: number, mostMs: number) => (value: unknown) => {
  // What is not a number is taken for nothing.
  if (Number.isNaN(value)) return false
  // Whatever else it is, the library says whether it is a span.
  const span = Duration.fromInput(value as Duration.Input)
  if (Option.isNone(span)) return false
  const ms = Duration.toMillis(span.value)
  return ms >= leastMs && ms <= mostMs
}

const dayMs = 86_400_000
const maxHands = 10_000
const maxPauses = 100
const minSpanMs = 100

const isFunction = (value: unknown) => typeof value === "function"

const isStart = (value: unknown) => {
  if (value === "first") return true
  if (typeof value !== "object" || value === null) return false
  if ("sequence" in value) return isCount(Number.MAX_SAFE_INTEGER)(value.sequence)
  return "time" in value && value.time instanceof Date && Number.isFinite(value.time.getTime())
}

const rules: ReadonlyArray<Rule> = [
  {
    field: "stream",
    rule: "the name of a stream is 1 to 255 characters without spaces, control characters and . * > / \\",
    accepts: (value) => typeof value === "string" && /^[^\s\p{C}.*>/\\]{1,255}$/u.test(value)
  },
  {
    field: "name",
    rule: "it is 1 to 64 letters, digits, _ and -",
    accepts: (value) => typeof value === "string" && /^[A-Za-z0-9_-]{1,64}$/.test(value)
  },
  {
    field: "subject",
    rule: "it is a function, or a legal subject of at most 512 characters with {id} or a key such as {0} in it",
    accepts: (value) => isFunction(value) || (typeof value === "string" && Subject.isTemplate(value))
  },
  { field: "handler", rule: "it is a function", accepts: isFunction },
  {
    field: "startFrom",
    rule: 'it is "first", a sequence from 1, or a time that is a valid Date',
    accepts: isStart
  },
  {
    field: "concurrency",
    rule: "it is a whole number from 1 to 10,000",
    accepts: isCount(maxHands)
  },
  { field: "prefetch", rule: "it is a whole number from 1 to 10,000", accepts: isCount(maxHands) },
  {
    field: "ackWait",
    rule: "it is a span from 100 milliseconds to 1 day",
    accepts: isSpan(minSpanMs, dayMs)
  },
  {
    field: "maxDeliver",
    rule: "it is a whole number from 1, or Infinity",
    accepts: (value) => value === Number.POSITIVE_INFINITY || isCount(Number.MAX_SAFE_INTEGER)(value)
  },
  {
    field: "backoff",
    rule: "it is a list of 1 to 100 spans from 0 to 1 day",
    accepts: (value) =>
      Array.isArray(value) && value.length >= 1 && value.length <= maxPauses && value.every(isSpan(0, dayMs))
  },
  {
    field: "deadLetterSubject",
    rule: "it is a function, or a legal subject of at most 512 characters without wildcards",
    accepts: (value) => isFunction(value) || (typeof value === "string" && Subject.isLiteral(value))
  },
  {
    field: "maxConsumers",
    rule: 'it is "check" or "raise"',
    accepts: (value) => value === "check" || value === "raise"
  },
  {
    field: "forgetAfter",
    rule: "it is a span, or Infinity",
    accepts: isSpan(0, Number.POSITIVE_INFINITY)
  },
  {
    field: "sweepEvery",
    rule: "it is a span from 100 milliseconds to 1 day",
    accepts: isSpan(minSpanMs, dayMs)
  }
]

const keyRule =
  "what a subject names by number must be legal in one: no dots, wildcards, spaces, control characters; use {id}"

const subjectsOf = (
  subject: JetStreamPartitionsOptions<never, never>["subject"],
  id: PartitionId,
  partition: Partition
): Result.Result<ReadonlyArray<string>, ConsumptionInvalid> => {
  const refuse = (field: string, rule: string, value: unknown) =>
    Result.fail(new ConsumptionInvalid({ broken: [{ field, rule, value }] }))
  const found = typeof subject === "string" ? Subject.fill(subject, id, partition.keys) : subject(partition)
  if (found === null) return refuse("keys", keyRule, partition.keys)
  const subjects: ReadonlyArray<unknown> = typeof found === "string" ? [found] : found
  // The server would take none, and an empty one, for all subjects.
  if (subjects.length === 0) return refuse("subject", `it must give partition ${id} at least one subject`, subjects)
  const legal = subjects.filter(Subject.isFilter)
  return legal.length === subjects.length
    ? Result.succeed(legal)
    : refuse("subject", `it must give partition ${id} legal subjects of at most 512 characters`, subjects)
}
