/**
 * What the processes of the demo share, and what is known of the group as a whole.
 *
 * @since 0.1.0
 */
import type * as GroupView from "@parti/core/GroupView"
import type { Arguments } from "./Arguments.ts"
import * as Chronicle from "./Chronicle.ts"
import * as Recorder from "./Recorder.ts"
import type { Entry, Row, Scene } from "./Scene.ts"
import type { Screen } from "./Screen.ts"
import type { Script } from "./Script.ts"
import * as ScriptClock from "./ScriptClock.ts"

/**
 * The stage: a clock that starts with the play, the handlers' record, the log, and the newest view of the group.
 *
 * @category models
 * @since 0.1.0
 */
export interface Stage {
  readonly title: string
  readonly script: Script
  readonly recorder: Recorder.Recorder
  /** Milliseconds since the beginning. */
  readonly now: () => number
  readonly scriptClock: ScriptClock.ScriptClock
  readonly tell: (text: string, tone: Entry["tone"]) => void
  /** Something went wrong that nobody can call good. */
  readonly fail: (text: string) => void
  readonly seen: (view: GroupView.GroupView) => void
  readonly failures: () => ReadonlyArray<string>
  readonly chronicle: () => Chronicle.Chronicle
  readonly scene: (rows: ReadonlyArray<Row>) => Scene
}

const logKept = 200

/**
 * Sets an empty stage; the clock starts.
 *
 * @category constructors
 * @since 0.1.0
 */
export const make = (chosen: Arguments, script: Script, screen: Screen): Stage => {
  const { partitions, seed, workers } = chosen
  const title = `Parti: ${workers} workers, ${partitions} partitions, seed ${seed}`
  const startedAt = performance.now()
  const now = () => performance.now() - startedAt
  const scriptClock = ScriptClock.make(now)
  const recorder = Recorder.make()
  const failures: Array<string> = []
  let log: ReadonlyArray<Entry> = []
  let chronicle = Chronicle.empty
  let most = 0
  let newest: { readonly view: GroupView.GroupView; readonly atMs: number } | null = null

  const tell: Stage["tell"] = (text, tone) => {
    const entry = { atMs: now(), text, tone }
    log = [...log.slice(1 - logKept), entry]
    screen.tell(entry)
  }

  const seen: Stage["seen"] = (view) => {
    const next = Chronicle.observe(chronicle, view)
    if (next.chronicle === chronicle) return
    chronicle = next.chronicle
    newest = { view, atMs: now() }
    for (const text of next.news) tell(text, "plain")
  }

  const scene: Stage["scene"] = (rows) => {
    const view = newest?.view
    const endsInMs = view?.phase.endsInMs ?? null
    most = Math.max(most, ...rows.map(({ running }) => running))
    return {
      title,
      atMs: Math.min(scriptClock.now(), script.lengthMs),
      lengthMs: script.lengthMs,
      phase: {
        tag: chronicle.tag,
        reason: view?.phase.reason ?? null,
        leftMs: endsInMs === null ? null : Math.max(0, endsInMs + (newest?.atMs ?? 0) - now()),
        windowMs: chronicle.windowMs
      },
      leader: chronicle.leader,
      partitions,
      running: recorder.running(),
      unowned: view?.unowned ?? partitions,
      handingOver: view?.handingOver ?? 0,
      most,
      last: chronicle.begun ?? chronicle.rebalances.at(-1) ?? null,
      facts: [],
      rows,
      log
    }
  }

  const fail: Stage["fail"] = (text) => {
    failures.push(text)
    tell(text, "alarm")
  }

  return {
    title,
    script,
    recorder,
    now,
    scriptClock,
    tell,
    fail,
    seen,
    failures: () => failures,
    chronicle: () => chronicle,
    scene
  }
}
