/** A process of a fleet that does what its argument says: `work`, `fail`, or `deaf` (it does not heed SIGTERM). */
import * as FleetJournal from "@parti/testkit/FleetJournal"
import * as FleetSink from "@parti/testkit/FleetSink"

const [, , how = "work", port] = process.argv
const journal = FleetJournal.ofProcess()

if (how === "fail") {
  console.error("something is missing")
  process.exit(3)
}

const beat = setInterval(() => journal.write({ _tag: "Noted", what: "beat", value: null }), 2)
journal.onTold((text) => void journal.write({ _tag: "Noted", what: "told", value: text }))
process.on("SIGTERM", () => {
  if (how === "deaf") return
  clearInterval(beat)
  journal.write({ _tag: "Stopped" })
})
if (port !== undefined) {
  const sink = FleetSink.connect(Number(port))
  for (const token of [1, 5, 5, 2, 6]) {
    const isAccepted = await sink.offer({ partition: "a b", sequence: token, token })
    journal.write({ _tag: "Noted", what: "offered", value: { token, isAccepted } })
  }
  sink.close()
}
journal.write({ _tag: "Ready", worker: null })
