/**
 * What has changed from one report to the next.
 *
 * @since 0.1.0
 */
import { printable } from "../Table.ts"
import type { StatusReport } from "./StatusReport.ts"

/**
 * One change: the JSON of a line of `parti watch --json`, after the time. `null` stands for nothing: what was not there, or
 * is not any more.
 *
 * @category models
 * @since 0.1.0
 */
export interface Change {
  readonly kind:
    | "group"
    | "connection"
    | "phase"
    | "leader"
    | "worker"
    | "owns"
    | "unowned"
    | "pause"
    | "drain"
    | "record"
  readonly subject: string
  readonly from: string | null
  readonly to: string | null
}

/** What a report says, by kind and subject: two of them are compared entry by entry. */
type Facts = ReadonlyMap<string, Omit<Change, "from" | "to"> & { readonly value: string }>

/**
 * The changes from one report to another, in a fixed order; from none, the group as it was found.
 *
 * @category conversions
 * @since 0.1.0
 */
export const between = (before: StatusReport | null, after: StatusReport): ReadonlyArray<Change> => {
  if (before === null) return [{ kind: "group", subject: after.group, from: null, to: summary(after) }]
  const [was, is] = [factsOf(before), factsOf(after)]
  return [...new Set([...is.keys(), ...was.keys()])].flatMap((key) => {
    const [one, other] = [was.get(key), is.get(key)]
    const known = other ?? one
    if (known === undefined || one?.value === other?.value) return []
    return [{ kind: known.kind, subject: known.subject, from: one?.value ?? null, to: other?.value ?? null }]
  })
}

const summary = ({ partitions, phase, unowned, workers }: StatusReport): string => {
  const living = workers.filter(({ standing }) => standing === "live" || standing === "draining").length
  return `${phase.tag}, workers: ${living}, partitions: ${partitions}, unowned: ${unowned}`
}

const factsOf = (report: StatusReport): Facts => {
  const facts = new Map<string, Omit<Change, "from" | "to"> & { readonly value: string }>()
  const note = (kind: Change["kind"], subject: string, value: string | null) => {
    if (value !== null) facts.set(`${kind} ${subject}`, { kind, subject, value })
  }
  note("connection", report.server, report.isConnected ? "connected" : "lost")
  note(
    "phase",
    report.group,
    report.phase.reason === null ? report.phase.tag : `${report.phase.tag} (${report.phase.reason})`
  )
  note("leader", report.group, report.leader === null ? null : report.leader.id)
  note("pause", report.group, report.pausedForMs === null ? null : "paused")
  for (const { worker } of report.drains) note("drain", worker, "ordered")
  for (const { id, standing } of report.workers) note("worker", id, standing)
  for (const { id, partitions } of report.workers) note("owns", id, String(partitions))
  note("unowned", report.group, String(report.unowned))
  for (const { reason, record } of report.undecodable) note("record", record, reason)
  return facts
}

const titles: Readonly<Record<Change["kind"], string>> = {
  group: "group",
  connection: "connection to",
  phase: "phase of",
  leader: "leader of",
  worker: "worker",
  owns: "partitions of",
  unowned: "unowned partitions of",
  pause: "pause of",
  drain: "drain of",
  record: "unreadable record"
}

/**
 * A change in one line.
 *
 * @category rendering
 * @since 0.1.0
 */
export const render = ({ from, kind, subject, to }: Change): string =>
  printable(
    kind === "group"
      ? `group ${subject}: ${to ?? ""}`
      : `${titles[kind]} ${subject}: ${from ?? "none"} → ${to ?? "none"}`
  )
