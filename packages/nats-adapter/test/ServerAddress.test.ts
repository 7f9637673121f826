import { assert, describe, it } from "vitest"
import * as ServerAddress from "../src/connection/ServerAddress.ts"

const lists: ReadonlyArray<readonly [list: string, addresses: ReadonlyArray<string>]> = [
  ["127.0.0.1:4222", ["127.0.0.1:4222"]],
  ["a:4222, b:4222,c", ["a:4222", "b:4222", "c"]],
  ["nats://a:4222,tls://b:4222", ["nats://a:4222", "tls://b:4222"]],
  ["nats://ada:secret@a,b,c:4222", ["nats://ada:secret@a", "b", "c:4222"]],
  ["ada:secret@a,ada:secret@b", ["ada:secret@a", "ada:secret@b"]],
  ["nats://a:4222,nats://ada:secret@b", ["nats://a:4222", "nats://ada:secret@b"]],
  ["nats://ada:se,cr,et@a,nats://b", ["nats://ada:se,cr,et@a", "nats://b"]],
  ["ada:se,cret@a,b", ["ada:se,cret@a", "b"]],
  ["nats://ada:4222,cret@a", ["nats://ada:4222,cret@a"]],
  ["a, b,nats://ada:, cret@c", ["a", "b", "nats://ada:, cret@c"]]
]

describe("A list of addresses", () => {
  it.each(lists)("is taken apart at the commas that are in no credentials: %s", (list, addresses) => {
    assert.deepStrictEqual(ServerAddress.split(list), addresses)
  })

  it.each(lists)("shows nothing of credentials: %s", (list) => {
    const { servers } = ServerAddress.parse(ServerAddress.split(list))
    assert.notMatch(servers.join(" "), /ada|se|cret|@/)
  })
})
