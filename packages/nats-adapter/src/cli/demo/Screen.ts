/**
 * Where the view is shown: a terminal that is redrawn in place, or anything else line by line.
 *
 * @since 0.1.0
 */
import type { Line, Style } from "./Frame.ts"
import * as Frame from "./Frame.ts"
import type { Entry, Scene } from "./Scene.ts"
import { seconds } from "./Scene.ts"

/**
 * Something to show a scene on. `show` draws it; `tell` adds a line to the log; `close` leaves the last frame standing, and
 * after it nothing is shown any more.
 *
 * @category models
 * @since 0.1.0
 */
export interface Screen {
  readonly show: (scene: Scene) => void
  readonly tell: (entry: Entry) => void
  readonly close: () => void
}

/**
 * What a screen writes to: `process.stdout`, or what stands for it.
 *
 * @category models
 * @since 0.1.0
 */
export interface Output {
  readonly isTTY?: boolean
  readonly columns?: number
  readonly rows?: number
  readonly write: (text: string) => unknown
}

/**
 * The screen that fits an output. `colour`: whether it may be coloured.
 *
 * @category constructors
 * @since 0.1.0
 */
export const on = (output: Output, colour: boolean): Screen =>
  output.isTTY === true ? terminal(output, colour ? coloured : Frame.plain) : paper(output)

const terminal = (output: Output, paint: (line: Line) => string): Screen => {
  let last: Scene | null = null
  let isClosed = false
  const draw = (scene: Scene, rows: number) => Frame.draw(scene, { columns: output.columns ?? 80, rows }).map(paint)
  return {
    show: (scene) => {
      if (isClosed) return
      const open = last === null ? enterScreen : ""
      last = scene
      output.write(`${open}${toTop}${draw(scene, output.rows ?? 24).join(`${eraseRight}\n`)}${eraseRight}${eraseBelow}`)
    },
    tell: () => undefined,
    close: () => {
      if (isClosed || last === null) return
      isClosed = true
      // One row less: the prompt needs one.
      output.write(`${leaveScreen}${draw(last, (output.rows ?? 24) - 1).join("\n")}\n\n`)
    }
  }
}

const paper = (output: Output): Screen => {
  let isOpen = true
  return {
    show: () => undefined,
    tell: ({ atMs, text }) => {
      if (isOpen) output.write(`${seconds(atMs).padStart(6)}  ${text}\n`)
    },
    close: () => {
      if (isOpen) output.write("\n")
      isOpen = false
    }
  }
}

const escape = "\u001b["
const enterScreen = `${escape}?1049h${escape}?25l`
const leaveScreen = `${escape}?25h${escape}?1049l`
const toTop = `${escape}H`
const eraseRight = `${escape}K`
const eraseBelow = `${escape}J`

const codes: Readonly<Record<Style, string>> = { plain: "", bold: "1", dim: "2", good: "32", busy: "33", bad: "31" }

const coloured = (line: Line): string =>
  line.map(({ style, text }) => (style === "plain" ? text : `${escape}${codes[style]}m${text}${escape}0m`)).join("")
