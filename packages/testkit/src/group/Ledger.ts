/**
 * Who ran which partition from when to when, by the one clock of the simulation.
 *
 * @since 0.1.0
 */

/**
 * One run of a handler. Its `pieces` are the times at which its process was not standing still.
 *
 * @category models
 * @since 0.1.0
 */
export interface Run {
  readonly process: string
  readonly partition: string
  readonly token: number
  readonly pieces: Array<{ readonly from: number; to: number }>
  /** When it was told to stop; `null` if it was not. */
  toldAt: number | null
  hasEnded: boolean
  /** Its process woke after others had run the partition: nobody could have told it earlier. */
  hasOverslept: boolean
}

/**
 * Two runs of one partition at one instant.
 *
 * @category models
 * @since 0.1.0
 */
export interface Overlap {
  readonly partition: string
  readonly at: number
  readonly first: string
  readonly second: string
  /** When the first was told to stop; `null` if nobody told it. */
  readonly toldAt: number | null
}

/**
 * How long partitions were run by nobody, after their first run and until the end.
 *
 * @category models
 * @since 0.1.0
 */
export interface Gaps {
  readonly worstMs: number
  readonly totalMs: number
  readonly worstPartition: string | null
}

/**
 * The runs of one simulation, and what is wrong with them.
 *
 * @category models
 * @since 0.1.0
 */
export class Ledger {
  readonly #now: () => number
  readonly #runs: Array<Run> = []
  readonly #open = new Map<string, Set<Run>>()
  readonly overlaps: Array<Overlap> = []
  /** Runs whose process woke after others had run their partition: only tokens help against those. */
  oversleptCount = 0

  constructor(now: () => number) {
    this.#now = now
  }

  get runs(): ReadonlyArray<Run> {
    return this.#runs
  }

  begin(process: string, partition: string, token: number): Run {
    const run: Run = {
      process,
      partition,
      token,
      pieces: [{ from: this.#now(), to: Number.POSITIVE_INFINITY }],
      toldAt: null,
      hasEnded: false,
      hasOverslept: false
    }
    for (const other of this.#others(run)) if (isAwake(other) && !other.hasOverslept) this.#overlap(other, run)
    this.#runs.push(run)
    this.#openIn(partition).add(run)
    return run
  }

  told(run: Run): void {
    run.toldAt ??= this.#now()
  }

  end(run: Run): void {
    if (run.hasEnded) return
    run.hasEnded = true
    this.#cut(run)
    this.#openIn(run.partition).delete(run)
  }

  /** A process stands still: it runs nothing. */
  freeze(process: string): void {
    for (const run of this.#of(process)) this.#cut(run)
  }

  thaw(process: string): void {
    for (const run of this.#of(process)) {
      run.pieces.push({ from: this.#now(), to: Number.POSITIVE_INFINITY })
      run.hasOverslept = this.#runs.some(({ partition, token }) => partition === run.partition && token > run.token)
      if (run.hasOverslept) this.oversleptCount += 1
    }
  }

  /** To be called as soon as a process that woke has had its turn: by then what has an heir must have been told. */
  judgeThawed(process: string): void {
    for (const run of this.#of(process)) {
      const heir = this.#others(run).find(isAwake)
      if (run.toldAt === null && heir !== undefined) this.#overlap(run, heir)
    }
  }

  /** A process is gone, and all that it ran. */
  kill(process: string): void {
    for (const run of this.#of(process)) this.end(run)
  }

  /** Those of the partitions that nobody runs now. */
  unowned(partitions: ReadonlyArray<string>): ReadonlyArray<string> {
    return partitions.filter((partition) => ![...this.#openIn(partition)].some(isAwake))
  }

  gaps(): Gaps {
    const gaps = [...Map.groupBy(this.#runs, ({ partition }) => partition)].flatMap(([partition, runs]) =>
      holes(
        runs.flatMap(({ pieces }) => pieces),
        this.#now()
      ).map((ms) => ({ partition, ms }))
    )
    const worst = gaps.toSorted((a, b) => b.ms - a.ms)[0]
    return {
      worstMs: worst?.ms ?? 0,
      totalMs: gaps.reduce((sum, { ms }) => sum + ms, 0),
      worstPartition: worst?.partition ?? null
    }
  }

  #openIn(partition: string): Set<Run> {
    const known = this.#open.get(partition)
    if (known !== undefined) return known
    const made = new Set<Run>()
    this.#open.set(partition, made)
    return made
  }

  #of(process: string): ReadonlyArray<Run> {
    return [...this.#open.values()].flatMap((runs) => [...runs].filter((run) => run.process === process))
  }

  #others(run: Run): ReadonlyArray<Run> {
    return [...this.#openIn(run.partition)].filter((other) => other !== run)
  }

  #cut(run: Run): void {
    const last = run.pieces.at(-1)
    if (last !== undefined && last.to === Number.POSITIVE_INFINITY) last.to = this.#now()
  }

  #overlap(first: Run, second: Run): void {
    this.overlaps.push({
      partition: first.partition,
      at: this.#now(),
      first: `${first.process}@${first.token}`,
      second: `${second.process}@${second.token}`,
      toldAt: first.toldAt
    })
  }
}

const isAwake = (run: Run): boolean => run.pieces.at(-1)?.to === Number.POSITIVE_INFINITY

const holes = (pieces: Run["pieces"], end: number): ReadonlyArray<number> => {
  const found: Array<number> = []
  let coveredUntil: number | null = null
  for (const { from, to } of [...pieces, { from: end, to: end }].toSorted((a, b) => a.from - b.from)) {
    if (coveredUntil !== null && from > coveredUntil) found.push(from - coveredUntil)
    coveredUntil = Math.max(coveredUntil ?? to, Math.min(to, end))
  }
  return found
}
