import { assert, describe, it, layer } from "@effect/vitest"
import * as NatsServer from "@parti/testkit/NatsServer"
import { Effect, Layer } from "effect"
import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import * as CommandLine from "./CommandLine.ts"

const secret = "a-very-secret-token"

const usage: ReadonlyArray<readonly [what: string, argv: ReadonlyArray<string>, advice: RegExp]> = [
  ["no group", ["status"], /give --group NAME, or set PARTI_GROUP/],
  ["a name that no group may have", ["status", "--group", "a b"], /letters, digits, - and _/],
  ["an unknown flag", ["status", "--grop", "a"], /--grop.*parti status --help/],
  ["an unknown command", ["stauts"], /stauts.*parti --help/],
  ["a worker that is not named", ["drain", "--group", "a"], /worker.*parti drain --help/],
  ["no time to wait", ["status", "--group", "a", "--timeout", "0"], /--timeout/],
  ["more time than a timer takes", ["status", "--group", "a", "--timeout", "2147484"], /--timeout .* 2147483/],
  [
    "a user without a password",
    ["status", "--group", "a", "--user", "u"],
    /--password-file FILE, or set NATS_PASSWORD/
  ],
  [
    "a file that is not there",
    ["status", "--group", "a", "--token-file", "/no/such/file"],
    /--token-file.*cannot be read/
  ]
]

describe("A command line that is wrong", () => {
  it.effect.each(usage)("is refused in one line with advice: %s", ([, argv, advice]) =>
    Effect.gen(function* () {
      const { code, err, out } = yield* CommandLine.run(argv)
      assert.deepStrictEqual({ code, out }, { code: 2, out: "" })
      assert.match(err, advice)
      assert.match(err, /^parti: [^\n]+\n$/)
    })
  )
})

describe("A server that is not there", () => {
  it.live("is told in one line, with a code of its own", () =>
    Effect.gen(function* () {
      const { code, err } = yield* CommandLine.run(["status", "--group", "a", "--timeout", "0.1"], {
        NATS_URL: "127.0.0.1:1"
      })
      assert.strictEqual(code, 3)
      assert.match(err, /^parti: no NATS server could be used at nats:\/\/127\.0\.0\.1:1 [^\n]+\n$/)
    })
  )
})

const Server = Layer.effectDiscard(Effect.void).pipe(Layer.provideMerge(NatsServer.layer({ token: secret })))

layer(Server, { excludeTestServices: true, timeout: "60 seconds" })("Credentials", (it) => {
  /** Runs `status` for a group that is not there: who gets so far was let in. */
  const status = (argv: ReadonlyArray<string>, env: Readonly<Record<string, string>> = {}) =>
    Effect.gen(function* () {
      const { url } = yield* NatsServer.NatsServer
      return yield* CommandLine.run(["status", "--group", "a", "--server", url, "--timeout", "2", ...argv], env)
    })

  const file = (text: string) =>
    Effect.map(
      Effect.acquireRelease(
        Effect.sync(() => mkdtempSync(join(tmpdir(), "parti-"))),
        (folder) => Effect.sync(() => rmSync(folder, { recursive: true }))
      ),
      (folder) => {
        const path = join(folder, "secret")
        writeFileSync(path, text)
        return path
      }
    )

  it.effect("are taken from a file, or from the environment", () =>
    Effect.gen(function* () {
      assert.strictEqual((yield* status(["--token-file", yield* file(`${secret}\n`)])).code, 5)
      assert.strictEqual((yield* status([], { NATS_TOKEN: secret })).code, 5)
      assert.strictEqual((yield* status([], { NATS_TOKEN_FILE: yield* file(secret) })).code, 5)
    })
  )

  it.effect("are refused by a code of their own, and never shown", () =>
    Effect.gen(function* () {
      const wrong = "another-secret"
      const path = yield* file(wrong)
      for (const ran of [
        yield* status([]),
        yield* status([], { NATS_TOKEN: wrong }),
        yield* status(["--user", "u", "--password-file", path]),
        yield* status(["--nkey", path]),
        yield* status(["--creds", path])
      ]) {
        assert.strictEqual(ran.code, 4, ran.err)
        assert.match(ran.err, /^parti: [^\n]+\n$/)
        assert.notInclude(ran.err + ran.out, wrong)
      }
      const doctor = yield* CommandLine.run(["doctor", "--group", "a", "--timeout", "2"], {
        NATS_TOKEN: wrong,
        NATS_URL: (yield* NatsServer.NatsServer).url
      })
      assert.strictEqual(doctor.code, 1)
      assert.include(doctor.out, "credentials")
      assert.notInclude(doctor.out + doctor.err, wrong)
    })
  )
})
