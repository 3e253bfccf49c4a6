import { jsonAnswer } from '../api/answer.js'
import { bareToken } from '../explain/bare-token.js'
import type { ApiRules } from '../explain/check-claims.js'
import type { KnownKeys } from '../explain/check-signature.js'
import { control, readControlBody } from './control.js'
import type { TokenDescription } from '../tokens/describe-token.js'
import type { Endpoint } from '../api/endpoint.js'
import { explainToken, type Explanation, type Verdict } from '../explain/explain-token.js'
import { stateOf, titleOf } from '../explain/explanation-text.js'
import {
  A_BOOLEAN,
  A_STRING,
  A_STRING_OR_STRINGS,
  NOT_NEGATIVE,
  checkInput,
  isListOf,
  rule,
  type InputRules,
} from '../support/input.js'
import { ANY_KIND, TOKEN_KINDS, type TokenKind } from '../tokens/token-kind.js'

const EXPLAIN_PATH = '/_local/explain'

/** A token, and the API that it would be sent to. The defaults are those of an API configured with `local.env`. */
export interface ExplainInput {
  /** alone, after the word `Bearer`, or as a whole header */
  readonly token?: string
  /** default `session_token` */
  readonly acceptsToken?: TokenKind | 'any' | readonly TokenKind[]
  /** default: the instance */
  readonly issuer?: string | readonly string[]
  readonly audience?: string | readonly string[]
  readonly authorizedParties?: string | readonly string[]
  readonly missingAzp?: 'reject' | 'allow'
  /** default: `CLERK_MACHINE_ID` of the instance */
  readonly machineId?: string
  /** default 5000 */
  readonly clockSkewInMs?: number
  readonly treatPendingAsSignedOut?: boolean
  /** as in production, where APIs reject tokens of a local instance; default `false` */
  readonly production?: boolean
  /** milliseconds since the epoch, or a time such as `2030-01-01T00:00:00Z`; default: the real time */
  readonly now?: number | string
}

/** An explanation with a title and a description of its state. */
export interface ExplanationView extends Explanation {
  readonly title: string
  /** a sentence about its lifetime; `null`: unknown */
  readonly state: string | null
}

export interface ExplainSources {
  readonly keys: () => KnownKeys
  readonly describe: (token: string) => TokenDescription
  readonly url: () => string
  readonly machineId: () => string
}

/** Explains what a token is and whether an API accepts it. The response contains neither token nor signature. */
export function explainApi({ keys, describe, url, machineId }: ExplainSources): Endpoint {
  return control('POST', EXPLAIN_PATH, async (request) => {
    const input = (await readControlBody(request)) as ExplainInput
    checkInput('explaining', input, RULES)
    const token = bareToken(input.token ?? '')
    if (token === '') throw new TypeError('explaining requires a "token"')

    const rules = rulesOf(input, url(), machineId())
    const api = { ...rules, keys: keys(), describe: async (opaque: string) => describe(opaque) }
    const explanation = await explainToken(token, api, timeOf(input.now) ?? Date.now())
    const { life, verdict } = explanation
    const view: ExplanationView = {
      title: titleOf(explanation),
      ...explanation,
      state: life && stateOf(life),
      verdict: withoutCommand(verdict),
    }
    return { ...jsonAnswer(view), headers: { 'cache-control': 'no-store' } }
  })
}

function rulesOf(input: ExplainInput, url: string, machineId: string): ApiRules {
  return {
    accepts: acceptedBy(input.acceptsToken),
    issuers: listOf(input.issuer) ?? [url],
    audiences: listOf(input.audience),
    authorizedParties: listOf(input.authorizedParties),
    missingAzp: input.missingAzp ?? 'reject',
    machineId: input.machineId ?? machineId,
    asksAs: 'machine',
    clockSkewInMs: input.clockSkewInMs ?? 5000,
    pending: input.treatPendingAsSignedOut === false ? 'allow' : 'refuse',
    localIssuer: input.production === true ? 'refuse' : 'allow',
  }
}

function acceptedBy(accepted: ExplainInput['acceptsToken'] = 'session_token'): readonly TokenKind[] {
  if (accepted === 'any') return ANY_KIND
  return typeof accepted === 'string' ? [accepted] : accepted
}

function listOf(value: string | readonly string[] | undefined): readonly string[] | undefined {
  return value === undefined ? undefined : [value].flat()
}

/** Removes the command-line options from a remedy. */
function withoutCommand(verdict: Verdict): Verdict {
  if (verdict.outcome === 'accepted') return verdict
  return { ...verdict, remedy: verdict.remedy.replace(/, here --[a-z-]+/, '') }
}

function timeOf(moment: number | string | undefined): number | undefined {
  return typeof moment === 'string' ? Date.parse(moment) : moment
}

const isKind = (value: unknown) => TOKEN_KINDS.some((kind) => kind === value)

const RULES: InputRules<ExplainInput> = {
  token: A_STRING,
  acceptsToken: rule(
    `any, or one or more of ${TOKEN_KINDS.join(', ')}`,
    (value) => value === 'any' || isKind(value) || (isListOf(value, isKind) && value.length > 0),
  ),
  issuer: A_STRING_OR_STRINGS,
  audience: A_STRING_OR_STRINGS,
  authorizedParties: A_STRING_OR_STRINGS,
  missingAzp: rule('"reject" or "allow"', (value) => value === 'reject' || value === 'allow'),
  machineId: A_STRING,
  clockSkewInMs: NOT_NEGATIVE,
  treatPendingAsSignedOut: A_BOOLEAN,
  production: A_BOOLEAN,
  now: rule('milliseconds since the epoch, or a time such as "2030-01-01T00:00:00Z"', (value) => {
    const time = typeof value === 'string' ? Date.parse(value) : value
    return Number.isFinite(time) && Math.abs(Number(time)) <= MAX_TIME
  }),
}

/** Milliseconds: the range of a `Date`, ECMA-262 section 21.4.1.1. */
const MAX_TIME = 8.64e15
