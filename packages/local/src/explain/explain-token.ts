import {
  audienceFinding,
  bindingFinding,
  claimsFinding,
  localIssuerFinding,
  scopeFinding,
  type ApiRules,
} from './check-claims.js'
import { signatureFinding, type KnownKeys } from './check-signature.js'
import type { TokenDescription } from '../tokens/describe-token.js'
import { dissectToken, type Dissection, type Malformed } from './dissect-token.js'
import { nonTokenOf } from './non-token.js'
import type { TokenKind } from '../tokens/token-kind.js'
import { REFUSALS, finding, type Finding, type RefusalCode } from './refusal-codes.js'
import { own, type JsonObject } from '../support/strict-json.js'
import { lifeOfClaims, type TokenLife } from './token-life.js'

/** An API that a token could be sent to. */
export interface Api extends ApiRules {
  readonly keys: KnownKeys
  /** What a running instance knows about an opaque token; `undefined`: no instance is running. */
  readonly describe: (token: string) => Promise<TokenDescription | undefined>
}

/** What is known about a token, without the token itself and its signature. */
export interface Explanation {
  readonly form: 'jwt' | 'opaque' | 'malformed'
  /** `null`: unknown */
  readonly kind: TokenKind | null
  /** what it is instead of a token, such as a secret key; `null`: unknown */
  readonly otherwise: string | null
  readonly header: JsonObject | null
  readonly claims: JsonObject | null
  /** what the issuing instance knows about an opaque token */
  readonly record: TokenDescription | null
  readonly life: TokenLife | null
  readonly verdict: Verdict
}

export type Verdict =
  | { readonly outcome: 'accepted' }
  | {
      readonly outcome: 'refused'
      readonly status: 400 | 401 | 503
      readonly code: RefusalCode
      readonly because: string
      readonly remedy: string
      /** whether its signature was verified before the refusal */
      readonly signature: 'verified' | 'not-verified'
    }
  /** no problem was found, but not everything could be checked */
  | { readonly outcome: 'undecided'; readonly because: string; readonly remedy: string }

/** Explains what a token is and what an API with these rules would do with it. */
export async function explainToken(token: string, api: Api, now: number): Promise<Explanation> {
  const dissection = dissectToken(token)
  if (dissection.form === 'opaque') return explainOpaque(token, dissection, api)
  if (dissection.form === 'jwt') return explainJwt(dissection, api, now)
  const noToken = nonTokenOf(token)
  const { finding } = dissection
  const verdict = refused(noToken ? { ...finding, because: noToken.because } : finding)
  return {
    ...explainMalformed(dissection, noToken ? { ...verdict, remedy: noToken.remedy } : verdict, now),
    otherwise: noToken?.name ?? null,
  }
}

function explainMalformed({ header, claims }: Malformed, verdict: Verdict, now: number): Explanation {
  const life = claims && lifeOfClaims(claims, now)
  return { form: 'malformed', kind: null, otherwise: null, header, claims, record: null, life, verdict }
}

type Jwt = Extract<Dissection, { form: 'jwt' }>

function explainJwt(jwt: Jwt, api: Api, now: number): Explanation {
  const { jws, payload } = jwt
  const verdict = judgeJwt(jwt, api, now)
  if ('finding' in payload) return explainMalformed(payload, verdict, now)
  const { claims, kind } = payload
  const life = lifeOfClaims(claims, now)
  return { form: 'jwt', kind, otherwise: null, header: jws.header, claims, record: null, life, verdict }
}

function judgeJwt({ jws, kindByHeader, payload }: Jwt, api: Api, now: number): Verdict {
  const mismatch = kindByHeader && (kindFinding(kindByHeader, api) ?? machineFinding(kindByHeader, api))
  if (mismatch) return refused(mismatch)

  const forged = api.keys.from === 'none' ? undefined : signatureFinding(jws, api.keys)
  if (forged) return refused(forged)
  const signature = api.keys.from === 'none' ? 'not-verified' : 'verified'
  if ('finding' in payload) return refused(payload.finding, signature)
  const { claims, kind } = payload
  const found =
    kindFinding(kind, api) ??
    bindingFinding(claims) ??
    machineFinding(kind, api) ??
    claimsFinding(kind, claims, api, now) ??
    localIssuerFinding(jws.kid, own(claims, 'iss') as string, api)
  if (found) return refused(found, signature)
  return signature === 'verified' ? { outcome: 'accepted' } : NO_KEYS
}

function machineFinding(kind: TokenKind, { machineId }: Api): Finding | undefined {
  if (kind !== 'm2m_token' || machineId !== undefined) return undefined
  return finding('verification-misconfigured', 'the API has no machine id')
}

const NO_KEYS: Verdict = {
  outcome: 'undecided',
  because: 'there is no key to verify its signature with',
  remedy: 'Start a local instance, or pass --url, --publishable-key, --jwks-url or --jwt-key.',
}

async function explainOpaque(
  token: string,
  { kind }: Extract<Dissection, { form: 'opaque' }>,
  api: Api,
): Promise<Explanation> {
  const shapeless = kindFinding(kind, api) ?? shapeFinding(token)
  const record = shapeless ? null : ((await api.describe(token)) ?? null)
  const life = record?.known ? lifeOfRecord(record) : null
  const verdict = shapeless ? refused(shapeless) : judgeRecord(record, kind, api)
  return { form: 'opaque', kind, otherwise: null, header: null, claims: null, record, life, verdict }
}

/** Uses the instance's clock, which may differ from the system clock. */
function lifeOfRecord({ createdAt, expiresAt, now }: Extract<TokenDescription, { known: true }>): TokenLife {
  return { issuedAt: createdAt, notBefore: null, expiresAt, now }
}

function shapeFinding(token: string): Finding | undefined {
  if (/^[\w-]{16,512}$/.test(token)) return undefined
  return finding(
    'token-malformed',
    'an opaque token has 16 to 512 characters, only letters, digits, _ and -, and this one does not',
  )
}

function judgeRecord(record: TokenDescription | null, kind: TokenKind, api: Api): Verdict {
  if (!record) return ONLY_CLERK
  if (!record.known) return refused(finding('token-not-found', 'the local instance does not know it'))
  const state = record.revoked ? 'was revoked' : 'has expired'
  switch (record.verdict) {
    case 'not-found':
      return refused(finding('token-not-found', `it ${state}, and the instance responds that it does not exist`))
    case 'revoked':
      return refused(finding('token-revoked', `it ${state}`))
    case 'expired':
      return refused(finding('token-expired', `it ${state}`))
    case 'active': {
      const found =
        (kind === 'm2m_token' ? opaqueScopeFinding(record.scopes, api) : undefined) ??
        (kind === 'oauth_token' ? audienceFinding(record.audience ?? undefined, api.audiences) : undefined)
      return found ? refused(found) : { outcome: 'accepted' }
    }
  }
}

function opaqueScopeFinding(scopes: readonly string[], api: Api): Finding | undefined {
  const found = scopeFinding(scopes, api)
  if (!found || api.asksAs === 'instance') return found
  return finding('token-not-found', `${found.because}, for which the token does not exist`)
}

const ONLY_CLERK: Verdict = {
  outcome: 'undecided',
  because: 'it is opaque: only the instance that issued it knows',
  remedy:
    'An API asks Clerk with its secret key. For a token of a local instance, start the instance or pass its --url.',
}

function kindFinding(kind: TokenKind, { accepts }: Api): Finding | undefined {
  if (accepts.includes(kind)) return undefined
  return finding('token-type-mismatch', `its kind is ${kind}, and the API accepts ${accepts.join(', ')}`)
}

type Refused = Extract<Verdict, { outcome: 'refused' }>

function refused({ code, because }: Finding, signature: Refused['signature'] = 'not-verified'): Refused {
  const [status, remedy] = REFUSALS[code]
  return { outcome: 'refused', status, code, because, remedy, signature }
}
