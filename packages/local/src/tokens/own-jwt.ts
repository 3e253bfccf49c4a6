import { compactVerify, createLocalJWKSet, errors, type CompactJWSHeaderParameters } from 'jose'
import { isObject } from '../support/input.js'
import type { KeyRing } from './keys.js'
import { parseJson } from '../support/parse-json.js'

/** A JWT signed with a published key of the instance. It may have expired. */
export interface OwnJwt {
  readonly header: CompactJWSHeaderParameters
  readonly claims: Readonly<Record<string, unknown>>
}

/** Returns `undefined` if the instance did not sign the token, or it is not a JWT. */
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
