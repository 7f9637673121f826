/**
 * `npm start`: a group of workers, live. With `--nats` on a real server, in processes of their own.
 *
 * @since 0.1.0
 */
const argv = process.argv.slice(2)

if (argv.includes("--nats")) {
  const { start } = await import("./nats/Program.ts")
  process.exitCode = await start(argv)
} else {
  await import("./Memory.ts")
  if (argv.includes("--help")) console.log("\nWith --nats it plays on a real server: npm start -- --nats --help")
}
