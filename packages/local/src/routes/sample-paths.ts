import { enclosed } from './enclosed.js'

/**
 * Paths of requests that a route with this pattern may get: with different values of its parameters, with and without
 * its optional parts, in other letter case, and with a slash at the end. The framework decides which of them it matches.
 *
 * Reads the patterns of Express 4 and 5 and Hono. Values are ones that no other route is likely to name.
 */
export function samplePaths(pattern: string): readonly string[] {
  const filled = [true, false].flatMap((withOptional) =>
    [0, 1, 2].flatMap((choice) => fill(pattern, { withOptional, choice }) ?? []),
  )
  const inCapitals = filled.slice(0, 1).map((path) => path.toUpperCase())
  const paths = [...filled, ...inCapitals].map((path) => path.replaceAll(/\/{2,}/g, '/').replace(/\/$/, ''))
  return [...new Set(paths.flatMap((path) => [path || '/', `${path}/`]))]
}

const VALUES = ['zq7kx', '4217', '6f9619ff-8b86-4d01-b42d-00cf4fc964ff']
const MORE_VALUES = [
  'a',
  'zqk',
  'ZQK',
  'en',
  '1',
  '2026',
  '2026-11-30',
  '1.0',
  'v1',
  'zqkx.json',
  'org_zq7kx',
  'user_zq7kx',
]

interface Choices {
  readonly withOptional: boolean
  /** Which value parameters get. */
  readonly choice: number
}

/** Returns `undefined` if a parameter has a format for which there is no value. */
function fill(pattern: string, choices: Choices): string | undefined {
  const { withOptional, choice } = choices
  let path = ''
  let rest = pattern
  while (rest !== '') {
    const parameter = /^:(?:"(?:[^"\\]|\\.)*"|[\p{L}\p{N}_$]+)/u.exec(rest)
    if (parameter) {
      rest = rest.slice(parameter[0].length)
      const format = enclosed(rest, '()') ?? enclosed(rest, '{}')
      if (format !== undefined) rest = rest.slice(format.length + 2)
      const modifier = /^[?*+]/.exec(rest)?.[0]
      if (modifier) rest = rest.slice(1)
      const isLeftOut = (modifier === '?' || modifier === '*') && !withOptional
      const value = valueOf(format, choice)
      if (!isLeftOut && value === undefined) return undefined
      path = isLeftOut ? path.replace(/\/$/, '') : path + value
      continue
    }
    const group = enclosed(rest, '{}')
    if (group !== undefined) {
      rest = rest.slice(group.length + 2)
      const value = withOptional ? fill(group, choices) : ''
      if (value === undefined) return undefined
      path += value
      continue
    }
    const format = enclosed(rest, '()')
    if (format !== undefined) {
      rest = rest.slice(format.length + 2)
      const modifier = /^[?*+]/.exec(rest)?.[0]
      if (modifier) rest = rest.slice(1)
      const value = modifier === '?' && !withOptional ? '' : valueOf(format, choice)
      if (value === undefined) return undefined
      path += value
      continue
    }
    const wildcard = /^\*(?:"(?:[^"\\]|\\.)*"|[\p{L}\p{N}_$]+)?/u.exec(rest)
    if (wildcard) {
      rest = rest.slice(wildcard[0].length)
      // Some match nothing, too.
      if (withOptional) path += choice === 0 ? VALUES[0] : `${VALUES[choice]}/${VALUES[0]}`
      continue
    }
    // In Express 4, the character before a question mark is optional.
    const optional = /^(\\?.)\?/u.exec(rest)
    const character = optional?.[1] ?? (rest.startsWith('\\') ? rest.slice(0, 2) : rest.slice(0, 1))
    rest = rest.slice((optional?.[0] ?? character).length)
    if (!optional || withOptional) path += character.replace(/^\\/, '')
  }
  return path
}

function valueOf(format: string | undefined, choice: number): string | undefined {
  if (format === undefined) return VALUES[choice]
  // Each of `users|groups` may have its own guard.
  const alternatives = /^[\w-]+(\|[\w-]+)+$/.test(format) ? format.split('|') : []
  const matches = [...alternatives, ...VALUES, ...MORE_VALUES].filter((value) => isOfFormat(value, format))
  return matches[choice % Math.max(1, matches.length)]
}

function isOfFormat(value: string, format: string): boolean {
  try {
    return new RegExp(`^(?:${format})$`, 'u').test(value)
  } catch {
    return false
  }
}
