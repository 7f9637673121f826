/**
 * Answers those who ask how a worker is, over HTTP.
 *
 * @since 0.1.0
 */
import * as Effect from "effect/Effect"
import type { IncomingMessage, ServerResponse } from "node:http"
import * as Health from "./Health.ts"
import * as MetricsText from "./MetricsText.ts"
import * as PrometheusText from "./PrometheusText.ts"

/**
 * Whoever can say how it is.
 *
 * @category models
 * @since 0.1.0
 */
export interface Patient {
  readonly health: () => Health.Health
}

/**
 * The metrics of this process as text, for Prometheus.
 *
 * @category getters
 * @since 0.1.0
 */
export const metricsText = (): string => Effect.runSync(MetricsText.text)

/**
 * A listener for `node:http` that answers `/livez`, `/readyz` and `/metrics`: 200 for yes, 503 with the reasons for no.
 *
 * **Details**
 *
 * It can be up before the worker is: give it a function that has no worker yet (`null`), and it says that the process lives
 * and is not ready. It tells nothing about partitions; all the same, let it listen where only your platform can ask.
 *
 * **Example** (A server for the platform)
 *
 * ```ts
 * import { createServer } from "node:http"
 * import { createWorker, healthHandler, type Worker } from "@parti/core/Worker"
 *
 * let worker: Worker | null = null
 * createServer(healthHandler(() => worker)).listen(9464, "127.0.0.1")
 * worker = await createWorker({ group: "orders", partitions: [{ keys: ["eu"] }] })
 * ```
 *
 * @category constructors
 * @since 0.1.0
 */
export const healthHandler =
  (find: () => Patient | null) =>
  (request: IncomingMessage, response: ServerResponse): void => {
    const { body, contentType, status } = answer(find, request)
    response.writeHead(status, {
      "content-type": contentType,
      "content-length": Buffer.byteLength(body),
      "cache-control": "no-store",
      ...(status === 405 ? { allow: "GET, HEAD" } : {})
    })
    response.end(request.method === "HEAD" ? undefined : body)
  }

interface Answer {
  readonly status: 200 | 404 | 405 | 503
  readonly contentType: string
  readonly body: string
}

const plain = "text/plain; charset=utf-8"

const answer = (find: () => Patient | null, { method, url = "/" }: IncomingMessage): Answer => {
  if (method !== "GET" && method !== "HEAD") return { status: 405, contentType: plain, body: "only GET is answered\n" }
  const [path] = url.split("?", 1)
  switch (path) {
    case "/livez":
      return tell(healthOf(find).live)
    case "/readyz":
      return tell(healthOf(find).ready)
    case "/metrics":
      return { status: 200, contentType: PrometheusText.contentType, body: metricsText() }
    default:
      return { status: 404, contentType: plain, body: "there is /livez, /readyz and /metrics\n" }
  }
}

const healthOf = (find: () => Patient | null): Health.Health => find()?.health() ?? Health.starting

const tell = ({ ok, reasons }: Health.Verdict): Answer =>
  ok
    ? { status: 200, contentType: plain, body: "ok\n" }
    : { status: 503, contentType: plain, body: reasons.map((reason) => `${reason}\n`).join("") }
