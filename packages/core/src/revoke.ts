import { sha256 } from '#signature'
import type { AuthenticatedAuth } from './auth/auth.js'
import { isForGood, subjectOf, type Forgotten, type Revoked } from './fleet/revoked.js'
import type { Kept, Revocations } from './fleet/revocations.js'
import type { Sharing } from './fleet/sharing.js'
import { minuteOf, tokenIdOf, type Tombstone } from './fleet/tombstone.js'
import type { IntrospectionCache } from './introspection/introspection-cache.js'
import type { Clock } from './support/clock.js'
import { andThen, type MaybePromise } from './support/maybe-promise.js'
import type { VerifiedCache } from './token/verified-cache.js'

export interface RevokerParts {
  readonly verified: VerifiedCache
  readonly introspections: IntrospectionCache
  readonly revocations: Revocations
  readonly sharing: Sharing | undefined
  /** When a JWT expires, in milliseconds since the epoch; `undefined` if its signature cannot be verified. */
  readonly expiryOf: (token: string) => Promise<number | undefined>
  readonly clock: Clock
  /** How long a revocation is kept if the expiry of the token is unknown, in milliseconds. */
  readonly keepForMs: number
}

export interface Revoker {
  readonly revoke: (what: Revoked) => Promise<void>
  /**
   * Adds tombstones, here and in the shared store.
   *
   * @throws if they could not be written to the shared store
   */
  readonly record: (tombstones: readonly Tombstone[]) => Promise<void>
  /** Tells the fleet that a webhook has arrived. Never rejects. */
  readonly webhookArrived: () => Promise<void>
  readonly forget: (what: Forgotten) => void
}

/** Longer than any answer is cached or shared. */
const FORGOTTEN_FOR_MS = 10 * 60_000

export function revoker(parts: RevokerParts): Revoker {
  const { verified, introspections, revocations, sharing, expiryOf, clock, keepForMs } = parts

  async function revoke(what: Revoked): Promise<void> {
    const digest = await digestOf(what)
    const subject = subjectOf('revoke()', what, await digestOf(what, withoutSignature))
    const tombstone: Tombstone = isForGood(subject)
      ? { ...subject, effect: 'refuse' }
      : { ...subject, effect: 'refuse-earlier', at: clock.now() }
    const knownExpiry = digest === undefined ? undefined : verified.get(digest)?.goodUntil
    await add([{ tombstone, forMs: knownExpiry === undefined ? keepForMs : knownExpiry - clock.now() }])
    if (knownExpiry !== undefined || !('token' in what)) return
    // Only now: the keys may have to be fetched.
    const expiresAt = (await expiryOf(what.token)) ?? 0
    if (expiresAt - clock.now() > keepForMs) await add([{ tombstone, forMs: expiresAt - clock.now() }])
  }

  function record(tombstones: readonly Tombstone[]): Promise<void> {
    return add(tombstones.map((tombstone) => ({ tombstone, forMs: keepForMs })))
  }

  async function add(kept: readonly Kept[]): Promise<void> {
    for (const one of kept) revocations.add(one)
    await sharing?.append(kept)
  }

  async function webhookArrived(): Promise<void> {
    const before = revocations.lastWebhookAt()
    const arrival: Kept = { tombstone: { subject: 'webhooks', effect: 'arrived', at: clock.now() }, forMs: keepForMs }
    revocations.add(arrival)
    if (before !== null && minuteOf(before) >= minuteOf(clock.now())) return
    // Only the other processes miss it then.
    await sharing?.append([arrival]).catch(() => {})
  }

  function forget(what: Forgotten): void {
    // Checked first: under WebCrypto the digest is a promise, and its rejection would go unnoticed or end the process.
    if (what !== 'all') subjectOf('forget()', what, '')
    void andThen(digestOf(what), (digest) => {
      const subject = what === 'all' ? ({ subject: 'all' } as const) : subjectOf('forget()', what, digest)
      verified.forget(digest === undefined ? isAbout(what) : { digest })
      introspections.forget(what === 'all' ? what : digest === undefined ? isAbout(what) : { digest })
      const kept: Kept = { tombstone: { ...subject, effect: 'ask-again', at: clock.now() }, forMs: FORGOTTEN_FOR_MS }
      revocations.add(kept)
      // A failure of the store is reported by its event; answers shared before live for seconds or minutes at most.
      sharing?.append([kept]).catch(() => {})
    })
  }

  return { revoke, record, webhookArrived, forget }
}

function digestOf(what: Revoked | Forgotten, part = (token: string) => token): MaybePromise<string | undefined> {
  const hasToken = typeof what === 'object' && what !== null && 'token' in what && typeof what.token === 'string'
  return hasToken ? sha256(part(what.token)) : undefined
}

/** Anyone can derive a second valid signature of a JWT from one by ECDSA. */
function withoutSignature(token: string): string {
  return token.replace(/\.[^.]*$/, '')
}

function isAbout(what: Forgotten): (auth: AuthenticatedAuth) => boolean {
  if (what === 'all') return () => true
  if ('tokenId' in what) return (auth) => Boolean(what.tokenId) && tokenIdOf(auth) === what.tokenId
  if ('sessionId' in what) return (auth) => 'sessionId' in auth && auth.sessionId === what.sessionId
  if ('machineId' in what) return (auth) => 'machineId' in auth && auth.machineId === what.machineId
  return (auth) => 'userId' in what && 'userId' in auth && auth.userId === what.userId
}
