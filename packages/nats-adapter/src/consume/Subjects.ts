/**
 * Subjects and names, checked before they reach a server.
 *
 * @since 0.1.0
 */
import * as Partition from "@parti/core/Partition"
import * as Result from "effect/Result"
import { ConsumptionInvalid } from "../ConsumptionError.ts"

/**
 * How the subjects of a partition are told.
 *
 * @category models
 * @since 0.1.0
 */
export type SubjectOption = string | ((partition: Partition.Partition) => string | ReadonlyArray<string>)

// NATS allows more; but these are what every server and every tool takes.
const longest = 255

// Printable, and no space: neither control characters nor what some of them look like.
const isPlain = (text: string): boolean => /^[\x21-\x7e]+$/.test(text)

const tokensOf = (subject: string): ReadonlyArray<string> => subject.split(".")

/**
 * Whether a text is a subject that can be published to: no wildcards.
 *
 * @category predicates
 * @since 0.1.0
 */
export const isSubject = (subject: string): boolean =>
  isFilter(subject) && !tokensOf(subject).some((token) => token === "*" || token === ">")

/**
 * Whether a text is a subject that messages can be chosen by: `*` stands for one token, `>` at the end for all that follow.
 *
 * @category predicates
 * @since 0.1.0
 */
export const isFilter = (subject: string): boolean => {
  const tokens = tokensOf(subject)
  return (
    subject.length <= longest &&
    isPlain(subject) &&
    tokens.every((token, index) => {
      if (token === ">") return index === tokens.length - 1
      return token === "*" || (token !== "" && !/[*>]/.test(token))
    })
  )
}

/**
 * Whether a text is legal as the name of a stream or of a consumption.
 *
 * @category predicates
 * @since 0.1.0
 */
export const isName = (name: string): boolean => name.length <= 64 && /^[\w-]+$/.test(name)

const filterRule = `a subject of at most ${longest} printable characters, without spaces or empty tokens`

/**
 * The subjects of one partition's messages.
 *
 * **Details**
 *
 * In a template, `{id}` and `{0}`, `{1}`, … stand for one token each. A key that is no token by itself (it has a dot, a
 * wildcard, a space, or is empty) is refused: it would choose the messages of other partitions. `{id}` is always one
 * token where the partition has one key.
 *
 * @category getters
 * @since 0.1.0
 */
export const of = (
  option: SubjectOption,
  partition: Partition.Partition
): Result.Result<ReadonlyArray<string>, ConsumptionInvalid> => {
  if (typeof option === "string") return Result.map(fill(option, partition), (subject) => [subject])
  const given = option(partition)
  const subjects = typeof given === "string" ? [given] : given
  // The server would take none for all.
  if (subjects.length === 0) return invalid("subject", "no subject", "at least one subject for each partition")
  const wrong = subjects.find((subject) => !isFilter(subject))
  return wrong === undefined ? Result.succeed(subjects) : invalid("subject", show(wrong), filterRule)
}

const fill = (template: string, partition: Partition.Partition): Result.Result<string, ConsumptionInvalid> => {
  const strange: Array<string> = []
  const subject = template.replace(/\{(id|\d+)\}/g, (_, name: string) => {
    const value = name === "id" ? Partition.id(partition) : (partition.keys[Number(name)] ?? "")
    const isToken = name === "id" || (isPlain(value) && !/[.*>]/.test(value))
    if (!isToken) strange.push(`{${name}} = ${show(value)}`)
    return value
  })
  const [first] = strange
  if (first !== undefined) {
    return invalid("subject", first, "keys that are one token each; give a function for others, or use {id}")
  }
  return isFilter(subject) ? Result.succeed(subject) : invalid("subject", show(subject), filterRule)
}

const show = (text: string): string => JSON.stringify(text.slice(0, 80))

const invalid = (option: string, is: string, rule: string) => Result.fail(new ConsumptionInvalid({ option, is, rule }))
