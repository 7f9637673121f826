/**
 * What a command says: JSON for programs, or lines for people, made from the same report.
 *
 * @since 0.1.0
 */
import * as Console from "effect/Console"
import * as Effect from "effect/Effect"
import type { Settings } from "./Settings.ts"

/**
 * Prints a report.
 *
 * @category rendering
 * @since 0.1.0
 */
export const report = <A>(
  { json }: Pick<Settings, "json">,
  told: A,
  render: (told: A) => ReadonlyArray<string>
): Effect.Effect<void> => Console.log(json ? JSON.stringify(told, null, 2) : render(told).join("\n"))
