/**
 * What became of the numbered messages of one partition.
 *
 * @since 0.1.0
 */
import type { Stamped } from "../FleetJournal.ts"
import * as Lives from "./Lives.ts"

/**
 * One attempt to handle a message; `ended` and `outcome` are `null` if nothing is known of its end.
 *
 * @category models
 * @since 0.1.0
 */
export interface Handling {
  readonly sequence: number
  readonly life: Lives.Life
  readonly token: number
  readonly began: number
  ended: number | null
  outcome: Extract<Attempt, { readonly outcome: unknown }>["outcome"] | null
}

/**
 * A message was handled again though its handling before had not failed.
 *
 * **Details**
 *
 * `excuse`: what happened from the one beginning to the other: the first process was `Killed` or `Died`, one of the two was
 * `Paused` or `Blocked`, the first handling ended `Late`, or the name of a fault that was done to the world. `null`: nothing that
 * anybody knows of.
 *
 * @category models
 * @since 0.1.0
 */
export interface Duplicate {
  readonly partition: string
  readonly sequence: number
  readonly first: string
  readonly again: string
  readonly excuse: string | null
}

/**
 * A message was begun for the first time before the one before it had been handled.
 *
 * @category models
 * @since 0.1.0
 */
export interface Disorder {
  readonly partition: string
  readonly sequence: number
  readonly by: string
}

/**
 * All of it, for one partition.
 *
 * @category models
 * @since 0.1.0
 */
export interface MessageAccount {
  readonly published: number
  /** How many different ones were handled. */
  readonly handled: number
  /** Published and never handled to the end; the first few of them. */
  readonly missing: ReadonlyArray<{ readonly partition: string; readonly sequence: number }>
  readonly missingCount: number
  readonly duplicates: ReadonlyArray<Duplicate>
  readonly disorders: ReadonlyArray<Disorder>
}

type Attempt = Extract<Stamped["entry"], { readonly _tag: "MessageBegan" | "MessageEnded" }>

/**
 * The messages of one partition: takes in what the journals say, each journal in its own order.
 *
 * @category models
 * @since 0.1.0
 */
export interface Messages {
  readonly publish: (through: number) => void
  readonly take: (entry: Attempt, at: number, life: Lives.Life) => void
  readonly account: (faults: Lives.Lives["faults"]) => MessageAccount
  /** Two of the counts, at no cost; none is counted as handled that is not known to be published. */
  readonly progress: () => Pick<MessageAccount, "published" | "handled">
}

const shown = 10

/**
 * No message is known.
 *
 * @category constructors
 * @since 0.1.0
 */
export const make = (partition: string): Messages => {
  // Most messages have one handling; a list for each would cost more than the handlings themselves.
  const only = new Map<number, Handling>()
  const several = new Map<number, Array<Handling>>()
  const done = new Set<number>()
  let published = 0
  let highest = 0

  const begin = (handling: Handling): void => {
    const { sequence } = handling
    highest = Math.max(highest, sequence)
    const more = several.get(sequence)
    const one = only.get(sequence)
    if (more !== undefined) more.push(handling)
    else if (one === undefined) only.set(sequence, handling)
    else {
      several.set(sequence, [one, handling])
      only.delete(sequence)
    }
  }

  const of = (sequence: number): ReadonlyArray<Handling> => {
    const one = only.get(sequence)
    return one === undefined ? (several.get(sequence) ?? []) : [one]
  }

  return {
    publish: (through) => {
      published = Math.max(published, through)
    },
    take: (entry, at, life) => {
      const { sequence, token } = entry
      if (entry._tag === "MessageEnded" && entry.outcome === "done") done.add(sequence)
      if (entry._tag === "MessageBegan") return begin({ sequence, life, token, began: at, ended: null, outcome: null })
      const open = of(sequence).find((each) => each.life === life && each.ended === null)
      if (open === undefined) return begin({ sequence, life, token, began: at, ended: at, outcome: entry.outcome })
      open.ended = at
      open.outcome = entry.outcome
    },
    progress: () => ({ published, handled: Math.min(done.size, published) }),
    account: (faults) => ({
      published,
      ...progressOf(partition, of, published, highest),
      duplicates: [...several.values()].flatMap((handlings) => duplicatesOf(partition, handlings, faults))
    })
  }
}

const progressOf = (
  partition: string,
  of: (sequence: number) => ReadonlyArray<Handling>,
  published: number,
  highest: number
): Omit<MessageAccount, "published" | "duplicates"> => {
  const missing: Array<MessageAccount["missing"][number]> = []
  const disorders: Array<Disorder> = []
  let missingCount = 0
  let handled = 0
  let readyAt = 0
  for (let sequence = 1; sequence <= Math.max(published, highest); sequence++) {
    const handlings = of(sequence)
    const first = handlings.reduce<Handling | null>(earlier, null)
    if (first !== null && first.began < readyAt) disorders.push({ partition, sequence, by: first.life.name })
    readyAt = handlings.reduce((soonest, { ended, outcome }) => {
      return outcome === "done" && ended !== null ? Math.min(soonest, ended) : soonest
    }, Number.POSITIVE_INFINITY)
    if (readyAt < Number.POSITIVE_INFINITY) handled += 1
    else if (sequence <= published) {
      missingCount += 1
      if (missing.length < shown) missing.push({ partition, sequence })
    }
  }
  return { handled, missing, missingCount, disorders }
}

const earlier = (before: Handling | null, one: Handling): Handling =>
  before === null || one.began < before.began ? one : before

const duplicatesOf = (
  partition: string,
  handlings: ReadonlyArray<Handling>,
  faults: Lives.Lives["faults"]
): ReadonlyArray<Duplicate> => {
  const inOrder = handlings.toSorted((left, right) => left.began - right.began)
  return inOrder.slice(1).flatMap((again, index) => {
    const first = inOrder[index]
    if (first === undefined || first.outcome === "failed" || first.outcome === "refused") return []
    const names = { first: first.life.name, again: again.life.name }
    return [{ partition, sequence: again.sequence, ...names, excuse: excuseFor(first, again, faults) }]
  })
}

const excuseFor = (first: Handling, again: Handling, faults: Lives.Lives["faults"]): string | null => {
  const { life } = first
  const isBetween = (from: number, to: number | null): boolean =>
    from < again.began && (to ?? again.began) >= first.began
  const end = Lives.endOf(life)
  if (end !== null && !Lives.isOrderly(life) && isBetween(end, end)) return life.killedAt === null ? "Died" : "Killed"
  // One who wakes may go on, under its old token, with what others have begun meanwhile.
  const isOlder = again.token < first.token
  const isWoken = ({ from, to }: Lives.Cut) => isOlder && to !== null && to <= again.began && from < first.began
  const cut = life.cuts.find(({ from, to }) => isBetween(from, to)) ?? again.life.cuts.find(isWoken)
  if (cut !== undefined) return cut.why
  if (first.outcome === "late") return "Late"
  return faults.find(({ from, to }) => isBetween(from, to))?.fault ?? null
}
