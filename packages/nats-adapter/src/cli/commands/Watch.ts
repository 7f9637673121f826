/**
 * `parti watch`: the group, live.
 *
 * @since 0.1.0
 */
import { Command } from "effect/cli"
import * as Clock from "effect/Clock"
import * as Console from "effect/Console"
import * as Effect from "effect/Effect"
import * as Queue from "effect/Queue"
import * as Schedule from "effect/Schedule"
import * as Stdio from "effect/Stdio"
import * as Stream from "effect/Stream"
import * as Terminal from "effect/Terminal"
import * as Changes from "../report/Changes.ts"
import * as StatusReport from "../report/StatusReport.ts"
import { root } from "../Root.ts"
import * as Session from "../Session.ts"
import type { Settings } from "../Settings.ts"
import * as Status from "./Status.ts"

/** How often the picture is drawn, and how soon a silence is noticed that nothing announces. */
const tickMs = 250

/** The other screen of the terminal, without a cursor; and back. */
const enter = "\u001B[?1049h\u001B[?25l"
const leave = "\u001B[?25h\u001B[?1049l"

/**
 * A picture that takes the place of the one before: no line is longer, and there are no more of them, than fit.
 *
 * @category rendering
 * @since 0.1.0
 */
export const frame = (lines: ReadonlyArray<string>, columns: number, rows: number): string => {
  const footer = "q quits"
  const room = Math.max(1, rows - 1)
  const fitting =
    lines.length <= room ? lines : [...lines.slice(0, room - 1), `and ${lines.length - room + 1} lines more`]
  const shown = [...fitting, footer].map((line) => `${line.slice(0, columns)}\u001B[K`)
  return `\u001B[H${shown.join("\r\n")}\u001B[J`
}

const picture = (session: Session.Session) =>
  Effect.gen(function* () {
    const terminal = yield* Terminal.Terminal
    const draw = Effect.gen(function* () {
      const report = yield* Status.current(session)
      const [columns, rows] = [yield* terminal.columns, yield* terminal.rows]
      yield* terminal.display(frame(StatusReport.render(report), columns || 80, rows || 24))
    })
    yield* Effect.acquireRelease(terminal.display(enter), () => Effect.ignore(terminal.display(leave)))
    yield* Effect.raceFirst(Effect.repeat(draw, Schedule.spaced(tickMs)), quits)
  })

/** Waits until somebody presses q, Escape or Ctrl+C. */
const quits = Effect.gen(function* () {
  const stdio = yield* Stdio.Stdio
  // Nobody can press a key that comes from a file.
  if (!(yield* stdio.stdinIsTerminal)) return yield* Effect.never
  const keys = yield* (yield* Terminal.Terminal).readInput
  for (;;) {
    const { key } = yield* Queue.take(keys)
    if (key.name === "q") return
  }
}).pipe(Effect.catchTag("Done", () => Effect.void))

const lines = (session: Session.Session, { json }: Settings) => {
  let before: StatusReport.StatusReport | null = null
  const ticks = Stream.tick(tickMs)
  return Stream.runForEach(Stream.merge(session.observer.changes, ticks), () =>
    Effect.gen(function* () {
      const report = yield* Status.current(session)
      const changes = Changes.between(before, report)
      before = report
      if (changes.length === 0) return
      const at = new Date(yield* Clock.currentTimeMillis).toISOString()
      for (const change of changes) {
        yield* Console.log(json ? JSON.stringify({ at, ...change }) : `${at} ${Changes.render(change)}`)
      }
    })
  )
}

/**
 * The command.
 *
 * @category commands
 * @since 0.1.0
 */
export const command = Command.make(
  "watch",
  {},
  Effect.fnUntraced(function* () {
    const settings = yield* root
    const session = yield* Session.open(settings)
    const isTerminal = yield* (yield* Stdio.Stdio).stdoutIsTerminal
    yield* isTerminal && !settings.json ? Effect.orDie(picture(session)) : lines(session, settings)
  }, Effect.scoped)
).pipe(
  Command.withDescription("The group, live: redrawn in a terminal until q is pressed, else a line for each change")
)
