import { parseArgs } from 'node:util'

export const STRING = { type: 'string' } as const
export const STRING_LIST = { type: 'string', multiple: true } as const
export const FLAG = { type: 'boolean' } as const
export const HELP = { type: 'boolean', short: 'h' } as const

/** @throws {TypeError} with a one-line message for the user */
export function parse<const O extends Record<string, typeof STRING | typeof STRING_LIST | typeof FLAG | typeof HELP>>(
  argv: readonly string[],
  options: O,
) {
  try {
    return parseArgs({ args: joinValues(argv), options, allowPositionals: true })
  } catch (cause) {
    const [sentence] = cause instanceof Error ? cause.message.split(/\.\s/) : []
    const isUnknown = (cause as { readonly code?: string }).code === 'ERR_PARSE_ARGS_UNKNOWN_OPTION'
    const names = Object.keys(options).map((name) => `--${name}`)
    const known = isUnknown ? `, only ${names.join(', ')}` : ''
    throw new TypeError(`${sentence?.replace(/\.$/, '')}${known}: see --help`, { cause })
  }
}

/** Joins an option with a value that looks like an option itself: a negative number or PEM. */
function joinValues([arg, next, ...rest]: readonly string[]): string[] {
  if (arg === undefined) return []
  const belongs = next !== undefined && /^--[\w-]+$/.test(arg) && /^-(\d|----BEGIN)/.test(next)
  if (belongs) return [`${arg}=${next}`, ...joinValues(rest)]
  return [arg, ...joinValues(next === undefined ? [] : [next, ...rest])]
}
