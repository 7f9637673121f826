/** Both buckets of one group, exact: a compare-and-set is judged the instant it is tried, and nothing is lost. */
import type { Plan } from "../../../src/model/Plan.ts"
import type { ControlRecord, LeaderRecord, WorkerRecord } from "../../../src/model/Record.ts"
import type { WorkerId } from "../../../src/model/WorkerId.ts"
import type { Command } from "../../../src/protocol/Command.ts"

export type WriteCommand = Extract<Command, { readonly write: unknown }>

export type Value =
  | { readonly _tag: "Worker"; readonly workerId: WorkerId; readonly record: WorkerRecord }
  | { readonly _tag: "Leader"; readonly record: LeaderRecord }
  | { readonly _tag: "Plan"; readonly plan: Plan }
  | { readonly _tag: "Control"; readonly control: ControlRecord }

export interface Entry {
  readonly key: string
  readonly revision: number
  readonly value: Value
}

export interface Bucket {
  readonly name: "live" | "plan"
  life: number
  last: number
  readonly entries: Map<string, Entry>
}

export const make = (name: "live" | "plan"): Bucket => ({ name, life: 1, last: 0, entries: new Map() })

export const incarnation = (bucket: Bucket): string => `${bucket.name}~${bucket.life}`

export const valueOf = (command: WriteCommand): Value => {
  switch (command._tag) {
    case "WriteWorker":
      return { _tag: "Worker", workerId: command.workerId, record: command.record }
    case "WriteLeader":
      return { _tag: "Leader", record: command.record }
    case "WritePlan":
      return { _tag: "Plan", plan: command.plan }
    case "WriteControl":
      return { _tag: "Control", control: command.control }
  }
}

export const keyOf = (value: Value): string => {
  switch (value._tag) {
    case "Worker":
      return `worker.${value.workerId}`
    case "Leader":
      return "leader"
    case "Plan":
      return "plan"
    case "Control":
      return value.control._tag === "Drain"
        ? `control.drain.${value.control.workerId}`
        : `control.${value.control._tag.toLowerCase()}`
  }
}

/** `null`: the key was not where it was expected. */
export const compareAndSet = (bucket: Bucket, value: Value, expected: number): Entry | null =>
  (bucket.entries.get(keyOf(value))?.revision ?? 0) === expected ? put(bucket, value) : null

export const put = (bucket: Bucket, value: Value): Entry => {
  bucket.last += 1
  const entry: Entry = { key: keyOf(value), revision: bucket.last, value }
  bucket.entries.set(entry.key, entry)
  return entry
}

/** The key goes, and leaves a mark: the revision under which a watch shows it gone. */
export const remove = (bucket: Bucket, key: string): number => {
  bucket.last += 1
  bucket.entries.delete(key)
  return bucket.last
}

/** The bucket is lost and made anew; its revisions start again. */
export const lose = (bucket: Bucket): void => {
  bucket.life += 1
  bucket.last = 0
  bucket.entries.clear()
}

export const sorted = (bucket: Bucket): ReadonlyArray<Entry> =>
  [...bucket.entries.values()].sort((a, b) => (a.key < b.key ? -1 : 1))
