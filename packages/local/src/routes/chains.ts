import type { Route } from './route.js'

/** One route for each distinct chain of guards. */
export function oneOfEachChain(routes: readonly Route[]): ReadonlySet<Route> {
  const byChain = new Map<string, Route>()
  for (const route of routes) {
    const chain = JSON.stringify([route.guards, route.uncertain])
    if (!byChain.has(chain)) byChain.set(chain, route)
  }
  return new Set(byChain.values())
}

/** Whether some callers are refused on purpose. */
export function isGuarded({ guards, uncertain }: Route): boolean {
  return (guards.length > 0 || uncertain !== undefined) && !guards.some(({ isPublic }) => isPublic)
}
