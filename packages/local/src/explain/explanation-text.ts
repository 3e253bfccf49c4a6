import type { Explanation, Verdict } from './explain-token.js'
import type { TokenKind } from '../tokens/token-kind.js'
import { escapeInvisible } from '../support/escape-invisible.js'
import { lifePicture } from './life-picture.js'
import type { TokenLife } from './token-life.js'
import { between, moment, timestamp } from '../support/durations.js'

const KIND_NAMES: Readonly<Record<TokenKind, string>> = {
  session_token: 'Session token',
  m2m_token: 'Machine-to-machine token',
  oauth_token: 'OAuth access token',
  api_key: 'API key',
  jwt_template: 'JWT template token',
}

/** Formats an explanation for the terminal. */
export function explanationText(explanation: Explanation, { colors }: { readonly colors: boolean }): string {
  const { header, claims, record, life, verdict } = explanation
  const paint = colors ? painted : plain
  const sections = [
    paint('bold', titleOf(explanation)),
    header && section('Header', printed(header), paint),
    claims && section(verdictOn(verdict), printed(claims), paint),
    record?.known && section('Record of the local instance', printed(recordOf(record)), paint),
    life && section('Lifetime', lifeText(life), paint),
    verdictText(verdict, paint),
  ]
  return sections.filter((text) => typeof text === 'string').join('\n\n')
}

type Color = 'bold' | 'dim' | 'green' | 'red' | 'yellow'
type Paint = (color: Color, text: string) => string

/** SGR parameters, of ECMA-48. */
const SGR: Readonly<Record<Color, number>> = { bold: 1, dim: 2, green: 32, red: 31, yellow: 33 }

function painted(color: Color, text: string): string {
  return `\x1b[${SGR[color]}m${text}\x1b[0m`
}

function plain(_: Color, text: string): string {
  return text
}

/** The display name of the token. */
export function titleOf({ form, kind, otherwise }: Explanation): string {
  if (otherwise !== null) return `${otherwise}, not a token`
  if (kind === null) return 'Not a Clerk token, or an incomplete one'
  return `${KIND_NAMES[kind]} (${form === 'jwt' ? 'JWT' : 'opaque'})`
}

function verdictOn(verdict: Verdict): string {
  const isVerified =
    verdict.outcome === 'accepted' || (verdict.outcome === 'refused' && verdict.signature === 'verified')
  return isVerified ? 'Claims' : 'Claims (not verified)'
}

function section(title: string, text: string, paint: Paint): string {
  const lines = text.split('\n').map((line) => line && `  ${line}`)
  return `${paint('dim', title)}\n${lines.join('\n')}`
}

function recordOf({ verdict, ...record }: Extract<Explanation['record'], { known: true }>): object {
  const { id, subject, scopes, claims, audience, revoked, revocationReason } = record
  return {
    id,
    subject,
    scopes,
    ...(claims !== null && { claims }),
    ...(audience && { audience }),
    revoked,
    ...(revoked && { revocationReason }),
    verdict,
  }
}

function lifeText(life: TokenLife): string {
  const { issuedAt, notBefore, expiresAt, now } = life
  const row = (label: string, time: number | null, otherwise: string) =>
    `${label.padEnd(12)}${time === null ? otherwise : `${timestamp(time)}  ${moment(time, now)}`}`
  const picture = lifePicture(life)
  return [
    row('issued', issuedAt, 'unknown'),
    ...(notBefore === null ? [] : [row('not before', notBefore, '')]),
    `${'now'.padEnd(12)}${timestamp(now)}`,
    row('expires', expiresAt, 'never'),
    stateOf(life),
    ...(picture.length > 0 ? ['', ...picture] : []),
  ].join('\n')
}

/** Describes the lifetime relative to now, in one or two sentences. */
export function stateOf({ issuedAt, notBefore, expiresAt, now }: TokenLife): string {
  const start = Math.max(issuedAt ?? -Infinity, notBefore ?? -Infinity)
  if (start - now >= 1000) return `It is not active yet: ${moment(start, now)}.`
  if (expiresAt === null) return 'It does not expire.'
  const length = issuedAt === null ? '' : ` Its lifetime is ${between(issuedAt, expiresAt)}.`
  if (expiresAt <= now) return `It expired ${moment(expiresAt, now)}.${length}`
  return `It is valid for another ${between(now, expiresAt)}.${length}`
}

function verdictText(verdict: Verdict, paint: Paint): string {
  switch (verdict.outcome) {
    case 'accepted':
      return paint('green', 'An API with these options accepts it.')
    case 'undecided':
      return [
        paint('yellow', 'It is unknown whether an API accepts it.'),
        `  why  ${sentence(verdict.because)}`,
        `  do   ${verdict.remedy}`,
      ].join('\n')
    case 'refused':
      return [
        paint('red', `An API with these options refuses it: ${verdict.status} ${verdict.code}`),
        `  why  ${sentence(verdict.because)}`,
        `  do   ${verdict.remedy}`,
      ].join('\n')
  }
}

function sentence(words: string): string {
  const visible = escapeInvisible(words)
  return `${visible.charAt(0).toUpperCase()}${visible.slice(1)}.`
}

function printed(value: object): string {
  return escapeInvisible(JSON.stringify(value, null, 2))
}
