/**
 * How far the script has got: the time of the play, but for the time that it waited for its workers.
 *
 * @since 0.1.0
 */

/**
 * A clock that can be held.
 *
 * @category models
 * @since 0.1.0
 */
export interface ScriptClock {
  /** Milliseconds of the script. */
  readonly now: () => number
  /** Stands still from here on. */
  readonly hold: () => void
  /** Goes on from where it stood. */
  readonly release: () => void
}

/**
 * A clock that goes as the given one does.
 *
 * @category constructors
 * @since 0.1.0
 */
export const make = (playMs: () => number): ScriptClock => {
  let heldMs = 0
  let heldAt: number | null = null
  return {
    now: () => (heldAt ?? playMs()) - heldMs,
    hold: () => {
      heldAt ??= playMs()
    },
    release: () => {
      if (heldAt !== null) heldMs += playMs() - heldAt
      heldAt = null
    }
  }
}
