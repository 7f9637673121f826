/**
 * Draws a scene into lines that fit a terminal.
 *
 * @since 0.1.0
 */
import type { Entry, Phase, Row, Scene } from "./Scene.ts"
import { seconds } from "./Scene.ts"

/**
 * How a piece of text is to look.
 *
 * @category models
 * @since 0.1.0
 */
export type Style = "plain" | "bold" | "dim" | "good" | "busy" | "bad"

/** A piece of a line. */
interface Span {
  readonly text: string
  readonly style: Style
}

/**
 * A line, left to right.
 *
 * @category models
 * @since 0.1.0
 */
export type Line = ReadonlyArray<Span>

/**
 * The room there is.
 *
 * @category models
 * @since 0.1.0
 */
export interface Size {
  readonly columns: number
  readonly rows: number
}

/**
 * Draws a scene: what the group does, its workers, and as much of the log as there is room for. No line is wider than the
 * terminal, and there are no more lines than it has rows.
 *
 * @category drawing
 * @since 0.1.0
 */
export const draw = (scene: Scene, size: Size): ReadonlyArray<Line> => {
  const head = [...heading(scene, size.columns), [], tableHead]
  const room = Math.max(1, size.rows - head.length - leastLog - 1)
  const table = tableRows(scene, size.columns, room)
  const logRoom = Math.max(0, size.rows - head.length - table.length - 1)
  const log = logRoom === 0 ? [] : scene.log.slice(-logRoom).map(logLine)
  return [...head, ...table, [], ...log].slice(0, size.rows).map((line) => clip(line, size.columns))
}

/**
 * A line without its looks.
 *
 * @category conversions
 * @since 0.1.0
 */
export const plain = (line: Line): string =>
  line
    .map(({ text }) => text)
    .join("")
    .trimEnd()

const leastLog = 4

const span = (text: string, style: Style = "plain"): Span => ({ text, style })

const heading = (scene: Scene, columns: number): ReadonlyArray<Line> => {
  const clock = `${seconds(scene.atMs)} of ${seconds(scene.lengthMs)} s`
  const isWhole = scene.running === scene.partitions
  const { last } = scene
  return [
    [span(scene.title.padEnd(columns - clock.length - 1), "bold"), span(clock)],
    [],
    phaseLine(scene.phase),
    [span("leader   ", "dim"), span(scene.leader ?? "none")],
    [
      span("now      ", "dim"),
      span(`${scene.running} of ${scene.partitions} run`, isWhole ? "good" : "bad"),
      span(`; by the plan, ${scene.unowned} have no owner, ${scene.handingOver} change hands`)
    ],
    [
      span("last     ", "dim"),
      span(last === null ? "no rebalance yet" : `${last.reason}: ${last.moved} moved, ${last.minimum} had to`)
    ],
    ...scene.facts.map(({ isWell, label, text }) => [
      span(label.padEnd(9), "dim"),
      span(text, isWell ? "plain" : "bad")
    ])
  ]
}

const phaseLine = ({ leftMs, reason, tag, windowMs }: Phase): Line => {
  const style = tag === "Idle" ? "good" : tag === "Emergency" ? "bad" : "busy"
  const name = reason === null ? tag : `${tag} (${reason})`
  if (leftMs === null || windowMs === null) return [span("phase    ", "dim"), span(name, style)]
  return [
    span("phase    ", "dim"),
    span(`${name}  `, style),
    ...bar(leftMs, windowMs, 20),
    span(`  ${seconds(leftMs)} s left of its window`)
  ]
}

const widths = { process: 9, workerId: 13, status: 20, running: 4 }

const tableHead: Line = [
  span("process".padEnd(widths.process), "dim"),
  span("worker id".padEnd(widths.workerId), "dim"),
  span("state".padEnd(widths.status), "dim"),
  span("runs".padStart(widths.running), "dim"),
  span("  load", "dim")
]

/** As many rows as there is room for, and a word about the rest. */
const tableRows = (scene: Scene, columns: number, room: number): ReadonlyArray<Line> => {
  const barWidth = Math.min(60, columns - widths.process - widths.workerId - widths.status - widths.running - 3)
  const isFitting = scene.rows.length <= room
  const shown = isFitting ? scene.rows : scene.rows.slice(0, room - 1)
  const lines = shown.map((row) => tableRow(row, scene.most, barWidth))
  return isFitting ? lines : [...lines, [span(`and ${scene.rows.length - shown.length} more`, "dim")]]
}

const moods = { well: "good", busy: "busy", gone: "dim" } as const

const tableRow = (row: Row, most: number, barWidth: number): Line => {
  const mark = row.isLeader ? " *" : ""
  return [
    span(row.process.padEnd(widths.process)),
    span(`${row.workerId ?? "–"}${mark}`.padEnd(widths.workerId)),
    span(row.status.padEnd(widths.status), moods[row.mood]),
    span(String(row.running).padStart(widths.running)),
    span("  "),
    ...bar(row.running, most, barWidth)
  ]
}

const bar = (value: number, most: number, width: number): Line => {
  if (width < 1) return []
  const full = Math.max(0, Math.min(width, Math.round((width * value) / Math.max(1, most))))
  return [span("█".repeat(full), "good"), span("░".repeat(width - full), "dim")]
}

const tones = { plain: "plain", act: "bold", alarm: "bad" } as const

const logLine = ({ atMs, text, tone }: Entry): Line => [
  span(`${seconds(atMs).padStart(6)}  `, "dim"),
  span(text, tones[tone])
]

/** Cuts what does not fit, and shows that something is missing. */
const clip = (line: Line, columns: number): Line => {
  const length = line.reduce((sum, { text }) => sum + text.length, 0)
  if (length <= columns) return line
  const clipped: Array<Span> = []
  let left = Math.max(0, columns - 1)
  for (const { style, text } of line) {
    if (left > 0) clipped.push({ style, text: text.slice(0, left) })
    left -= Math.min(left, text.length)
  }
  return [...clipped, span("…", "dim")]
}
