/**
 * What the group says of itself, plan by plan, told as a story.
 *
 * @since 0.1.0
 */
import type { Rebalance } from "./Scene.ts"
import { seconds } from "./Scene.ts"

/**
 * What is read of a view of the group.
 *
 * @category models
 * @since 0.1.0
 */
export interface Seen {
  readonly version: number
  readonly leader: string | null
  readonly phase: { readonly tag: string; readonly reason: string | null; readonly endsInMs: number | null }
  readonly lastRebalance: Rebalance | null
}

/**
 * The story so far. `begun`: the rebalance that is under way. `windowMs`: the length of the window that is open.
 *
 * @category models
 * @since 0.1.0
 */
export interface Chronicle {
  readonly version: number
  readonly leader: string | null
  readonly tag: string
  readonly windowMs: number | null
  readonly begun: Rebalance | null
  readonly rebalances: ReadonlyArray<Rebalance>
}

/**
 * Nothing was seen.
 *
 * @category constants
 * @since 0.1.0
 */
export const empty: Chronicle = {
  version: 0,
  leader: null,
  tag: "Idle",
  windowMs: null,
  begun: null,
  rebalances: []
}

/**
 * Takes in a view, and says what is new in it. Several workers show the same plans: each is taken once, and none that is
 * older than one taken before.
 *
 * @category reducers
 * @since 0.1.0
 */
export const observe = (
  before: Chronicle,
  seen: Seen
): { readonly chronicle: Chronicle; readonly news: ReadonlyArray<string> } => {
  if (seen.version <= before.version) return { chronicle: before, news: [] }
  const begun = underWay(before, seen)
  const ended = before.begun !== null && begun?.reason !== before.begun.reason ? before.begun : null
  return {
    chronicle: {
      version: seen.version,
      leader: seen.leader,
      tag: seen.phase.tag,
      windowMs: seen.phase.tag !== "Scaling" ? null : (before.windowMs ?? seen.phase.endsInMs),
      begun,
      rebalances: ended === null ? before.rebalances : [...before.rebalances, ended]
    },
    news: [
      ...(seen.leader === null || seen.leader === before.leader ? [] : [`${seen.leader} leads`]),
      ...(ended === null ? [] : [`${ended.reason}: done, ${ended.moved} moved, ${ended.minimum} had to`]),
      ...phaseNews(before, seen)
    ]
  }
}

const underWay = (before: Chronicle, { lastRebalance, phase }: Seen): Rebalance | null => {
  if (phase.tag !== "Rebalancing" && phase.tag !== "Emergency") return null
  const reason = phase.reason ?? phase.tag
  const known = before.begun?.reason === reason ? before.begun : { reason, moved: 0, minimum: 0 }
  return lastRebalance?.reason === reason ? lastRebalance : known
}

const phaseNews = (before: Chronicle, { phase }: Seen): ReadonlyArray<string> => {
  if (phase.tag === before.tag) return []
  switch (phase.tag) {
    case "Scaling":
      return [`${phase.reason ?? phase.tag}: a window of ${seconds(phase.endsInMs ?? 0)} s opens`]
    case "Rebalancing":
    case "Emergency":
      return [`${phase.reason ?? phase.tag}: partitions are handed over`]
    default:
      return before.tag === "Scaling" ? ["the window's cause has gone: nothing moves"] : []
  }
}
