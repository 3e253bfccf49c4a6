import type { Settings } from '../config/settings.js'
import type { ProtectedResourceOptions } from './options.js'

/** A response to a request for the metadata of a protected resource. */
export interface MetadataAnswer {
  readonly status: 200 | 204
  readonly headers: Readonly<Record<string, string>>
  readonly body: ProtectedResourceMetadata | undefined
}

/** RFC 9728 section 2. */
export interface ProtectedResourceMetadata {
  readonly resource: string
  readonly authorization_servers: readonly string[]
  readonly scopes_supported: readonly string[]
  readonly bearer_methods_supported: readonly ['header']
  readonly resource_name?: string
}

const WELL_KNOWN = '/.well-known/oauth-protected-resource'

/** The well-known path, and the path of the resource after it: RFC 9728 section 3.1. */
export function metadataPath(resource?: string): string {
  return resource === undefined ? WELL_KNOWN : `${WELL_KNOWN}${new URL(resource).pathname.replace(/\/$/, '')}`
}

/** The URL that a challenge gives. */
export function metadataUrl(resource: string): string {
  return `${new URL(resource).origin}${metadataPath(resource)}`
}

// Clients run in web pages too, and nothing here is secret or depends on the caller.
const CORS = { 'Access-Control-Allow-Origin': '*' }
const PREFLIGHT = {
  ...CORS,
  'Access-Control-Allow-Methods': 'GET, HEAD, OPTIONS',
  'Access-Control-Allow-Headers': '*',
  'Access-Control-Max-Age': '86400',
}

/** @throws {TypeError} if the issuer is unknown */
export function metadataAnswer(
  method: string,
  { resource, scopes, name }: ProtectedResourceOptions,
  { claimRules: { issuers } }: Settings,
): MetadataAnswer {
  if (method === 'OPTIONS') return { status: 204, headers: PREFLIGHT, body: undefined }
  if (!issuers)
    throw new TypeError(
      'protectedResource() needs to know the issuer, where clients log in: set CLERK_PUBLISHABLE_KEY, or the option "issuer" of clerkAuth()',
    )
  return {
    status: 200,
    headers: { 'Cache-Control': 'public, max-age=3600', 'Content-Type': 'application/json', ...CORS },
    body: {
      resource,
      authorization_servers: issuers,
      scopes_supported: scopes,
      bearer_methods_supported: ['header'],
      ...(name !== undefined && { resource_name: name }),
    },
  }
}
