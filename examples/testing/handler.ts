import * as SimulatedGroup from "@parti/testkit/SimulatedGroup"

const careless = async ({ ack, sleep, take, write }: SimulatedGroup.PromiseContext) => {
  for (let message = await take(); message !== null; message = await take()) {
    const taken = message
    void sleep(500).then(
      () => write(taken),
      () => {}
    )
    await ack(taken)
  }
}
const careful = async ({ ack, take, write }: SimulatedGroup.PromiseContext) => {
  for (let message = await take(); message !== null; message = await take()) {
    await write(message)
    await ack(message)
  }
}

const storm = { crashes: 1, joins: 2 }
for (const handler of [careless, careful]) {
  const { findings } = await SimulatedGroup.run({ seed: 7, storm, handler })
  console.log(`${handler.name}: ${findings.join("; ") || "nothing found"}`)
}
