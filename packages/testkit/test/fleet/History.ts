/** Journals as they could have been written: told in few words. */
import type { Entry, Stamped } from "@parti/testkit/FleetJournal"

export const at = (time: number, by: string, entry: Entry): Stamped => ({ at: time, by, entry })

/** One owner's time with a partition, with the messages that it handled one after the other. */
export const run = (
  by: string,
  partition: string,
  token: number,
  [from, to]: readonly [from: number, to: number | null],
  sequences: ReadonlyArray<number> = []
): ReadonlyArray<Stamped> => {
  const step = ((to ?? from + 100) - from) / (2 * sequences.length + 2)
  return [
    at(from, by, { _tag: "RunBegan", partition, token }),
    ...sequences.flatMap((sequence, index) => {
      const handling = { partition, token, sequence, attempt: 1 }
      return [
        at(from + step * (2 * index + 1), by, { _tag: "MessageBegan", ...handling }),
        at(from + step * (2 * index + 2), by, { _tag: "MessageEnded", ...handling, outcome: "done" as const })
      ]
    }),
    ...(to === null
      ? []
      : [at(to, by, { _tag: "RunStopping", partition, token }), at(to, by, { _tag: "RunEnded", partition, token })])
  ]
}

export const started = (time: number, life: string): Stamped =>
  at(time, "supervisor", { _tag: "ProcessStarted", life, process: life })
export const killed = (time: number, life: string): Stamped => at(time, "supervisor", { _tag: "ProcessKilled", life })
export const paused = (from: number, to: number, life: string): ReadonlyArray<Stamped> => [
  at(from, "supervisor", { _tag: "ProcessPaused", life }),
  at(to, "supervisor", { _tag: "ProcessResumed", life })
]
export const published = (time: number, partition: string, through: number): Stamped =>
  at(time, "supervisor", { _tag: "Published", partition, through })
export const closing = (time: number): Stamped => at(time, "supervisor", { _tag: "Closing" })

export const byTime = (records: ReadonlyArray<Stamped>): ReadonlyArray<Stamped> =>
  records.toSorted((left, right) => left.at - right.at)
