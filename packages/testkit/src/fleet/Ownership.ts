/**
 * Who ran a partition from when to when, told from the journals: overlaps, gaps, tokens.
 *
 * @since 0.1.0
 */
import * as Lives from "./Lives.ts"

/**
 * One owner's time with a partition, from the first thing that it did for it to the last; `to` is `null` as long as it
 * has not said that it has ended.
 *
 * @category models
 * @since 0.1.0
 */
export interface Span extends Lives.Interval {
  readonly life: Lives.Life
  readonly token: number
  toldAt: number | null
}

/**
 * Two owners' code could run for one partition at the same time, for so long.
 *
 * **Details**
 *
 * `excuse`: the one with the lower token was paused, or blocked by its own code, when the other began, and has run on after
 * that until it noticed. No coordination can prevent this, and a sink that checks tokens renders it harmless. `null`: it is
 * a breach.
 *
 * @category models
 * @since 0.1.0
 */
export interface Overlap {
  readonly partition: string
  readonly older: string
  readonly newer: string
  readonly from: number
  readonly ms: number
  readonly excuse: Lives.Cut["why"] | null
}

/**
 * A time in which nobody's code could run for a partition.
 *
 * **Details**
 *
 * `cause` is how it began: `Start` (nobody had run it before), `Moved` (its owner was told to stop), `Left` (its owner
 * stopped in good order), `Killed`, `Died` (its owner ended by itself), `Paused`, `Blocked`; or the name of a fault that was
 * done to the world during it.
 *
 * @category models
 * @since 0.1.0
 */
export interface Gap {
  readonly partition: string
  readonly cause: string
  readonly from: number
  readonly ms: number
  /** It has not ended. */
  readonly isOpen: boolean
}

/**
 * An owner began with a token that is not above that of the owner before.
 *
 * @category models
 * @since 0.1.0
 */
export interface TokenFault {
  readonly partition: string
  readonly by: string
  readonly token: number
  readonly before: number
}

/**
 * All of it, for one partition.
 *
 * @category models
 * @since 0.1.0
 */
export interface Ownership {
  readonly overlaps: ReadonlyArray<Overlap>
  readonly gaps: ReadonlyArray<Gap>
  readonly tokens: ReadonlyArray<TokenFault>
}

/** A part of a span in which the owner's code could run. `ending`: what ended it. */
interface Stretch {
  readonly span: Span
  readonly from: number
  readonly to: number
  readonly ending: string
}

/**
 * Judges one partition as it was at `at`. Gaps are counted from `openedAt` on, and up to `closedAt`.
 *
 * @category judging
 * @since 0.1.0
 */
export const judge = (
  partition: string,
  spans: ReadonlyArray<Span>,
  faults: Lives.Lives["faults"],
  time: { readonly openedAt: number; readonly at: number; readonly closedAt: number }
): Ownership => {
  const stretches = spans.flatMap((span) => stretchesOf(span, time.at)).sort((left, right) => left.from - right.from)
  return {
    overlaps: overlapsOf(partition, stretches),
    gaps: gapsOf(partition, stretches, faults, { ...time, closedAt: Math.min(time.at, time.closedAt) }),
    tokens: tokensOf(partition, spans)
  }
}

const stretchesOf = (span: Span, at: number): ReadonlyArray<Stretch> => {
  const { life } = span
  const end = Math.min(span.to ?? at, Lives.endOf(life) ?? at)
  const found: Array<Stretch> = []
  let from = span.from
  for (const cut of life.cuts.toSorted((left, right) => left.from - right.from)) {
    const cutTo = cut.to ?? at
    if (cutTo <= from || cut.from >= end) continue
    if (cut.from > from) found.push({ span, from, to: cut.from, ending: cut.why })
    from = cutTo
  }
  if (from < end) found.push({ span, from, to: end, ending: endingOf(span, end) })
  return found
}

const endingOf = ({ life, toldAt, to }: Span, end: number): string => {
  if (to === null || to > end) return life.killedAt === null ? "Died" : "Killed"
  if (life.stoppingAt !== null && life.stoppingAt <= end) return "Left"
  return toldAt === null ? "Ended" : "Moved"
}

const overlapsOf = (partition: string, stretches: ReadonlyArray<Stretch>): ReadonlyArray<Overlap> => {
  const found: Array<Overlap> = []
  let active: ReadonlyArray<Stretch> = []
  for (const next of stretches) {
    active = active.filter(({ to }) => to > next.from)
    for (const other of active) {
      if (isSameOwner(other.span, next.span)) continue
      const [older, newer] = other.span.token <= next.span.token ? [other, next] : [next, other]
      const ms = Math.min(other.to, next.to) - next.from
      if (ms <= 0) continue
      const names = { older: older.span.life.name, newer: newer.span.life.name }
      found.push({ partition, ...names, from: next.from, ms, excuse: excuseFor(older, newer.span) })
    }
    active = [...active, next]
  }
  return found
}

const isSameOwner = (left: Span, right: Span): boolean => left.life === right.life && left.token === right.token

const excuseFor = ({ from, span }: Stretch, newer: Span): Overlap["excuse"] => {
  if (span.token >= newer.token || span.life === newer.life) return null
  // The newer owner began while the older could not run, or after; and the older has just woken from that.
  const isExcuse = (cut: Lives.Cut): boolean =>
    cut.to !== null && cut.to <= from && cut.from >= span.from && cut.from <= newer.from
  return span.life.cuts.find(isExcuse)?.why ?? null
}

const gapsOf = (
  partition: string,
  stretches: ReadonlyArray<Stretch>,
  faults: Lives.Lives["faults"],
  { closedAt, openedAt }: { readonly openedAt: number; readonly closedAt: number }
): ReadonlyArray<Gap> => {
  const found: Array<Gap> = []
  let since = openedAt
  let ending = "Start"
  const note = (to: number, isOpen: boolean): void => {
    if (to <= since) return
    const fault = faults.find((one) => one.from < to && (one.to ?? to) > since)
    found.push({ partition, cause: fault?.fault ?? ending, from: since, ms: to - since, isOpen })
  }
  for (const stretch of stretches) {
    if (stretch.from >= closedAt) break
    note(stretch.from, false)
    if (stretch.to < since) continue
    since = stretch.to
    ending = stretch.ending
  }
  note(closedAt, true)
  return found
}

const tokensOf = (partition: string, spans: ReadonlyArray<Span>): ReadonlyArray<TokenFault> => {
  const found: Array<TokenFault> = []
  let highest: Span | null = null
  for (const span of spans.toSorted((left, right) => left.from - right.from)) {
    if (highest !== null && !isSameOwner(highest, span) && span.token <= highest.token) {
      found.push({ partition, by: span.life.name, token: span.token, before: highest.token })
    }
    if (highest === null || span.token > highest.token) highest = span
  }
  return found
}
