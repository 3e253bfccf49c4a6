import type { Answer } from '../../api/answer.js'
import { INTERSTITIAL_PATH } from '../../api/credentials.js'
import { Refusal } from '../../api/errors.js'
import { escapeInvisible } from '../../support/escape-invisible.js'
import { boolean, optional, string, type Values } from '../../model/schema.js'
import { frontendApiOf } from '../../tokens/publishable-key.js'
import { operation } from '../operation.js'

const TEXT = optional(string())

const QUERY = {
  publishable_key: TEXT,
  frontendApi: TEXT,
  frontend_api: TEXT,
  proxy_url: TEXT,
  domain: TEXT,
  sign_in_url: TEXT,
  use_domain_for_script: optional(boolean()),
} as const

/**
 * The page that Clerk shows a browser while its script finds out who is signed in. This page has no script and loads
 * nothing: it shows the request's parameters, and explains how to sign in instead.
 */
export const interstitial = [
  operation('GetPublicInterstitial', `GET ${INTERSTITIAL_PATH}`, {
    query: QUERY,
    run: ({ instance, query }) => interstitialPage(readRequest(query), instance.env().CLERK_PUBLISHABLE_KEY),
    answer: pageAnswer,
  }),
]

interface InterstitialRequest {
  readonly publishableKey: string | undefined
  readonly frontendApi: string
  readonly proxyUrl: string | undefined
  readonly domain: string | undefined
  readonly signInUrl: string | undefined
  readonly scriptFrom: 'domain' | 'frontend-api'
}

/** @throws {Refusal} if the query does not identify an instance */
function readRequest(query: Values<typeof QUERY>): InterstitialRequest {
  // An empty parameter is like a missing one.
  const given = (name: Exclude<keyof typeof QUERY, 'use_domain_for_script'>) => query[name] || undefined
  const publishableKey = given('publishable_key')
  const named = given('frontendApi') ?? given('frontend_api')
  const frontendApi = publishableKey === undefined ? named : frontendApiOf(publishableKey)
  if (frontendApi === undefined)
    throw new Refusal(publishableKey === undefined ? 'missing_query_parameter' : 'malformed_publishable_key')
  return {
    publishableKey,
    frontendApi,
    proxyUrl: given('proxy_url'),
    domain: given('domain'),
    signInUrl: given('sign_in_url'),
    scriptFrom: query.use_domain_for_script ? 'domain' : 'frontend-api',
  }
}

function interstitialPage(request: InterstitialRequest, ownKey: string): string {
  const facts = factsOf(request, ownKey)
    .map(([name, value]) => `        <dt>${escaped(name)}</dt>\n        <dd>${escaped(value)}</dd>`)
    .join('\n')
  return `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width">
    <meta name="color-scheme" content="light dark">
    <title>Who is signed in? – local Clerk instance</title>
  </head>
  <body>
    <main>
      <h1>Who is signed in?</h1>
      <p>An application redirected you here to find out who is signed in. On Clerk's page, a script does that and sends you back. This is a local instance for development and tests, and has no such script.</p>
      <h2>Request</h2>
      <dl>
${facts}
      </dl>
      <h2>How to sign in</h2>
      <p>Send the API a session token: <code>npx @clerk-auth/local token alice</code> prints one. In a test, <code>local.cookies()</code> returns the <code>Cookie</code> header of a signed-in browser.</p>
    </main>
  </body>
</html>
`
}

type Fact = readonly [name: string, value: string]

function factsOf(request: InterstitialRequest, ownKey: string): readonly Fact[] {
  const { publishableKey, frontendApi, proxyUrl, domain, signInUrl, scriptFrom } = request
  const isOwn = publishableKey === undefined ? frontendApi === frontendApiOf(ownKey) : publishableKey === ownKey
  const facts: readonly (Fact | undefined)[] = [
    ['Instance', isOwn ? 'this one' : 'another one'],
    ['Frontend API', frontendApi],
    proxyUrl === undefined ? undefined : ['Proxy URL', proxyUrl],
    domain === undefined ? undefined : ['Application domain', domain],
    signInUrl === undefined ? undefined : ['Sign-in URL', signInUrl],
    scriptFrom === 'domain' ? ['Script source', 'the application domain'] : undefined,
  ]
  return facts.filter((fact) => fact !== undefined)
}

/** Longer values are truncated. */
const MAX_LENGTH = 256

function escaped(text: string): string {
  const shown = text.length > MAX_LENGTH ? `${text.slice(0, MAX_LENGTH)}…` : text
  return escapeInvisible(shown).replaceAll(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`)
}

function pageAnswer(body: string): Answer {
  return {
    status: 200,
    headers: {
      'content-type': 'text/html; charset=utf-8',
      'content-security-policy':
        "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; sandbox",
      'x-content-type-options': 'nosniff',
      'referrer-policy': 'no-referrer',
      'cache-control': 'no-store',
    },
    body,
  }
}
