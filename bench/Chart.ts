/** A line chart as SVG, readable on light and on dark. Both axes are logarithmic. */

/** One curve. */
export interface Line {
  readonly name: string
  readonly points: ReadonlyArray<readonly [x: number, y: number]>
}

/** What a chart shows. `reference` is drawn dashed. */
export interface ChartOptions {
  readonly title: string
  readonly subtitle: string
  readonly across: string
  readonly lines: ReadonlyArray<Line>
  readonly reference: Line["points"]
  readonly range: readonly [least: number, most: number]
  readonly ticks: ReadonlyArray<number>
}

const width = 760
const height = 430
const box = { left: 52, right: 520, top: 64, bottom: 372 }

// Colours that keep apart on white and on near black, also for most who see colours differently.
const colours = ["#0072b2", "#009e73", "#d55e00", "#b8860b", "#cc79a7", "#8a8a8a"]

const style = `
  text { font: 12px system-ui, sans-serif; fill: #24292f }
  .title { font-size: 15px; font-weight: 600 }
  .faint { fill: #57606a }
  .grid { stroke: #d0d7de; stroke-width: 1 }
  .reference { stroke: #24292f; stroke-width: 1.5; stroke-dasharray: 5 4; fill: none }
  .line { fill: none; stroke-width: 2; stroke-linejoin: round }
  @media (prefers-color-scheme: dark) {
    text { fill: #e6edf3 }
    .faint { fill: #9198a1 }
    .grid { stroke: #3d444d }
    .reference { stroke: #e6edf3 }
  }`

const scale = (from: readonly [number, number], to: readonly [number, number]) => (value: number) =>
  to[0] + ((to[1] - to[0]) * Math.log(value / from[0])) / Math.log(from[1] / from[0])

const escape = (text: string): string => text.replaceAll("&", "&amp;").replaceAll("<", "&lt;")

const text = (x: number, y: number, content: string, more = ""): string =>
  `<text x="${x.toFixed(1)}" y="${y.toFixed(1)}" ${more}>${escape(content)}</text>`

const lineHeight = 17

/** Names beside the ends of their lines: pushed down where they would overlap, and up again from the lower edge. */
const spread = (places: ReadonlyArray<number>): ReadonlyArray<number> => {
  const order = places.map((_, i) => i).sort((a, b) => (places[a] ?? 0) - (places[b] ?? 0))
  const apart = [...places]
  let above = -Infinity
  for (const i of order) {
    apart[i] = Math.max(apart[i] ?? 0, above + lineHeight)
    above = apart[i] ?? 0
  }
  let below = box.bottom + lineHeight + 4
  for (const i of order.toReversed()) {
    apart[i] = Math.min(apart[i] ?? 0, below - lineHeight)
    below = apart[i] ?? 0
  }
  return apart
}

/** Draws a chart. */
export const chart = ({ title, subtitle, across, lines, reference, range, ticks }: ChartOptions): string => {
  const xs = reference.map(([x]) => x)
  const x = scale([xs[0] ?? 1, xs.at(-1) ?? 2], [box.left, box.right])
  const y = scale(range, [box.bottom, box.top])
  const clamp = (value: number): number => Math.min(range[1], Math.max(range[0], value))
  const path = (points: Line["points"]): string =>
    points.map(([a, b], i) => `${i === 0 ? "M" : "L"}${x(a).toFixed(1)} ${y(clamp(b)).toFixed(1)}`).join("")
  const labels = spread(lines.map(({ points }) => y(clamp(points.at(-1)?.[1] ?? 1))))
  const parts = [
    text(box.left, 26, title, `class="title"`),
    text(box.left, 46, subtitle, `class="faint"`),
    ...ticks.flatMap((tick) => [
      `<line class="grid" x1="${box.left}" x2="${box.right}" y1="${y(tick).toFixed(1)}" y2="${y(tick).toFixed(1)}"/>`,
      text(box.left - 8, y(tick) + 4, String(tick), `text-anchor="end" class="faint"`)
    ]),
    ...xs
      .filter((_, i) => i % 2 === 0)
      .map((tick) => text(x(tick), box.bottom + 20, String(tick), `text-anchor="middle" class="faint"`)),
    text((box.left + box.right) / 2, box.bottom + 42, across, `text-anchor="middle" class="faint"`),
    ...lines.map(({ points }, i) => `<path class="line" stroke="${colours[i]}" d="${path(points)}"/>`),
    `<path class="reference" d="${path(reference)}"/>`,
    ...lines.flatMap(({ name }, i) => [
      `<rect x="${box.right + 12}" y="${((labels[i] ?? 0) - 5).toFixed(1)}" width="10" height="10" fill="${colours[i]}"/>`,
      text(box.right + 28, (labels[i] ?? 0) + 4, name)
    ])
  ]
  const open = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" role="img" aria-label="${escape(title)}">`
  return `${open}\n<style>${style}\n</style>\n${parts.join("\n")}\n</svg>\n`
}
