/**
 * The server of the dashboard: one page, and what it asks for.
 *
 * @since 0.1.0
 */
import * as Effect from "effect/Effect"
import * as FiberSet from "effect/FiberSet"
import type * as Scope from "effect/Scope"
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http"
import { UsageInvalid } from "../Failure.ts"
import type { Feed } from "./Feed.ts"
import * as Guard from "./Guard.ts"
import * as PageFiles from "./PageFiles.ts"

/**
 * What is answered, as JSON.
 *
 * @category models
 * @since 0.1.0
 */
export interface Answer {
  readonly status: number
  readonly body: unknown
}

/**
 * What the server serves, besides the page itself. None of it fails: what went wrong is an answer, too.
 *
 * @category models
 * @since 0.1.0
 */
export interface Site {
  readonly feed: Feed
  readonly about: Answer["body"]
  readonly explain: (partition: string) => Effect.Effect<Answer>
  readonly lag: Effect.Effect<Answer>
  /** An order by its name, and the worker that it is about. */
  readonly order: (name: string, worker: string | null) => Effect.Effect<Answer>
}

/**
 * Where to listen, and which requests to answer. Port 0 takes any that is free.
 *
 * @category models
 * @since 0.1.0
 */
export interface ServerOptions extends Guard.Rules {
  readonly port: number
}

/** Sent with every answer: nothing but this page's own files runs in it, and no other page may frame it or read from it. */
const headers: Readonly<Record<string, string>> = {
  "cache-control": "no-store",
  "content-security-policy":
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; " +
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  "cross-origin-opener-policy": "same-origin",
  "cross-origin-resource-policy": "same-origin",
  "referrer-policy": "no-referrer",
  "x-content-type-options": "nosniff"
}

/**
 * Serves until the scope ends; gives the port.
 *
 * @category constructors
 * @since 0.1.0
 */
export const make = (
  options: ServerOptions,
  site: Site
): Effect.Effect<{ readonly port: number }, UsageInvalid, Scope.Scope> =>
  Effect.gen(function* () {
    const files = PageFiles.read()
    // What a request has begun ends with the server, and logs as the command does.
    const run = yield* FiberSet.makeRuntime()
    const server = yield* Effect.acquireRelease(
      Effect.sync(() =>
        createServer((request, response) => {
          const later = (answering: Effect.Effect<Answer>): void =>
            void run(Effect.map(orBroken(answering), (told) => answer(response, told)))
          serve(options, site, { files, later }, request, response)
        })
      ),
      close
    )
    server.maxConnections = maxConnections
    yield* listen(server, options)
    // Such as too many open files: the pages ask again, and whoever runs it is told.
    server.on("error", (error) => void run(Effect.logError("the dashboard's server failed", error)))
    const address = server.address()
    return { port: typeof address === "object" && address !== null ? address.port : options.port }
  })

const maxConnections = 256

const close = (server: Server): Effect.Effect<void> =>
  Effect.callback((resume) => {
    server.close(() => resume(Effect.void))
    // Pages that are kept up to date would hold it open for ever.
    server.closeAllConnections()
  })

const listen = (server: Server, { host, port }: ServerOptions): Effect.Effect<void, UsageInvalid> =>
  Effect.callback((resume) => {
    const refused = (error: Error): void =>
      resume(Effect.fail(new UsageInvalid({ reason: unheard(error, host, port) })))
    server.once("error", refused)
    server.listen(port, host, () => {
      server.off("error", refused)
      resume(Effect.void)
    })
  })

const unheard = (error: NodeJS.ErrnoException, host: string, port: number): string => {
  switch (error.code) {
    case "EADDRINUSE":
      return `port ${port} of ${host} is taken; give another with --port, or 0 for any that is free`
    case "EACCES":
      return `port ${port} may not be used by you; give one above 1023 with --port`
    default:
      return `${host} is no address of this machine; look at --host`
  }
}

/** What there is to answer with at once, and what answers once it has an answer. */
interface Means {
  readonly files: ReadonlyMap<string, PageFiles.PageFile>
  readonly later: (answering: Effect.Effect<Answer>) => void
}

const serve = (
  rules: Guard.Rules,
  site: Site,
  { files, later }: Means,
  request: IncomingMessage,
  response: ServerResponse
): void => {
  const { headers: given, method = "", url = "/" } = request
  // Nothing that is sent along is looked at.
  request.resume()
  const asked = URL.parse(url, "http://dashboard")
  if (asked === null) return answer(response, { status: 400, body: { error: "this is no address of a page" } })
  const { pathname: path, searchParams } = asked
  const refused = Guard.refusal({ method, path, headers: given }, rules)
  if (refused !== null) return refuse(response, refused)
  const file = files.get(path)
  if (file !== undefined) {
    response.writeHead(200, { ...headers, "content-type": file.type, "content-length": file.body.length })
    response.end(file.body)
    return
  }
  if (path === "/state" && method === "GET") {
    if (!site.feed.add(response, headers)) answer(response, { status: 503, body: { error: "too many pages are open" } })
    return
  }
  later(answerTo(site, path, searchParams))
}

/** A mistake of ours is told to who asked, who would wait for ever otherwise, and is logged. */
const orBroken = (answering: Effect.Effect<Answer>): Effect.Effect<Answer> =>
  Effect.catchDefect(answering, (defect) =>
    Effect.as(Effect.logError("a request to the dashboard failed", defect), {
      status: 500,
      body: { error: "the dashboard has failed; what it prints says more" }
    })
  )

const answerTo = (site: Site, path: string, asked: URLSearchParams): Effect.Effect<Answer> => {
  if (path === "/about") return Effect.succeed({ status: 200, body: site.about })
  if (path === "/lag") return site.lag
  if (path === "/explain") {
    const partition = asked.get("partition")
    return partition === null
      ? Effect.succeed({ status: 400, body: { error: "which partition? give ?partition=ID" } })
      : site.explain(partition)
  }
  if (path.startsWith("/orders/")) return site.order(path.slice("/orders/".length), asked.get("worker"))
  return Effect.succeed({ status: 404, body: { error: "there is no such page" } })
}

const refuse = (response: ServerResponse, { allow, reason, status }: Guard.Refusal): void => {
  if (allow !== undefined) response.setHeader("allow", allow)
  answer(response, { status, body: { error: reason } })
}

const answer = (response: ServerResponse, { body, status }: Answer): void => {
  response.writeHead(status, { ...headers, "content-type": "application/json; charset=utf-8" })
  response.end(JSON.stringify(body))
}
