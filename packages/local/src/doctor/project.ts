import { coreOf } from '../support/core-of-project.js'
import { TOKEN_KINDS } from '../tokens/token-kind.js'
import { note, ok, problem, type Finding } from './finding.js'
import type { Environment } from './settings.js'

/** The parts of `@clerk-auth/core` that are used here. The project's own version is loaded, not one of ours. */
interface Core {
  readonly createClerkAuth: (options: object, environment: Environment) => Verifier
}

interface Verifier {
  readonly authenticate: (source: { readonly headers: object }, options?: object) => Promise<Outcome>
  readonly close: () => void
}

interface Outcome {
  readonly isAuthenticated: boolean
  readonly tokenType: string | null
  readonly error?: { readonly code: string; readonly message: string } | null
}

const KINDS = [
  ['session_token', 'session tokens'],
  ['m2m_token', 'M2M tokens'],
  ['oauth_token', 'OAuth tokens'],
  ['api_key', 'API keys'],
] as const

/**
 * Whether `@clerk-auth/core` starts with this environment, which kinds of tokens it can verify, and whether it accepts a
 * token.
 *
 * @param folder of the project
 */
export async function checkProject(
  folder: string,
  env: Environment,
  token: string | undefined,
): Promise<readonly Finding[]> {
  const core = coreOf(folder) as Core | undefined
  if (!core)
    return [
      note(
        'This folder has no @clerk-auth package, so the options of the API were not checked',
        'run the doctor in the folder of the API',
      ),
    ]
  const start = startProblem(core, {}, env)
  if (start !== undefined) return [problem(`An API does not start here: ${start}`, 'correct the environment')]
  return [
    ok('An API starts with this environment'),
    ...KINDS.map(([kind, name]) => kindFinding(core, kind, name, env)),
    ...(token === undefined ? [] : [await tokenFinding(core, token, env)]),
  ]
}

function startProblem(core: Core, options: object, env: Environment): string | undefined {
  try {
    core.createClerkAuth(options, env).close()
    return undefined
  } catch (error) {
    return (error as Error).message
  }
}

function kindFinding(core: Core, kind: string, name: string, env: Environment): Finding {
  const missing = startProblem(core, { acceptsToken: kind }, env)
  if (missing === undefined) return ok(`It can verify ${name}`)
  const [, needs] = /which needs (.+)$/.exec(missing) ?? []
  return note(`It cannot verify ${name}`, needs === undefined ? missing : `if it accepts them, set ${needs}`)
}

async function tokenFinding(core: Core, token: string, env: Environment): Promise<Finding> {
  const clerk = core.createClerkAuth({}, env)
  try {
    const { isAuthenticated, tokenType, error } = await clerk.authenticate(
      { headers: { authorization: `Bearer ${token}` } },
      { acceptsToken: TOKEN_KINDS },
    )
    if (isAuthenticated) return ok(`It accepts the token (${tokenType})`)
    return problem(
      `It refuses the token: ${error?.code ?? 'no reason given'}${error ? `, ${error.message}` : ''}`,
      'npx @clerk-auth/local explain says more about the token',
    )
  } finally {
    clerk.close()
  }
}
