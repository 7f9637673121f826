/**
 * `npm run picture`: plays the demo, and draws what it showed, once a second, into one moving picture for the README.
 *
 * @since 0.1.0
 */
import { Effect, References } from "effect"
import { writeFileSync } from "node:fs"
import { fileURLToPath } from "node:url"
import * as Arguments from "../packages/nats-adapter/src/cli/demo/Arguments.ts"
import * as Frame from "../packages/nats-adapter/src/cli/demo/Frame.ts"
import type { Screen } from "../packages/nats-adapter/src/cli/demo/Screen.ts"
import * as Show from "../packages/nats-adapter/src/cli/demo/Show.ts"

const size: Frame.Size = { columns: 80, rows: 22 }
const everyMs = 1000

const colours: Readonly<Record<Frame.Style, string>> = {
  plain: "#c9d1d9",
  bold: "#ffffff",
  dim: "#8b949e",
  good: "#3fb950",
  busy: "#d29922",
  bad: "#f85149"
}

/** Width of a character, height of a line, and the space around, in pixels. */
const [width, height, space] = [8.4, 18, 16]

const escaped = (text: string): string =>
  text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll('"', "&quot;")

const lineOf = (line: Frame.Line, row: number): string => {
  const spans = line.map(({ style, text }) => `<tspan class="${style}">${escaped(text)}</tspan>`).join("")
  return spans === "" ? "" : `<text x="${space}" y="${space + (row + 1) * height - 5}">${spans}</text>`
}

/** All frames lie over each other; each is seen for its part of the time, and the last one for longer. */
const pictureOf = (frames: ReadonlyArray<ReadonlyArray<Frame.Line>>): string => {
  const [w, h] = [size.columns * width + 2 * space, size.rows * height + 2 * space]
  const shares = frames.length + 3
  const part = (count: number) => `${Math.round((10_000 * count) / shares) / 100}%`
  const rules = frames.map((_, i) => {
    const end = i === frames.length - 1 ? shares : i + 1
    const hidden = i === 0 ? "" : `0%{visibility:hidden}`
    const after = end === shares ? "" : `${part(end)}{visibility:hidden}`
    return [
      `@keyframes f${i}{${hidden}${part(i)}{visibility:visible}${after}}`,
      `#f${i}{animation:f${i} ${shares}s step-end infinite}`
    ].join("")
  })
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" xml:space="preserve" viewBox="0 0 ${w} ${h}" width="${w}" height="${h}" role="img">`,
    "<title>A group of workers, live: some join, one crashes, one leaves, one restarts</title>",
    "<style>text{font:14px ui-monospace,Menlo,Consolas,monospace;white-space:pre}",
    ...Object.entries(colours).map(([style, colour]) => `.${style}{fill:${colour}}`),
    "g{visibility:hidden}",
    ...rules,
    // Whoever wants no motion sees the end.
    `@media (prefers-reduced-motion:reduce){g{animation:none!important}#f${frames.length - 1}{visibility:visible}}`,
    "</style>",
    `<rect width="${w}" height="${h}" rx="8" fill="#0d1117"/>`,
    ...frames.map((frame, i) => `<g id="f${i}">${frame.map(lineOf).join("")}</g>`),
    "</svg>",
    ""
  ].join("\n")
}

const parsed = Arguments.parse(process.argv.slice(2))
if (parsed._tag !== "Run") throw new Error("it takes what npm start takes: --seconds, --seed, --workers, --partitions")

const frames: Array<ReadonlyArray<Frame.Line>> = []
let drawnAt = -everyMs
const screen: Screen = {
  show: (scene) => {
    const at = performance.now()
    if (at - drawnAt < everyMs) return
    drawnAt = at
    frames.push(Frame.draw(scene, size))
  },
  tell: () => undefined,
  close: () => undefined
}

await Show.play(parsed.chosen, screen).pipe(
  Effect.provideService(References.MinimumLogLevel, "None"),
  Effect.runPromise
)
writeFileSync(fileURLToPath(new URL("../docs/images/demo.svg", import.meta.url)), pictureOf(frames))
console.log(`docs/images/demo.svg: ${frames.length} frames`)
