import type { Description, Route } from '../../src/routes/route.js'

/** A key with which an application starts. No token is verified with it. */
export const env = {
  PATH: process.env['PATH'],
  CLERK_PUBLISHABLE_KEY: `pk_test_${btoa('clerk.example.com$')}`,
  CLERK_MACHINE_ID: 'mch_2xJfZ1X2Y3Z4a5b6c7d8e9f0g1h',
}

/** Such as `GET /me: session_token role=org:admin | behind: m2m_token | uncertain: …`. */
export function inWords({ method, path, guards, guardsBehindHandler, uncertain }: Route): string {
  const behind = guardsBehindHandler.length > 0 ? ` | behind: ${guardsBehindHandler.map(guardInWords).join(', ')}` : ''
  const own = guards.length > 0 ? ` ${guards.map(guardInWords).join(', ')}` : ''
  return `${method} ${path}:${own}${behind}${uncertain === undefined ? '' : ` | uncertain: ${uncertain}`}`
}

function guardInWords(guard: Description): string {
  if (guard.isPublic) return 'public'
  return guard.requirements
    .map(({ acceptsToken, ...fields }) =>
      [acceptsToken.join('+'), ...Object.entries(fields).map(([name, value]) => `${name}=${String(value)}`)].join(' '),
    )
    .join(' or ')
}
