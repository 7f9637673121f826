/** A certificate for 127.0.0.1 that vouches for itself, since Node makes keys but no certificates. */
import { generateKeyPairSync, sign } from "node:crypto"

export interface Certificate {
  readonly certificate: string
  readonly key: string
}

type Der = Uint8Array

const tlv = (tag: number, ...parts: ReadonlyArray<Der>): Der => {
  const content = Buffer.concat(parts)
  const size = content.length
  const long = size < 256 ? [0x81, size] : [0x82, size >> 8, size & 0xff]
  return Buffer.from([tag, ...(size < 128 ? [size] : long), ...content])
}

const sequence = (...parts: ReadonlyArray<Der>): Der => tlv(0x30, ...parts)
const oid = (hex: string): Der => tlv(0x06, Buffer.from(hex, "hex"))
const text = (tag: number, value: string): Der => tlv(tag, Buffer.from(value))
const bits = (content: Der): Der => tlv(0x03, Buffer.from([0]), content)

const ecdsaWithSha256 = sequence(oid("2a8648ce3d040302"))
const name = sequence(tlv(0x31, sequence(oid("550403"), text(0x0c, "parti test"))))
const alwaysValid = sequence(text(0x17, "200101000000Z"), text(0x17, "490101000000Z"))
const isAuthority = sequence(oid("551d13"), tlv(0x04, sequence(tlv(0x01, Buffer.from([0xff])))))
// The client library asks for `localhost` where it was given an address.
const isLoopback = sequence(
  oid("551d11"),
  tlv(0x04, sequence(tlv(0x87, Buffer.from([127, 0, 0, 1])), text(0x82, "localhost")))
)

export const make = (): Certificate => {
  const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve: "P-256" })
  const toBeSigned = sequence(
    tlv(0xa0, tlv(0x02, Buffer.from([2]))),
    tlv(0x02, Buffer.from([1])),
    ecdsaWithSha256,
    name,
    alwaysValid,
    name,
    publicKey.export({ type: "spki", format: "der" }),
    tlv(0xa3, sequence(isAuthority, isLoopback))
  )
  const certificate = sequence(toBeSigned, ecdsaWithSha256, bits(sign("sha256", toBeSigned, privateKey)))
  const body = Buffer.from(certificate).toString("base64").replace(/.{64}/g, "$&\n")
  return {
    certificate: `-----BEGIN CERTIFICATE-----\n${body}\n-----END CERTIFICATE-----\n`,
    key: String(privateKey.export({ type: "pkcs8", format: "pem" }))
  }
}
