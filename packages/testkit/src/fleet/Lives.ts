/**
 * The lives of processes: when their code could run, and what disturbed it.
 *
 * @since 0.1.0
 */
import type { Entry, Stamped } from "../FleetJournal.ts"

/**
 * A time in which something was so; `to` is `null` while it still is.
 *
 * @category models
 * @since 0.1.0
 */
export interface Interval {
  readonly from: number
  to: number | null
}

/**
 * A time in which a process's code could not run, though the process was there.
 *
 * @category models
 * @since 0.1.0
 */
export interface Cut extends Interval {
  readonly why: "Paused" | "Blocked"
}

/**
 * One start of a process, up to its end.
 *
 * @category models
 * @since 0.1.0
 */
export interface Life {
  readonly name: string
  process: string
  startedAt: number | null
  /** The last that it wrote itself. */
  lastAt: number
  stoppingAt: number | null
  stoppedAt: number | null
  killedAt: number | null
  exitedAt: number | null
  readonly cuts: Array<Cut>
}

/**
 * When a life was over, or `null`. One that was killed may have run on until the last thing that it wrote.
 *
 * @category getters
 * @since 0.1.0
 */
export const endOf = ({ exitedAt, killedAt, lastAt }: Life): number | null =>
  killedAt === null ? exitedAt : Math.max(killedAt, lastAt)

/**
 * Whether a life ended in good order: what it ran was stopped before.
 *
 * @category getters
 * @since 0.1.0
 */
export const isOrderly = ({ killedAt, stoppedAt }: Life): boolean => killedAt === null && stoppedAt !== null

/**
 * What is known of all lives and of what was done to the world around them.
 *
 * @category models
 * @since 0.1.0
 */
export interface Lives {
  readonly all: ReadonlyMap<string, Life>
  readonly of: (name: string) => Life
  readonly faults: ReadonlyArray<Interval & { readonly fault: string }>
  /** Takes in an event, if it is about lives. `true`: what was judged before may be judged otherwise now. */
  readonly take: (stamped: Stamped) => boolean
}

/**
 * Nothing is known.
 *
 * @category constructors
 * @since 0.1.0
 */
export const make = (): Lives => {
  const all = new Map<string, Life>()
  const faults: Array<Interval & { readonly fault: string }> = []

  const of = (name: string): Life => {
    const known = all.get(name)
    if (known !== undefined) return known
    const life = {
      name,
      process: name,
      startedAt: null,
      lastAt: 0,
      stoppingAt: null,
      stoppedAt: null,
      killedAt: null,
      exitedAt: null,
      cuts: []
    }
    all.set(name, life)
    return life
  }

  return {
    all,
    of,
    faults,
    take: ({ at, by, entry }) => {
      switch (entry._tag) {
        case "FaultBegan":
          faults.push({ fault: entry.fault, from: at, to: null })
          return true
        case "FaultEnded": {
          const open = faults.find(({ fault, to }) => to === null && fault === entry.fault)
          if (open !== undefined) open.to = at
          return open !== undefined
        }
        default:
          return about(entry, by, of, at)
      }
    }
  }
}

const about = (entry: Entry, by: string, of: Lives["of"], at: number): boolean => {
  switch (entry._tag) {
    case "ProcessStarted":
      of(entry.life).startedAt = at
      of(entry.life).process = entry.process
      return false
    case "ProcessPaused":
      return begin(of(entry.life), "Paused", at)
    case "ProcessResumed":
      return finish(of(entry.life), "Paused", at)
    case "BlockBegan":
      of(by).lastAt = at
      return begin(of(by), "Blocked", at)
    case "BlockEnded":
      of(by).lastAt = at
      return finish(of(by), "Blocked", at)
    case "ProcessTerminated":
      of(entry.life).stoppingAt ??= at
      return false
    case "Stopping":
      of(by).stoppingAt ??= at
      return false
    case "Stopped":
      of(by).stoppedAt = at
      return true
    case "ProcessKilled":
      of(entry.life).killedAt = at
      return true
    case "ProcessExited":
      of(entry.life).exitedAt = at
      return true
    default:
      return false
  }
}

const begin = (life: Life, why: Cut["why"], at: number): boolean => {
  life.cuts.push({ from: at, to: null, why })
  return true
}

const finish = (life: Life, why: Cut["why"], at: number): boolean => {
  const open = life.cuts.find((cut) => cut.to === null && cut.why === why)
  if (open !== undefined) open.to = at
  return open !== undefined
}
