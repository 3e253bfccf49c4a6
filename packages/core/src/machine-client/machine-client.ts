import { checkFields, describe } from '../support/declaration.js'
import { processEnvironment, variable, type Environment } from '../config/environment.js'
import { readJson, type Fetch } from '../support/http.js'
import { systemClock } from '../support/clock.js'
import { isLoopback } from '../token/local-issuer.js'
import { isMintFailure, mintFailure, mintMachineToken, type MachineToken } from './mint-machine-token.js'
import { backendApiOf } from '../config/origins.js'
import { withTimeout } from '../support/timeout.js'
import { ioEndsWithRequest } from '../support/io-ends-with-request.js'
import { singleFlight } from '../support/single-flight.js'

export interface MachineClientOptions {
  /** `ak_…` of the calling machine, or a function that returns it, to support rotation. */
  readonly machineSecretKey: string | (() => string | Promise<string>)
  /** The origins that may receive the token, such as `https://api.internal`. Calls to others throw a `TypeError`. */
  readonly origins: readonly string[]
  /**
   * Hosts in `origins` that may be called over `http:`, such as `api.internal`. Anyone on the network path can then
   * read the token. Loopback hosts are always allowed.
   */
  readonly allowHttp?: readonly string[]
  /** `jwt`: verified without asking Clerk, valid until it expires. `opaque`: can be revoked. Default `jwt`. */
  readonly format?: 'jwt' | 'opaque'
  /** Lifetime of a token, in seconds. Default 900. */
  readonly ttlInSeconds?: number
  /** URL of the Backend API. Default: `CLERK_API_URL` in the environment, or `https://api.clerk.com`. */
  readonly apiUrl?: string
  /** Allows `http:` in `apiUrl` for hosts other than loopback. */
  readonly insecureAllowLocalIssuer?: boolean
  /** The clock, in milliseconds since the epoch. Default `Date.now`. */
  readonly now?: () => number
  /** Used for all requests. Default: the global `fetch`. */
  readonly fetch?: Fetch
}

/** Calls other services as a machine of the instance. Create one and reuse it: each new token costs money. */
export interface MachineClient {
  /**
   * Returns a token with some lifetime left. It is reused until shortly before it expires, and concurrent callers share
   * one mint.
   *
   * Rejects with an `Error` whose `code` is `machine-secret-refused` or `machine-token-unavailable`.
   */
  readonly getToken: () => Promise<string>
  /**
   * Like the global `fetch`, with the token added. If the response is 401 `token-expired` or `token-revoked` and the
   * body can be sent again, the request is retried once with a new token. Redirects are not followed.
   *
   * @throws {TypeError} if the origin of `url` is not in `origins`
   */
  readonly fetch: (url: string | URL, init?: RequestInit) => Promise<Response>
}

/** A token is replaced this long before it expires, or after 90% of a short lifetime. */
const MARGIN_IN_SECONDS = 60
const BACK_OFF_IN_MS = 1000
/** For reading the secret and minting, each up to two times. */
const MINT_TIMEOUT_IN_MS = 10_000
const GRACE_IN_MS = 1000
const MINT = 'mint'
const REPLACE_EVERY_MS = 30_000
const MAX_PROBLEM_BYTES = 4096
const PROBLEM_TIMEOUT_IN_MS = 1000

/**
 * @param environment variables by name; on Workers, the bindings. Default `process.env`.
 * @throws {TypeError} naming the invalid or missing option
 */
export function createMachineClient(
  options: MachineClientOptions,
  environment: Environment = processEnvironment(),
): MachineClient {
  checkClientOptions(options)
  const { machineSecretKey, format = 'jwt', ttlInSeconds = 900, now = Date.now } = options
  const fetch: Fetch = options.fetch ?? ((url, init) => globalThis.fetch(url, init))
  const apiUrl = options.apiUrl ?? variable(environment, 'CLERK_API_URL')
  const backendApi = backendApiOf(apiUrl === undefined ? {} : { apiUrl }, options.insecureAllowLocalIssuer ?? false)
  const origins = new Set(options.origins.map((origin) => originOf(origin, options.allowHttp ?? [])))
  const marginInMs = Math.min(MARGIN_IN_SECONDS, ttlInSeconds / 10) * 1000

  const mints = singleFlight<MachineToken>(MINT_TIMEOUT_IN_MS + GRACE_IN_MS, systemClock(now))
  let current: MachineToken | undefined
  let replacedAt = Number.NEGATIVE_INFINITY
  let failure: { readonly at: number; readonly error: Error } | undefined

  async function getToken(): Promise<string> {
    const held = current
    if (held && now() < held.expiresAt - marginInMs) return held.token
    if (!held || now() >= held.expiresAt) return (await mintOnce()).token
    // The current token is still valid, so callers do not wait for the next one. On Workers the request that starts the
    // mint does, because the mint would end with it.
    const isUnderWay = mints.startedAt(MINT) !== undefined
    const next = mintOnce().then(
      ({ token }) => token,
      () => held.token,
    )
    return ioEndsWithRequest() && !isUnderWay ? next : held.token
  }

  /** One mint at a time, and none for a second after a failure. */
  function mintOnce(): Promise<MachineToken> {
    return mints.run(MINT, async () => {
      if (failure && Math.abs(now() - failure.at) < BACK_OFF_IN_MS) throw failure.error
      try {
        current = await withTimeout(mint(), MINT_TIMEOUT_IN_MS, giveUp)
        failure = undefined
        return current
      } catch (error) {
        failure = { at: now(), error: error as Error }
        throw error
      }
    })
  }

  async function mint(): Promise<MachineToken> {
    const read = async () => (typeof machineSecretKey === 'function' ? machineSecretKey() : machineSecretKey)
    const mintOptions = { apiUrl: backendApi, format, ttlInSeconds, now, fetch }
    try {
      return await mintMachineToken(await read(), mintOptions)
    } catch (error) {
      // The secret may have been rotated since it was read.
      const mayBeStale = typeof machineSecretKey === 'function' && isMintFailure(error)
      if (mayBeStale && error.code === 'machine-secret-refused') return mintMachineToken(await read(), mintOptions)
      throw error
    }
  }

  async function fetchWithToken(url: string | URL, init: RequestInit = {}): Promise<Response> {
    const target = new URL(url)
    if (!/^https?:$/.test(target.protocol) || !origins.has(target.origin))
      throw new TypeError('this origin is not in the "origins" of the machine client')
    const token = await getToken()
    const response = await send(target, init, token)
    if (!canBeSentAgain(init.body) || !(await isStale(response))) return response
    const fresh = await tokenInPlaceOf(token)
    if (fresh === undefined) return response
    await response.body?.cancel()
    return send(target, init, fresh)
  }

  /** A token other than the refused one; `undefined` if there is none. */
  async function tokenInPlaceOf(token: string): Promise<string | undefined> {
    if (current && current.token !== token) return current.token
    // A service that refuses every token must not cause one mint per request.
    if (!mints.startedAt(MINT) && Math.abs(now() - replacedAt) < REPLACE_EVERY_MS) return undefined
    replacedAt = now()
    // Keep the current token until there is a new one: other services may accept it.
    return mintOnce().then(
      (minted) => minted.token,
      () => undefined,
    )
  }

  function send(url: URL, init: RequestInit, token: string): Promise<Response> {
    const headers = new Headers(init.headers)
    headers.set('Authorization', `Bearer ${token}`)
    // A redirect could send the token anywhere.
    return fetch(url.href, { ...init, headers, redirect: 'manual' })
  }

  return { getToken, fetch: fetchWithToken }
}

function giveUp(): never {
  throw mintFailure('machine-token-unavailable', 'reading the secret and minting took too long')
}

/** Streams and generators cannot be sent twice. */
function canBeSentAgain(body: unknown): boolean {
  if (body === undefined || body === null || typeof body === 'string') return true
  if (ArrayBuffer.isView(body) || body instanceof ArrayBuffer) return true
  // Not in a module-level list: Node loads its whole `fetch` implementation when one of these is first accessed.
  return body instanceof Blob || body instanceof URLSearchParams || body instanceof FormData
}

const STALE: ReadonlySet<unknown> = new Set(['token-expired', 'token-revoked'])

async function isStale(response: Response): Promise<boolean> {
  const isProblem = response.headers.get('content-type')?.startsWith('application/problem+json') ?? false
  if (response.status !== 401 || !isProblem) return false
  const reading = readJson(response.clone(), MAX_PROBLEM_BYTES).catch(() => undefined)
  const problem = await withTimeout(reading, PROBLEM_TIMEOUT_IN_MS, () => undefined)
  return typeof problem === 'object' && problem !== null && 'code' in problem && STALE.has(problem.code)
}

function checkClientOptions(options: MachineClientOptions): void {
  if (typeof options !== 'object' || options === null)
    throw new TypeError(`options must be an object, not ${describe(options)}`)
  checkFields('option', options, {
    machineSecretKey: (value) =>
      typeof value === 'function' ||
      (typeof value === 'string' && /^ak_[\x21-\x7e]+$/.test(value)) ||
      'must start with "ak_", or be a function that returns such a string',
    origins: (value) => (Array.isArray(value) && value.length > 0) || 'must be a non-empty list of origins',
    allowHttp: (value) =>
      (Array.isArray(value) && value.every(isHost)) || 'must be a list of hosts such as "api.internal", without a port',
    format: (value) => value === 'jwt' || value === 'opaque' || 'must be "jwt" or "opaque"',
    ttlInSeconds: (value) => (Number.isSafeInteger(value) && (value as number) > 0) || 'must be an integer above 0',
    apiUrl: (value) => typeof value === 'string' || 'must be a string',
    insecureAllowLocalIssuer: (value) => typeof value === 'boolean' || 'must be true or false',
    now: (value) => typeof value === 'function' || 'must be a function',
    fetch: (value) => typeof value === 'function' || 'must be a function',
  })
  for (const name of ['machineSecretKey', 'origins'] as const)
    if (options[name] === undefined) throw new TypeError(`option "${name}" is missing`)
}

function isHost(value: unknown): boolean {
  return typeof value === 'string' && URL.canParse(`http://${value}`) && new URL(`http://${value}`).hostname === value
}

function originOf(text: unknown, allowHttp: readonly string[]): string {
  const url = typeof text === 'string' && URL.canParse(text) ? new URL(text) : undefined
  const isHttp = url?.protocol === 'http:'
  if (!url || !(isHttp || url.protocol === 'https:') || url.href !== `${url.origin}/`)
    throw new TypeError('option "origins" contains something other than an origin such as "https://api.internal"')
  if (isHttp && !isLoopback(url.hostname) && !allowHttp.includes(url.hostname))
    throw new TypeError(
      `option "origins" contains "${url.origin}", where the token could be intercepted: ` +
        `use https:, or add "${url.hostname}" to the option "allowHttp"`,
    )
  return url.origin
}
