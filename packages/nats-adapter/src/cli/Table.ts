/**
 * Tables of text.
 *
 * @since 0.1.0
 */
import { CliOutput } from "effect/cli"

/**
 * A column: its title, and on which side its cells stand.
 *
 * @category models
 * @since 0.1.0
 */
export interface Column {
  readonly title: string
  readonly side: "left" | "right"
}

/**
 * A column of words.
 *
 * @category constructors
 * @since 0.1.0
 */
export const words = (title: string): Column => ({ title, side: "left" })

/**
 * A column of numbers.
 *
 * @category constructors
 * @since 0.1.0
 */
export const numbers = (title: string): Column => ({ title, side: "right" })

const gap = "  "

/**
 * The lines of a table. Cells hold what workers wrote, so control characters are left out: they might drive the terminal.
 *
 * @category rendering
 * @since 0.1.0
 */
export const render = (
  columns: ReadonlyArray<Column>,
  rows: ReadonlyArray<ReadonlyArray<string>>
): ReadonlyArray<string> => {
  const cells = [columns.map(({ title }) => title), ...rows.map((row) => row.map(printable))]
  const widths = columns.map((_, at) => Math.max(...cells.map((row) => CliOutput.displayWidth(row[at] ?? ""))))
  const line = (row: ReadonlyArray<string>): string =>
    columns
      .map(({ side }, at) => {
        const cell = row[at] ?? ""
        const space = " ".repeat((widths[at] ?? 0) - CliOutput.displayWidth(cell))
        return side === "right" ? space + cell : cell + space
      })
      .join(gap)
      .trimEnd()
  return cells.map(line)
}

/**
 * Text without control characters.
 *
 * @category rendering
 * @since 0.1.0
 */
export const printable = (text: string): string => text.replaceAll(/\p{Cc}+/gu, "?")
