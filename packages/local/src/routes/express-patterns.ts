import { pathOf, type ExpressPath, type Layer } from './express-router.js'

interface Pattern {
  readonly path: string
  /** Whether it can be read. */
  readonly isKnown: boolean
  /** If not: why. */
  readonly why?: string
}

/** The patterns of an endpoint, each with those of the routers that it is in. */
export function patternsOf(trail: readonly Layer[]): readonly Pattern[] {
  const start: readonly Pattern[] = [{ path: '/', isKnown: true }]
  const patterns = trail.reduce((outer, layer) => outer.flatMap((one) => patternsBelow(one, layer)), start)
  return trail.at(-1)!.route ? patterns : patterns.map((pattern) => ({ ...pattern, path: joined(pattern.path, '*') }))
}

function patternsBelow(outer: Pattern, layer: Layer): readonly Pattern[] {
  const paths = alternatives(pathOf(layer))
  if (!paths)
    return [{ path: joined(outer.path, '…'), isKnown: false, why: 'Express does not keep the path of its router' }]
  return paths.map((path) =>
    typeof path === 'string'
      ? { ...outer, path: joined(outer.path, path) }
      : {
          path: `${outer.path.replace(/\/$/, '')}${String(path)}`,
          isKnown: false,
          why: 'its path is a regular expression',
        },
  )
}

export function joined(outer: string, path: string): string {
  return `${outer}/${path}`.replaceAll(/\/{2,}/g, '/').replace(/(.)\/$/, '$1')
}

export function alternatives(path: ExpressPath | undefined): readonly (string | RegExp)[] | undefined {
  if (path === undefined) return undefined
  if (typeof path === 'string' || path instanceof RegExp) return [path]
  return path.flatMap((one) => alternatives(one) ?? [])
}
