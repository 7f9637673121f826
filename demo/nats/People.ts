/**
 * The processes, as their journals and the supervisor's tell of them.
 *
 * @since 0.1.0
 */
import type { Fleet } from "@parti/testkit/Fleet"
import type { Stamped } from "@parti/testkit/FleetJournal"
import type { Entry, Row } from "../../packages/nats-adapter/src/cli/demo/Scene.ts"

/**
 * One of them. `word`: what becomes of it, instead of its worker's state.
 *
 * @category models
 * @since 0.1.0
 */
export interface Person {
  readonly name: string
  readonly life: string
  worker: string | null
  state: string
  isLeader: boolean
  word: string | null
  isGone: boolean
}

/**
 * Lines for the log. `isFault`: nobody asked for that.
 *
 * @category models
 * @since 0.1.0
 */
export type News = ReadonlyArray<{
  readonly text: string
  readonly tone: Entry["tone"]
  readonly isFault?: boolean
}>

/**
 * Keeps the people up to date, and says what is new.
 *
 * @category reducers
 * @since 0.1.0
 */
export const follow = (people: Map<string, Person>, { by, entry }: Stamped): News => {
  if (entry._tag === "ProcessStarted") {
    const { life, process: name } = entry
    const isGone = false
    people.set(name, { name, life, worker: null, state: "", isLeader: false, word: "starts", isGone })
    return [{ text: `${name} starts`, tone: "act" }]
  }
  const person = [...people.values()].find(({ life }) => life === ("life" in entry ? entry.life : by))
  if (person === undefined) return []
  const { name } = person
  switch (entry._tag) {
    case "Ready":
      person.worker = entry.worker
      person.word = null
      return [{ text: `${name} is ${entry.worker ?? "nobody yet"}`, tone: "plain" }]
    case "StateChanged":
      person.worker = entry.worker
      person.state = entry.state
      return []
    case "LeaderChanged":
      person.isLeader = entry.isLeader
      return []
    case "ProcessTerminated":
      person.word = "drains"
      return [{ text: `${name} is asked to leave, and drains`, tone: "act" }]
    case "ProcessKilled":
      person.word = "killed"
      person.isGone = true
      return [{ text: `${name} is killed with SIGKILL`, tone: "act" }]
    case "ProcessExited":
      if (person.word === "killed") return []
      person.word = entry.code === 0 ? "has left" : "has ended"
      person.isGone = true
      if (entry.code === 0) return [{ text: `${name} has left`, tone: "plain" }]
      return [{ text: `${name} ended by itself, with ${entry.code ?? entry.signal}`, tone: "alarm", isFault: true }]
    case "ProblemArisen":
      return [{ text: `${name}: ${entry.text}`, tone: "alarm" }]
    default:
      return []
  }
}

/**
 * A row of the table.
 *
 * @category conversions
 * @since 0.1.0
 */
export const rowOf = ({ isGone, isLeader, life, name, state, word, worker }: Person, { judge }: Fleet): Row => ({
  process: name,
  workerId: isGone ? null : worker,
  isLeader: isLeader && !isGone,
  status: word ?? state,
  mood: isGone ? "gone" : word === null && state === "Stable" ? "well" : "busy",
  running: judge.running(life)
})
