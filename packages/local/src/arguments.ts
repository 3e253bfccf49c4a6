import { parseArgs } from 'node:util'

export const TEXT = { type: 'string' } as const
export const TEXTS = { type: 'string', multiple: true } as const
export const FLAG = { type: 'boolean' } as const

/** @throws {TypeError} in one line, for who typed it */
export function parse<const O extends Record<string, typeof TEXT | typeof TEXTS | typeof FLAG>>(
  argv: readonly string[],
  options: O,
) {
  try {
    return parseArgs({ args: [...argv], options, allowPositionals: true })
  } catch (cause) {
    const [sentence] = cause instanceof Error ? cause.message.split('. ') : []
    throw new TypeError(`${sentence?.replace(/\.$/, '')}: see --help`, { cause })
  }
}
