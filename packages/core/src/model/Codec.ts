/**
 * What all records have in common on their way to the store and back: JSON with a version.
 *
 * @since 0.1.0
 */
import * as Data from "effect/Data"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import * as Limit from "./Limit.ts"
import * as WorkerId from "./WorkerId.ts"

/**
 * A record in the store cannot be read; the reason says why. Whoever reads it tells the key and the revision, and goes on.
 *
 * @category errors
 * @since 0.1.0
 */
export class RecordUndecodable extends Data.TaggedError("RecordUndecodable")<{ readonly reason: string }> {
  override get message(): string {
    return `the record cannot be read: ${this.reason}`
  }
}

/**
 * What decoding gives.
 *
 * @category models
 * @since 0.1.0
 */
export type Decoded<A> = Result.Result<A, RecordUndecodable>

/**
 * The fields of a record as they stand in the store.
 *
 * @category models
 * @since 0.1.0
 */
export type Fields = Readonly<Record<string, unknown>>

/**
 * The version of the format that is written, and the highest that is read. Fields may be added under the same version:
 * readers leave out what they do not know. Anything else that changes takes the next version.
 *
 * @category constants
 * @since 0.1.0
 */
export const version = 1

/**
 * The failure with this reason.
 *
 * @category constructors
 * @since 0.1.0
 */
export const undecodable = (reason: string): Result.Result<never, RecordUndecodable> =>
  Result.fail(new RecordUndecodable({ reason }))

const encoder = new TextEncoder()

const decoder = new TextDecoder("utf-8", { fatal: true })

/**
 * The bytes of some text.
 *
 * @category encoding
 * @since 0.1.0
 */
export const textBytes = (text: string): Uint8Array => encoder.encode(text)

/**
 * Writes a record: one JSON object, the version first.
 *
 * @category encoding
 * @since 0.1.0
 */
export const write = (fields: Fields): Uint8Array => textBytes(JSON.stringify({ v: version, ...fields }))

const parse = (bytes: Uint8Array): Decoded<unknown> =>
  Result.try({
    try: (): unknown => JSON.parse(decoder.decode(bytes)),
    catch: () => new RecordUndecodable({ reason: "it is not JSON" })
  })

const isFields = (value: unknown): value is Fields =>
  typeof value === "object" && value !== null && !Array.isArray(value)

const checkVersion = (value: unknown): Decoded<Fields> => {
  if (!isFields(value)) return undecodable("it is not a JSON object")
  const found = value["v"]
  if (typeof found !== "number" || !Number.isSafeInteger(found) || found < 1) {
    return undecodable("it has no version (the field v)")
  }
  return found > version
    ? undecodable(
        `it was written by a newer version of Parti: its format is ${found}, this release reads up to ${version}`
      )
    : Result.succeed(value)
}

/**
 * Reads a record's bytes as far as they are the same for all records: their number, JSON, the version.
 *
 * @category decoding
 * @since 0.1.0
 */
export const read = (bytes: Uint8Array, maxBytes: number): Decoded<Fields> =>
  bytes.length > maxBytes
    ? undecodable(`it has ${bytes.length} bytes, and no more than ${maxBytes} are read`)
    : Result.flatMap(parse(bytes), checkVersion)

/** Enough to find the fault; a record can be large. */
const maxReasonLength = 300

/**
 * A function that checks fields against a schema and leaves out those that the schema does not know.
 *
 * @category decoding
 * @since 0.1.0
 */
export const checker = <S extends Schema.ConstraintDecoder<unknown>>(
  schema: S
): ((fields: Fields) => Decoded<S["Type"]>) => {
  const check = Schema.decodeUnknownResult(schema)
  return (fields) =>
    Result.mapError(check(fields), ({ message }) => {
      const reason = message.replaceAll(/\s+/g, " ")
      return new RecordUndecodable({ reason: reason.slice(0, maxReasonLength) })
    })
}

/**
 * Text with at most so many characters.
 *
 * @category schemas
 * @since 0.1.0
 */
export const Text = (maxLength: number) => Schema.String.check(Schema.isMaxLength(maxLength))

/**
 * A session.
 *
 * @category schemas
 * @since 0.1.0
 */
export const Session = Text(Limit.maxSessionLength).check(Schema.isMinLength(1))

/**
 * A worker's name, as `WorkerId.parse` takes it.
 *
 * @category schemas
 * @since 0.1.0
 */
export const Id = Schema.String.check(
  Schema.makeFilter((text: string) =>
    Result.match(WorkerId.parse(text), { onFailure: ({ message }) => message, onSuccess: () => true })
  )
).pipe(Schema.brand("WorkerId"))

/**
 * A span that leases are made of.
 *
 * @category schemas
 * @since 0.1.0
 */
export const LeaseSpan = Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: Limit.maxLeaseMs }))
