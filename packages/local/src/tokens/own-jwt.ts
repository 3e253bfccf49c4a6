import { compactVerify, createLocalJWKSet, errors, type CompactJWSHeaderParameters } from 'jose'
import { isObject } from '../input.js'
import type { KeyRing } from './keys.js'
import { parseJson } from '../http/parse-json.js'

/** A JWT that a published key of the instance signed. Whether it has expired was not looked at. */
export interface OwnJwt {
  readonly header: CompactJWSHeaderParameters
  readonly claims: Readonly<Record<string, unknown>>
}

/** `undefined` when the signature is none of the instance's, or the token is no JWT. */
export async function verifyOwnJwt(token: string, keys: KeyRing): Promise<OwnJwt | undefined> {
  const keySet = createLocalJWKSet({ keys: keys.published.map(({ publicJwk }) => publicJwk) })
  try {
    const { payload, protectedHeader } = await compactVerify(token, keySet)
    const claims = parseJson(Buffer.from(payload).toString())
    return isObject(claims) ? { header: protectedHeader, claims: { ...claims } } : undefined
  } catch (error) {
    if (error instanceof errors.JOSEError || error instanceof TypeError) return undefined
    throw error
  }
}
