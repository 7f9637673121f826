/**
 * Tells from the journals of a fleet what the group did: owners, messages, effects.
 *
 * **Example** (What a test asks for beyond what no group may do)
 *
 * ```ts
 * import { FleetJudge } from "@parti/testkit"
 *
 * // Also a partition that nobody ever runs is missed.
 * const options: FleetJudge.JudgeOptions = { partitions: ["eu", "us"] }
 *
 * // To wait for, before all is judged.
 * const isDone = (judge: FleetJudge.Judge): boolean => {
 *   const { handled, published } = judge.progress()
 *   return handled === published && judge.running() === 2
 * }
 *
 * // How often a partition went from one process to another; it may go on in a new life of the same.
 * const moves = (begun: ReadonlyArray<FleetJudge.Begun>): number =>
 *   begun.filter(({ partition, process }, i) => {
 *     const before = begun[i - 1]
 *     return before !== undefined && before.partition === partition && before.process !== process
 *   }).length
 *
 * const complaints = (account: FleetJudge.Account): ReadonlyArray<string> => {
 *   const { worst } = account.unowned
 *   const late = worst !== null && worst.ms > 10_000 ? [`${worst.partition} stood still for ${worst.ms} ms`] : []
 *   return [...FleetJudge.breaches.all(account), ...late]
 * }
 *
 * const judge = FleetJudge.make(options)
 * ```
 *
 * @since 0.1.0
 */
import type { Stamped } from "./FleetJournal.ts"
import * as Breaches from "./fleet/Breaches.ts"
import * as Case from "./fleet/Case.ts"
import * as Effects from "./fleet/Effects.ts"
import * as Lives from "./fleet/Lives.ts"
import * as Messages from "./fleet/Messages.ts"
import * as Ownership from "./fleet/Ownership.ts"
import * as Unowned from "./fleet/Unowned.ts"

/**
 * What was found.
 *
 * **Details**
 *
 * - `runs`: how often an owner began with a partition.
 * - `overlaps`, `tokens`, `unowned`: of owners; see `Overlap`, `TokenFault` and `Gap`.
 * - `published`, `handled`: different messages. `missing`: published and not handled to the end, so far.
 * - `duplicates`, `disorders`: of messages; see `Duplicate` and `Disorder`. `mostAgainPerCrash`: the most messages of one
 *   partition that were handled again because one process was killed or died.
 * - `staleEffects`: what a sink saw. `wronglyRefused`: how often it refused the newest owner.
 * - `contradictions`: what a journal says and cannot be.
 *
 * @category models
 * @since 0.1.0
 */
export interface Account {
  readonly at: number
  readonly runs: number
  readonly overlaps: ReadonlyArray<Ownership.Overlap>
  readonly tokens: ReadonlyArray<Ownership.TokenFault>
  readonly unowned: Unowned.Unowned
  readonly published: number
  readonly handled: number
  readonly missing: ReadonlyArray<{ readonly partition: string; readonly sequence: number }>
  readonly missingCount: number
  readonly duplicates: ReadonlyArray<Messages.Duplicate>
  readonly mostAgainPerCrash: number
  readonly disorders: ReadonlyArray<Messages.Disorder>
  readonly staleEffects: ReadonlyArray<Effects.StaleEffect>
  readonly wronglyRefused: number
  readonly contradictions: ReadonlyArray<string>
}

/**
 * The beginning of a run. `process`: the name of the process, whichever life of it.
 *
 * @category models
 * @since 0.1.0
 */
export interface Begun {
  readonly at: number
  readonly partition: string
  readonly process: string
  readonly life: string
  readonly token: number
}

/**
 * A judge at work. The journals may come in pieces, and mixed; each must come in its own order.
 *
 * @category models
 * @since 0.1.0
 */
export interface Judge {
  readonly take: (records: Iterable<Stamped>) => void
  /** What is found by now, or was by an earlier time; without one, by the last thing that was told. */
  readonly account: (at?: number) => Account
  /** How many partitions somebody runs; or, given the name of a life, how many that one runs. */
  readonly running: (life?: string) => number
  /** Whose run of a partition was begun when, and under which token: all runs so far, by partition in the order of their beginnings. */
  readonly begun: () => ReadonlyArray<Begun>
  /** The messages that a life has begun and not ended: one entry for each. */
  readonly inHand: (life: string) => ReadonlyArray<{ readonly partition: string; readonly token: number }>
  /** How many different messages were published, and how many of these are handled. */
  readonly progress: () => { readonly published: number; readonly handled: number }
}

/**
 * What a judge must be told. `partitions`: all that must have an owner, also if nobody ever runs them.
 *
 * @category models
 * @since 0.1.0
 */
export interface JudgeOptions {
  readonly partitions?: ReadonlyArray<string>
}

/**
 * A judge who has heard nothing.
 *
 * **Example**
 *
 * ```ts
 * import { FleetJournal, FleetJudge } from "@parti/testkit"
 *
 * const judge = FleetJudge.make({ partitions: ["eu", "us"] })
 * judge.take([{ at: FleetJournal.now(), by: "worker-1", entry: { _tag: "RunBegan", partition: "eu", token: 7 } }])
 * const { runs } = judge.account()
 * ```
 *
 * @category constructors
 * @since 0.1.0
 */
export const make = (options: JudgeOptions = {}): Judge => {
  const heard: Heard = {
    lives: Lives.make(),
    effects: Effects.make(),
    cases: new Map((options.partitions ?? []).map((partition) => [partition, Case.make(partition)])),
    verdicts: new Map(),
    contradictions: [],
    openedAt: Number.POSITIVE_INFINITY,
    closedAt: Number.POSITIVE_INFINITY,
    latestAt: 0
  }
  const { cases, contradictions, effects } = heard
  return {
    take: (records) => {
      for (const stamped of records) hear(heard, stamped)
    },
    account: (at = heard.latestAt) => {
      const found = [...cases].map(([partition, one]) => decide(heard, partition, one, at))
      const runs = [...cases.values()].reduce((sum, { spans }) => sum + spans.length, 0)
      return { at, runs, ...summed(found), ...arrived(effects), contradictions: [...contradictions] }
    },
    progress: () => {
      const each = [...cases.values()].map(({ messages }) => messages.progress())
      const total = (count: keyof (typeof each)[number]) => each.reduce((sum, one) => sum + one[count], 0)
      return { published: total("published"), handled: total("handled") }
    },
    begun: () =>
      [...cases].flatMap(([partition, { spans }]) =>
        spans.map(({ from, life: { name, process }, token }) => ({ at: from, partition, process, life: name, token }))
      ),
    inHand: (name) =>
      [...cases].flatMap(([partition, { open }]) =>
        open
          .filter(({ span: { life } }) => life.name === name && Lives.endOf(life) === null)
          .flatMap(({ depth, isRunning, span: { token } }) =>
            Array.from({ length: depth - (isRunning ? 1 : 0) }, () => ({ partition, token }))
          )
      ),
    running: (name) => {
      const isRunBy = ({ name: own }: Lives.Life): boolean => name === undefined || own === name
      const isAlive = (life: Lives.Life): boolean => Lives.endOf(life) === null
      return [...cases.values()].filter(({ open }) => open.some(({ span: { life } }) => isRunBy(life) && isAlive(life)))
        .length
    }
  }
}

interface Heard {
  readonly lives: Lives.Lives
  readonly effects: Effects.Effects
  readonly cases: Map<string, Case.Case>
  /** What was found and still holds. */
  readonly verdicts: Map<string, Verdict>
  readonly contradictions: Array<string>
  openedAt: number
  closedAt: number
  latestAt: number
}

const hear = (heard: Heard, stamped: Stamped): void => {
  const { at, by, entry } = stamped
  const { cases, effects, lives, verdicts } = heard
  heard.latestAt = Math.max(heard.latestAt, at)
  if (lives.take(stamped)) verdicts.clear()
  switch (entry._tag) {
    case "ProcessStarted":
      heard.openedAt = Math.min(heard.openedAt, at)
      return
    case "Closing":
      heard.closedAt = Math.min(heard.closedAt, at)
      return
    case "Published":
      verdicts.delete(entry.partition)
      caseOf(cases, entry.partition).messages.publish(entry.through)
      return
    case "EffectTaken":
      effects.take(entry)
      return
    case "RunBegan":
    case "RunStopping":
    case "RunEnded":
    case "MessageBegan":
    case "MessageEnded": {
      const life = lives.of(by)
      life.lastAt = at
      heard.openedAt = Math.min(heard.openedAt, at)
      verdicts.delete(entry.partition)
      const fault = Case.attend(caseOf(cases, entry.partition), entry, at, life)
      if (fault !== null) heard.contradictions.push(`${by} at ${at}: ${fault}`)
      return
    }
    default:
      return
  }
}

const caseOf = (cases: Heard["cases"], partition: string): Case.Case => {
  const known = cases.get(partition)
  if (known !== undefined) return known
  const made = Case.make(partition)
  cases.set(partition, made)
  return made
}

const decide = (heard: Heard, partition: string, one: Case.Case, at: number): Verdict => {
  const { closedAt, lives, openedAt, verdicts } = heard
  const known = verdicts.get(partition)
  if (known?.at === at) return known
  const ownership = Ownership.judge(partition, one.spans, lives.faults, { openedAt, at, closedAt })
  const verdict = { at, ownership, messages: known?.messages ?? one.messages.account(lives.faults) }
  verdicts.set(partition, verdict)
  return verdict
}

/**
 * Judges records that are all there.
 *
 * **Example**
 *
 * ```ts
 * import { FleetJudge } from "@parti/testkit"
 *
 * const { contradictions } = FleetJudge.judge([
 *   { at: 1, by: "worker-1", entry: { _tag: "RunBegan", partition: "eu", token: 7 } },
 *   { at: 2, by: "worker-1", entry: { _tag: "RunEnded", partition: "eu", token: 7 } }
 * ])
 * ```
 *
 * @category judging
 * @since 0.1.0
 */
export const judge = (records: Iterable<Stamped>, options?: JudgeOptions): Account => {
  const one = make(options)
  one.take(records)
  return one.account()
}

/**
 * What of an account is not as it must be, in words. `safety`: never. `liveness`: when all faults have ended and there was
 * time to recover. `all`: both.
 *
 * @category judging
 * @since 0.1.0
 */
export const breaches = {
  safety: Breaches.ofSafety,
  liveness: Breaches.ofLiveness,
  all: (account: Account): ReadonlyArray<string> => [...Breaches.ofSafety(account), ...Breaches.ofLiveness(account)]
}

interface Verdict {
  readonly at: number
  readonly ownership: Ownership.Ownership
  readonly messages: Messages.MessageAccount
}

const summed = (found: ReadonlyArray<Verdict>) => {
  const owners = found.map(({ ownership }) => ownership)
  const messages = found.map((verdict) => verdict.messages)
  const total = (count: (one: Messages.MessageAccount) => number): number =>
    messages.reduce((sum, one) => sum + count(one), 0)
  const duplicates = messages.flatMap((one) => one.duplicates)
  return {
    overlaps: owners.flatMap(({ overlaps }) => overlaps),
    tokens: owners.flatMap(({ tokens }) => tokens),
    unowned: Unowned.of(owners.flatMap(({ gaps }) => gaps)),
    published: total(({ published }) => published),
    handled: total(({ handled }) => handled),
    missing: messages.flatMap((one) => one.missing),
    missingCount: total(({ missingCount }) => missingCount),
    duplicates,
    mostAgainPerCrash: mostAgain(duplicates),
    disorders: messages.flatMap(({ disorders }) => disorders)
  }
}

const mostAgain = (duplicates: ReadonlyArray<Messages.Duplicate>): number => {
  const counts = new Map<string, number>()
  for (const { excuse, first, partition } of duplicates) {
    if (excuse !== "Killed" && excuse !== "Died") continue
    const key = `${first} ${partition}`
    counts.set(key, (counts.get(key) ?? 0) + 1)
  }
  return Math.max(0, ...counts.values())
}

const arrived = (effects: Effects.Effects) => ({
  staleEffects: effects.stale(),
  wronglyRefused: effects.refusedWrongly()
})
