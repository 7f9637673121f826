#!/usr/bin/env node
/**
 * The executable `parti`.
 *
 * @since 0.1.0
 */
import * as NodeRuntime from "@effect/platform-node-shared/NodeRuntime"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import { exitCodes } from "./Failure.ts"
import * as Platform from "./Platform.ts"
import * as Program from "./Program.ts"

// Whoever read the output has gone, as `head` does: there is nobody left to tell. Watches are closed all the same, and what
// they still print fails again.
process.stdout.on("error", () => process.kill(process.pid, "SIGTERM"))

NodeRuntime.runMain(Effect.provide(Program.run(process.argv.slice(2)), Platform.layer), {
  disableErrorReporting: true,
  teardown: (exit, onExit) =>
    onExit(Exit.isSuccess(exit) && typeof exit.value === "number" ? exit.value : exitCodes.interrupted)
})
