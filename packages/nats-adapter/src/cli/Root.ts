/**
 * The command `parti` itself: what all its commands share.
 *
 * @since 0.1.0
 */
import { Command } from "effect/cli"
import * as Settings from "./Settings.ts"

/**
 * The root of the commands. A command reads the settings from it.
 *
 * @category commands
 * @since 0.1.0
 */
export const root = Command.make("parti").pipe(
  Command.withSharedFlags(Settings.flags),
  Command.withDescription("Look after groups of workers that share partitions through NATS")
)
