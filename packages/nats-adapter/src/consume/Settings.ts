/**
 * The options of a consumption, checked once, with their defaults filled in.
 *
 * @since 0.1.0
 */
import type { JsMsg } from "@nats-io/jetstream"
import * as Duration from "effect/Duration"
import * as Result from "effect/Result"
import { ConsumptionInvalid } from "../ConsumptionError.ts"
import type { StartFrom } from "./PartitionConsumer.ts"
import * as Subjects from "./Subjects.ts"

/**
 * What of the options needs to be checked.
 *
 * @category models
 * @since 0.1.0
 */
export interface SettingsInput {
  readonly stream: string
  readonly name: string
  readonly subject: Subjects.SubjectOption
  readonly startFrom?: StartFrom
  readonly concurrency?: number
  readonly prefetch?: number
  readonly ackWait?: Duration.Input
  readonly maxDeliver?: number
  readonly backoff?: ReadonlyArray<Duration.Input>
  readonly deadLetterSubject?: string | ((message: JsMsg) => string)
  readonly maxConsumers?: "check" | "raise"
  readonly orphanGrace?: Duration.Input
}

/**
 * The options as they are used. `backoffMs` has at least one pause.
 *
 * @category models
 * @since 0.1.0
 */
export interface Settings {
  readonly stream: string
  readonly name: string
  readonly subject: Subjects.SubjectOption
  readonly startFrom: StartFrom
  readonly concurrency: number
  readonly prefetch: number
  readonly ackWaitMs: number
  readonly maxDeliver: number
  readonly backoffMs: ReadonlyArray<number>
  readonly deadLetterSubject: ((message: JsMsg) => string) | null
  readonly mayRaise: boolean
  readonly orphanGraceMs: number
}

const defaultBackoffMs = [100, 200, 400, 800, 1_600, 3_200, 6_400, 12_800, 25_600, 30_000]

const longestMs = 86_400_000

/**
 * Checks every option; the first that breaks its rule is named.
 *
 * @category constructors
 * @since 0.1.0
 */
export const parse = (input: SettingsInput): Result.Result<Settings, ConsumptionInvalid> =>
  Result.gen(function* () {
    const {
      concurrency = 1,
      deadLetterSubject,
      maxConsumers = "check",
      maxDeliver,
      prefetch = 64,
      startFrom = "first"
    } = input
    yield* name("stream", input.stream)
    yield* name("name", input.name)
    if (typeof input.subject === "string") yield* filled("subject", input.subject.replaceAll(/\{(id|\d+)\}/g, "x"))
    yield* whole("prefetch", prefetch, 1, 10_000)
    yield* whole("concurrency", concurrency, 1, prefetch)
    if (maxDeliver !== undefined) yield* whole("maxDeliver", maxDeliver, 1, Number.MAX_SAFE_INTEGER)
    const backoffMs: Array<number> = []
    for (const pause of input.backoff ?? []) backoffMs.push(yield* span("backoff", pause, 0))
    if (input.backoff?.length === 0)
      yield* invalid("backoff", "empty", "at least one pause, or nothing for the default")
    if (typeof deadLetterSubject === "string" && !Subjects.isSubject(deadLetterSubject)) {
      yield* invalid("deadLetterSubject", JSON.stringify(deadLetterSubject), "a subject without wildcards or spaces")
    }
    if (maxConsumers !== "check" && maxConsumers !== "raise") {
      yield* invalid("maxConsumers", JSON.stringify(maxConsumers), `"check" or "raise"`)
    }
    if (startFrom !== "first") yield* start(startFrom)
    return {
      stream: input.stream,
      name: input.name,
      subject: input.subject,
      startFrom,
      concurrency,
      prefetch,
      ackWaitMs: yield* span("ackWait", input.ackWait ?? "30 seconds", 100),
      maxDeliver: maxDeliver ?? Number.POSITIVE_INFINITY,
      backoffMs: backoffMs.length === 0 ? defaultBackoffMs : backoffMs,
      deadLetterSubject: typeof deadLetterSubject === "string" ? () => deadLetterSubject : (deadLetterSubject ?? null),
      mayRaise: maxConsumers === "raise",
      orphanGraceMs: yield* span("orphanGrace", input.orphanGrace ?? "1 hour", 1)
    }
  })

const invalid = (option: string, is: string, rule: string) => Result.fail(new ConsumptionInvalid({ option, is, rule }))

const name = (option: string, given: string): Result.Result<void, ConsumptionInvalid> =>
  typeof given === "string" && Subjects.isName(given)
    ? Result.void
    : invalid(option, JSON.stringify(String(given).slice(0, 80)), "1 to 64 letters, digits, _ and -")

const filled = (option: string, subject: string): Result.Result<void, ConsumptionInvalid> =>
  Subjects.isFilter(subject)
    ? Result.void
    : invalid(
        option,
        JSON.stringify(subject.slice(0, 80)),
        "a subject: tokens that are not empty, * and > alone in a token"
      )

const whole = (option: string, given: number, least: number, most: number): Result.Result<void, ConsumptionInvalid> =>
  Number.isSafeInteger(given) && given >= least && given <= most
    ? Result.void
    : invalid(option, String(given), `a whole number from ${least} to ${most}`)

const span = (option: string, given: Duration.Input, leastMs: number): Result.Result<number, ConsumptionInvalid> => {
  const parsed = Duration.fromInput(given)
  // What is no number counts as no time there.
  const isSpan = parsed._tag === "Some" && !Number.isNaN(given)
  const ms = isSpan ? Duration.toMillis(parsed.value) : Number.NaN
  return ms >= leastMs && ms <= longestMs
    ? Result.succeed(ms)
    : invalid(option, JSON.stringify(given), `a span from ${leastMs} ms to a day`)
}

const start = (from: Exclude<StartFrom, "first">): Result.Result<void, ConsumptionInvalid> => {
  if ("sequence" in from) return whole("startFrom.sequence", from.sequence, 1, Number.MAX_SAFE_INTEGER)
  return Number.isNaN(from.time.getTime()) ? invalid("startFrom.time", "no date", "a date") : Result.void
}
