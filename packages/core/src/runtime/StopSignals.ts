/**
 * Signals of the operating system that ask a process to end.
 *
 * @since 0.1.0
 */
import { constants } from "node:os"

/**
 * The signals of one worker.
 *
 * @category models
 * @since 0.1.0
 */
export interface StopSignals {
  /** Aborted by the first signal. */
  readonly first: AbortSignal
  /** Ends the process in good order: the first signal came before there was anything to stop. */
  readonly exit: () => void
  /** Listens no longer: what the signals do by default is in force again. */
  readonly forget: () => void
}

/**
 * Listens until the process ends, or until it is told to forget. The second signal ends the process as it would have
 * without a listener.
 *
 * @category constructors
 * @since 0.1.0
 */
export const listen = (signals: ReadonlyArray<NodeJS.Signals>): StopSignals => {
  const controller = new AbortController()
  const heard = (signal: NodeJS.Signals): void => {
    if (controller.signal.aborted) process.exit(128 + constants.signals[signal])
    controller.abort(new Error(`the process was sent ${signal}`))
  }
  // One that is named twice is one signal, and not the second at once.
  const distinct = new Set(signals)
  for (const signal of distinct) process.on(signal, heard)
  return {
    first: controller.signal,
    exit: () => process.exit(0),
    forget: () => {
      for (const signal of distinct) process.off(signal, heard)
    }
  }
}
