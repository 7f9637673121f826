/**
 * Wrong versions of how the store is used, and of the store.
 *
 * @since 0.1.0
 */
import type { WorkerRecord } from "@parti/core/Protocol"
import * as Mutant from "./Mutant.ts"

/**
 * Writes that compare nothing, answers taken for others, watches that miss something.
 *
 * @category constants
 * @since 0.1.0
 */
export const mutants: ReadonlyArray<Mutant.Mutant> = [
  { name: "renewal that ignores the revision", flaws: { ignoresRevision: ["Renew"] } },
  {
    name: "release that ignores the revision",
    focus: ["Weather", "StopToRestart", "StopToLeave"],
    flaws: { ignoresRevision: ["Release"] }
  },
  { name: "claim that ignores the revision", flaws: { ignoresRevision: ["Claim"] } },
  { name: "eviction that ignores the revision", focus: ["LinkCut", "Weather"], flaws: { ignoresRevision: ["Evict"] } },
  { name: "plan written without comparing", flaws: { ignoresRevision: ["Plan"] } },
  {
    name: "watch that was cut goes on without what it missed",
    focus: ["WatchCut", "LinkCut"],
    flaws: { resumesBlindly: true }
  },
  { name: "partial listing believed", focus: ["WatchCut"], flaws: { listsPartly: true } },
  { name: "new bucket taken for the old one", flaws: { hidesIncarnation: true } },
  {
    name: "watch that was cut shows old values over new ones",
    focus: ["WatchCut", "Surge"],
    flaws: { replaysOldValues: true }
  },
  {
    name: "timed-out compare-and-set taken as done",
    wrap: Mutant.withEvent((event) =>
      event._tag === "WriteUnknown" ? { ...event, _tag: "WriteAccepted", revision: event.write.expected + 1 } : event
    )
  },
  {
    name: "refused plan taken as written",
    focus: ["Weather", "SourceChanged"],
    wrap: Mutant.withEvent((event) =>
      event._tag === "WriteRejected" && event.write.purpose === "Plan"
        ? {
            _tag: "WriteAccepted",
            write: event.write,
            revision: event.write.expected + 1,
            at: event.at,
            wall: event.wall
          }
        : event
    )
  },
  {
    name: "refused write never tried again",
    wrap: Mutant.withEvent((event) => (event._tag === "WriteRejected" ? null : event))
  },
  {
    name: "vanished key taken for an end",
    focus: ["KeyVanished"],
    wrap: (right) => {
      const known = new WeakMap<object, Map<string, WorkerRecord>>()
      return Mutant.withEvent((event, { before, config }) => {
        if (event._tag !== "WorkerObserved") return event
        if (before.claim._tag === "Held" && before.claim.workerId === event.workerId) return event
        const records = known.get(config) ?? new Map<string, WorkerRecord>()
        known.set(config, records)
        if (event.record !== null) records.set(event.workerId, event.record)
        const last = records.get(event.workerId)
        return event.record === null && last !== undefined ? { ...event, record: { ...last, state: "evicted" } } : event
      })(right)
    }
  }
]
