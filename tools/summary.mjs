// Prints `N passed, N failed` from vitest's JSON report: `node tools/summary.mjs <report> <exit status of all before>`.
// Runs on any Node >= 20, also when nothing could be installed.

import { existsSync, readFileSync } from "node:fs"

const [path, status] = process.argv.slice(2)
const none = { numPassedTests: 0, numFailedTests: 0, numPendingTests: 0, numTodoTests: 0, testResults: [] }
const report = path !== undefined && existsSync(path) ? JSON.parse(readFileSync(path, "utf8")) : none

// A file that does not load fails without a failed test.
const isBroken = (file) =>
  file.status === "failed" && !file.assertionResults.some((assertion) => assertion.status === "failed")

const passed = report.numPassedTests
const skipped = report.numPendingTests + report.numTodoTests
const counted = report.numFailedTests + report.testResults.filter(isBroken).length
// A check, an unhandled rejection or an empty run fails without a failed test, too.
const failed = counted === 0 && (status !== "0" || passed === 0) ? 1 : counted

console.log(`${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ""}`)
if (failed > 0) process.exitCode = 1
