import { format, resolveConfig } from 'prettier'
import { AUTH_ERRORS, AuthError, type AuthErrorCode } from '../../packages/core/src/auth/errors.js'
import { aliasOf, interfaceOf, unionOf, type Field } from './declarations.js'

const CORE = 'packages/core/src'

/** The pages of docs/reference, made from the code. */
export const REFERENCES = {
  options: optionsPage,
  'error-codes': errorCodesPage,
  events: eventsPage,
  'auth-objects': authObjectsPage,
  requirements: requirementsPage,
} as const satisfies Record<string, () => string>

/** Formats a page as `npm run format` does. */
export async function formatted(markdown: string, path: string): Promise<string> {
  return format(markdown, { ...(await resolveConfig(path)), parser: 'markdown' })
}

function optionsPage(): string {
  const groups = [
    ['`keys`', 'keys/remote-keys.ts', 'KeyPolicy'],
    ['`remote`', 'introspection/remote.ts', 'RemotePolicy'],
    ['`cache`', 'token/verified-cache.ts', 'CacheBounds'],
    ['`revocation`', 'config/options.ts', 'RevocationPolicy'],
    ['`createMachineClient()`', 'machine-client/machine-client.ts', 'MachineClientOptions'],
  ] as const
  const options = interfaceOf(`${CORE}/config/options.ts`, 'ClerkAuthOptions')
  return page(
    'Options',
    `The options of \`clerkAuth()\` and \`createClerkAuth()\`. ${options.text} [Configuration](../configuration.md) explains them by purpose.`,
    optionsTable(options.fields),
    ...groups.map(([title, path, name]) => {
      const { text, fields } = interfaceOf(`${CORE}/${path}`, name)
      return `## ${title}\n\n${text}\n\n${optionsTable(fields)}`
    }),
  )
}

/** The default and the variable of an option are sentences of its docstring. */
function optionsTable(fields: readonly Field[]): string {
  const rows = fields.map(({ name, type, text }) => [code(name), code(type), text])
  return table(['option', 'type', 'meaning'], rows)
}

function errorCodesPage(): string {
  const titles = {
    400: 'The request cannot be read',
    401: 'The credential is missing or invalid',
    403: 'Authenticated, but not allowed',
    503: 'Verification is temporarily unavailable',
  } as const
  const sections = ([401, 400, 403, 503] as const).map((status) => {
    const rows = Object.entries(AUTH_ERRORS)
      .filter(([, [ofCode]]) => ofCode === status)
      .map(([name, [, title, remedy]]) => [code(name), title, remedy, code(answerHeader(name as AuthErrorCode))])
    return `## ${status}: ${titles[status]}\n\n${table(['code', '`title`', '`detail`', 'header'], rows)}`
  })
  return page(
    'Error codes',
    'Every refusal has a status and a code. `title` and `detail` are those of the problem details body. The header is that for a session token, and with `scope-missing` for an OAuth token, with the default realm. Each `error` is followed by an `error_description`, which is the `title`. [Refusals](../refusals.md) says what causes each code, and what to do.',
    ...sections,
  )
}

function answerHeader(name: AuthErrorCode): string {
  const ofOAuth = { tokenType: 'oauth_token', scope: ['invoices:read'] } as const
  const { headers } = new AuthError(name, name === 'scope-missing' ? ofOAuth : {})
  const challenge = headers['WWW-Authenticate']?.replace(/, error_description="[^"]*"/, '')
  return challenge ?? `Retry-After: ${headers['Retry-After']}`
}

function eventsPage(): string {
  const included: Record<string, readonly Field[]> = {
    MatchedRoute: interfaceOf(`${CORE}/auth/events.ts`, 'MatchedRoute').fields,
    Impersonation: interfaceOf(`${CORE}/auth/impersonation.ts`, 'Impersonation').fields,
  }
  const rows = unionOf(`${CORE}/auth/events.ts`, 'ClerkAuthEvent').map(({ text, fields, includes }) => {
    const [type, ...others] = [...fields, ...includes.flatMap((name) => included[name] ?? missing(name))]
    const types = type?.type.replaceAll("'", '').split(' | ').map(code).join(', ') ?? ''
    return [types, others.map(({ name, isOptional }) => code(isOptional ? `${name}?` : name)).join(', '), text]
  })
  return page(
    'Events',
    'What `onEvent` and the channel `clerk-auth` of `node:diagnostics_channel` receive. A field with `?` may be missing. [Observability](../observability.md) has recipes for logs and metrics.',
    table(['`type`', 'other fields', 'emitted when'], rows),
  )
}

function missing(name: string): never {
  throw new Error(`the type ${name} is included in an event, but not known here`)
}

function authObjectsPage(): string {
  const kinds = [
    ['session_token', 'SessionAuth'],
    ['m2m_token', 'M2mAuth'],
    ['oauth_token', 'OAuthAuth'],
    ['api_key', 'ApiKeyAuth'],
    ['jwt_template', 'TemplateAuth'],
    ['No authenticated caller', 'Unauthenticated'],
  ] as const
  const sections = kinds.map(([title, name]) => {
    const { text, fields } = interfaceOf(`${CORE}/auth/auth.ts`, name)
    const heading = title.includes('_') ? code(title) : title
    const named = fields.filter(({ type }) => type !== 'null')
    const others = named.length < fields.length ? '\n\nAll other fields are `null`.' : ''
    return `## ${heading}\n\n${code(name)}. ${text}\n\n${fieldsTable(named)}${others}`
  })
  const claims = aliasOf(`${CORE}/auth/auth.ts`, 'SessionClaims')
  const ages = aliasOf(`${CORE}/auth/reverification.ts`, 'FactorVerificationAge')
  const asked = interfaceOf(`${CORE}/auth/has.ts`, 'AskedOfSession')
  return page(
    'Auth objects',
    'What `getAuth()` and `authenticate()` return, by kind of token. The objects are deeply frozen, because requests share them.',
    ...sections,
    `## \`SessionClaims\`\n\n${claims.text}\n\n${fieldsTable(claims.fields.map(withUndefined))}\n\nCustom claims follow, with the types that you [register](../guards.md#in-the-handler).`,
    `## \`FactorVerificationAge\`\n\n${code(ages.type)}. ${ages.text}`,
    `## \`has()\`\n\n${asked.text}\n\n${fieldsTable(asked.fields)}`,
  )
}

function requirementsPage(): string {
  const { text, fields } = interfaceOf(`${CORE}/guard/requirement.ts`, 'Requirement')
  return page(
    'Requirement fields',
    `The fields of \`requireAuth(requirement)\` and \`checkRequirement(auth, requirement)\`. ${text} [Guards](../guards.md) has examples.`,
    fieldsTable(fields),
    aliasSection(`${CORE}/kinds/accepts-token.ts`, 'AcceptsToken'),
    aliasSection(`${CORE}/auth/errors.ts`, 'TokenType'),
    aliasSection(`${CORE}/auth/reverification.ts`, 'Reverification'),
  )
}

function aliasSection(path: string, name: string): string {
  const { text, type } = aliasOf(path, name)
  return `## ${code(name)}\n\n${text}\n\n${code(type.replace(/^\| /, ''))}`
}

const withUndefined = (field: Field) => (field.isOptional ? { ...field, type: `${field.type} | undefined` } : field)

function fieldsTable(fields: readonly Field[]): string {
  const rows = fields.map(({ name, type, text }) => [code(name), code(type), text])
  return table(['field', 'type', 'meaning'], rows)
}

function page(title: string, ...parts: readonly string[]): string {
  const notice = '<!-- Made from the code by `npm run docs:reference`. -->'
  return [`# ${title}`, notice, ...parts].join('\n\n')
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n')
}

const code = (text: string) => `\`${text}\``
