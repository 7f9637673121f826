import { type ChildProcess, spawn } from "node:child_process"
import { once } from "node:events"
import { createServer, type IncomingMessage } from "node:http"
import { createInterface } from "node:readline"
import { fileURLToPath } from "node:url"
import { assert, describe, it } from "vitest"

const root = fileURLToPath(new URL("../../../", import.meta.url))

/** An example in a process of its own, until the end of the test. */
const running = async (
  name: string,
  env: Readonly<Record<string, string>>,
  exitCode: number,
  use: (child: ChildProcess, lines: AsyncIterable<string>) => Promise<void>
) => {
  const child = spawn(process.execPath, ["--conditions=@parti/source", `examples/${name}.ts`], {
    cwd: root,
    env: { ...process.env, ...env },
    stdio: ["ignore", "pipe", "inherit"]
  })
  const ended = once(child, "exit")
  try {
    await use(child, createInterface(child.stdout))
    child.kill("SIGTERM")
    const [code] = await ended
    assert.strictEqual(code, exitCode, "it stops in good order")
  } finally {
    child.kill("SIGKILL")
  }
}

const portOf = (server: ReturnType<typeof createServer>): number => {
  const address = server.address()
  return typeof address === "object" && address !== null ? address.port : assert.fail("it listens on a port")
}

const bodyOf = async (request: IncomingMessage): Promise<string> => {
  const chunks: Array<string> = []
  for await (const chunk of request) chunks.push(String(chunk))
  return chunks.join("")
}

describe("The example for OpenTelemetry", () => {
  it("sends metrics with their units, and a trace for each rebalance", { timeout: 60_000 }, async () => {
    const received = { "/v1/metrics": "", "/v1/traces": "", "/v1/logs": "" }
    let check = () => {}
    const isThere = () =>
      received["/v1/metrics"].includes('"parti_grants_total"') && received["/v1/traces"].includes('"parti.rebalance"')
    const complete = new Promise<void>((resolve) => {
      check = () => (isThere() ? resolve() : undefined)
    })
    const server = createServer((request, response) => {
      void bodyOf(request).then((body) => {
        const { url = "" } = request
        if (url === "/v1/metrics" || url === "/v1/traces" || url === "/v1/logs") received[url] += body
        response.end("{}")
        check()
      })
    })
    server.listen(0, "127.0.0.1")
    await once(server, "listening")
    const OTEL_EXPORTER_OTLP_ENDPOINT = `http://127.0.0.1:${portOf(server)}`
    // So ends a program that Effect runs, when it is told to.
    await running("metrics/otlp", { OTEL_EXPORTER_OTLP_ENDPOINT }, 130, () => complete)
    server.closeAllConnections()
    server.close()
    assert.match(received["/v1/metrics"], /"name":"parti_store_latency_seconds"[^{]*"unit":"s"/)
    const spans = [...received["/v1/traces"].matchAll(/"traceId":"([0-9a-f]{32})"[^[{]*"name":"(parti\.\w+)"/g)]
    const names = new Set(spans.map(([, , name]) => name))
    for (const name of ["parti.rebalance", "parti.decide", "parti.grant", "parti.start", "parti.first_message"]) {
      assert.isTrue(names.has(name), `${name} was sent`)
    }
    assert.lengthOf([...new Set(spans.map(([, trace]) => trace))], 1, "there was one rebalance")
    assert.include(received["/v1/logs"], "runs europe under token")
  })
})

describe("The example for Prometheus", () => {
  it("says that it starts, that it is ready, and what it counts", { timeout: 60_000 }, () =>
    running("metrics/main", { PORT: "0" }, 0, async (_child, lines) => {
      let port = 0
      for await (const line of lines) {
        port ||= Number(/port: (\d+)/.exec(line)?.[1] ?? 0)
        // By then it takes part, and owns something.
        if (line.startsWith("runs europe")) break
      }
      const ask = (path: string) => fetch(`http://127.0.0.1:${port}${path}`)
      assert.strictEqual((await ask("/livez")).status, 200)
      assert.strictEqual((await ask("/readyz")).status, 200)
      const text = await (await ask("/metrics")).text()
      assert.match(text, /^parti_partitions_owned\{group="orders",worker="worker-\d+"\} 4$/m)
    })
  )
})
