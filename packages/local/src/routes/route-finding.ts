import { namesInWords } from './finding.js'
import type { Prediction } from './prediction.js'
import type { ProbedRoute, ProbeResult } from './probe-route.js'
import type { Route } from './route.js'

/** What is wrong with a route, or cannot be told, beginning with a stable phrase. */
export function findingOf(probed: ProbedRoute): string | undefined {
  const { route } = probed
  const { guards, guardsBehindHandler, uncertain } = route
  const hasKnownGuards = guards.length > 0
  if (guardsBehindHandler.length > 0) return 'a guard runs behind the handler'
  if ('notProbed' in probed)
    return hasKnownGuards || uncertain !== undefined ? `cannot tell: ${probed.notProbed}` : 'no guard'

  const { results } = probed
  const anonymous = results.filter(({ persona }) => persona?.token === undefined && persona)
  if (!hasKnownGuards && anonymous.some(({ observation }) => observation.kind === 'passes')) return 'no guard'
  if (!hasKnownGuards && uncertain === undefined) {
    const refused = anonymous.some(({ observation }) => observation.kind === 'refused')
    return refused ? 'no guard that runs for every request, although this one was refused' : 'no guard'
  }

  const contradictions = inGroups(results, contradictionIn)
  if (contradictions.length > 0) return `the probe contradicts the guard: ${contradictions.join('; ')}`
  const cells = results.filter(({ persona }) => persona)
  const unclearAbout = (some: readonly ProbeResult[]) => inGroups(some, (result) => unclearIn(result, route))
  const unclear = unclearAbout(cells).length > 0 ? unclearAbout(cells) : unclearAbout(results)
  return unclear.length > 0 ? `cannot tell: ${unclear.join('; ')}` : undefined
}

/** Groups the callers that get the same sentence. */
function inGroups(
  results: readonly ProbeResult[],
  sentenceAbout: (result: ProbeResult) => Sentence | undefined,
): readonly string[] {
  const callersBySentence = new Map<string, { readonly sentence: Sentence; readonly callers: Set<string> }>()
  for (const result of results) {
    const sentence = sentenceAbout(result)
    if (!sentence) continue
    const key = sentence('')
    const group = callersBySentence.get(key) ?? { sentence, callers: new Set<string>() }
    callersBySentence.set(key, group)
    group.callers.add(result.caller)
  }
  return [...callersBySentence.values()].map(({ sentence, callers }) => sentence(namesInWords([...callers])))
}

type Sentence = (callers: string) => string

function contradictionIn({ prediction, observation, persona }: ProbeResult): Sentence | undefined {
  const { mayPass, refusals } = prediction
  switch (observation.kind) {
    case 'passes':
      return mayPass ? undefined : (callers) => `it lets ${callers} pass`
    case 'refused': {
      const { code } = observation
      const isOfInstance = code !== undefined && INSTANCE_CODES.has(code) && persona?.auth.isAuthenticated === true
      if (!isOfInstance && isExpected(code, prediction)) return undefined
      const expected = mayPass
        ? 'who should pass'
        : `instead of ${[...(refusals === 'any' ? [] : refusals)].join(' or ')}`
      return (callers) =>
        `it refuses ${callers} with ${code ?? 'an error'}${mayPass ? `, ${expected}` : ` ${expected}`}`
    }
    case 'other':
      // A success is not a refusal, even if the guard did not send it.
      return mayPass || observation.status >= 300
        ? undefined
        : (callers) => `it answers ${observation.status} to ${callers}`
  }
}

/** Codes that say that the application does not use the local instance, or wants other tokens of it. */
export const INSTANCE_CODES: ReadonlySet<string> = new Set([
  'jwk-kid-mismatch',
  'jwk-unsuitable',
  'token-invalid-algorithm',
  'token-invalid-audience',
  'token-invalid-authorized-parties',
  'token-invalid-issuer',
  'token-invalid-signature',
])

function isExpected(code: string | undefined, { refusals }: Prediction): boolean {
  if (refusals === 'any') return true
  return code === undefined ? refusals.size > 0 : refusals.has(code)
}

function unclearIn({ observation }: ProbeResult, route: Route): Sentence | undefined {
  if (observation.kind !== 'other') return undefined
  const { status, code } = observation
  const hint = code ?? hintFor(status, route)
  return (callers) => `it answers ${status} to ${callers}${hint && ` (${hint})`}`
}

function hintFor(status: number, { path, uncertain }: Route): string {
  if (status === 404 && uncertain !== undefined) return uncertain
  if (status === 404)
    return /[:*]/.test(path) ? 'give values for its path parameters with --params' : 'something else takes this path'
  return HINTS[status] ?? (status < 300 ? 'something answers before the handler' : '')
}

const HINTS: Readonly<Record<number, string>> = {
  301: 'a redirect comes before the guard',
  302: 'a redirect comes before the guard',
  307: 'a redirect comes before the guard',
  308: 'a redirect comes before the guard',
  400: 'something reads the request before the guard',
  401: 'something other than requireAuth() refuses it',
  403: 'something other than requireAuth() refuses it',
  413: 'something reads the request before the guard',
  415: 'something reads the request before the guard',
  422: 'something reads the request before the guard',
  429: 'lift the rate limit for this check',
  500: 'something throws before the handler',
  503: 'something that it depends on is missing',
}
