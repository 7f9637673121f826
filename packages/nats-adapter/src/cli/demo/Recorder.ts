/**
 * Who really runs what: written by the handlers themselves, and trusting nothing that the group says.
 *
 * @since 0.1.0
 */

/**
 * What was recorded up to some instant.
 *
 * - `overlaps`: a handler began while another worker's handler of the same partition had not ended.
 * - `staleTokens`: a worker began with a token that was not above the one before.
 * - `idlePartitionSeconds`: for how long partitions, once run, were run by nobody; summed over all.
 * - `breaches`: the first few of the two, in words.
 *
 * @category models
 * @since 0.1.0
 */
export interface Account {
  readonly running: number
  readonly overlaps: number
  readonly staleTokens: number
  readonly idlePartitionSeconds: number
  readonly breaches: ReadonlyArray<string>
}

/** One handler's run. */
interface Run {
  readonly partition: string
  readonly by: string
  readonly token: number
}

/**
 * A record that handlers write to. All times are of one clock, in milliseconds.
 *
 * @category models
 * @since 0.1.0
 */
export interface Recorder {
  readonly began: (run: Run, atMs: number) => void
  readonly ended: (run: Run, atMs: number) => void
  /** How many partitions somebody runs; or, given a name, how many that one runs. */
  readonly running: (by?: string) => number
  readonly account: (atMs: number) => Account
}

const breachesShown = 5

/**
 * Makes an empty record.
 *
 * @category constructors
 * @since 0.1.0
 */
export const make = (): Recorder => {
  const present = new Map<string, ReadonlyArray<Run>>()
  const newest = new Map<string, Run>()
  const idleSince = new Map<string, number>()
  const breaches: Array<string> = []
  let overlaps = 0
  let staleTokens = 0
  let idleMs = 0

  const note = (breach: string) => {
    if (breaches.length < breachesShown) breaches.push(breach)
  }

  const checkToken = ({ by, partition, token }: Run, before: Run | undefined) => {
    if (before === undefined || token > before.token || (token === before.token && by === before.by)) return
    staleTokens += 1
    note(`${partition} was begun by ${by} with token ${token} after ${before.by} had ${before.token}`)
  }

  const began = (run: Run, atMs: number) => {
    const { partition } = run
    const others = present.get(partition) ?? []
    overlaps += others.length
    for (const other of others) note(`${partition} was begun by ${run.by} while ${other.by} ran it`)
    checkToken(run, newest.get(partition))
    idleMs += atMs - (idleSince.get(partition) ?? atMs)
    idleSince.delete(partition)
    newest.set(partition, run)
    present.set(partition, [...others, run])
  }

  const ended = (run: Run, atMs: number) => {
    const others = (present.get(run.partition) ?? []).filter((one) => one !== run)
    present.set(run.partition, others)
    if (others.length > 0) return
    present.delete(run.partition)
    idleSince.set(run.partition, atMs)
  }

  const running = (by?: string) =>
    by === undefined ? present.size : [...present.values()].filter((runs) => runs.some((run) => run.by === by)).length

  const account = (atMs: number): Account => {
    const openMs = [...idleSince.values()].reduce((sum, since) => sum + atMs - since, 0)
    const idlePartitionSeconds = (idleMs + openMs) / 1000
    return { running: present.size, overlaps, staleTokens, idlePartitionSeconds, breaches: [...breaches] }
  }

  return { began, ended, running, account }
}
