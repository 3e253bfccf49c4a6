/** A reachable object, and its path. */
export interface Reached {
  readonly path: string
  readonly object: object
}

/** Every object that is reachable from `root` through properties of any name, including symbols, each once. */
export function objectsIn(root: object): Reached[] {
  return reachableFrom(root).filter(({ object }) => typeof object === 'object')
}

/** Every reachable function. */
export function functionsIn(root: object): Reached[] {
  return reachableFrom(root).filter(({ object }) => typeof object === 'function')
}

function reachableFrom(root: object): Reached[] {
  const reached: Reached[] = []
  const known = new Set<object>()
  const visit = (value: unknown, path: string) => {
    if ((typeof value !== 'object' && typeof value !== 'function') || value === null || known.has(value)) return
    known.add(value)
    reached.push({ path, object: value })
    for (const key of Reflect.ownKeys(value)) visit(Reflect.get(value, key), `${path}.${String(key)}`)
  }
  visit(root, 'auth')
  return reached
}

/** Applies every change that a handler could make to an object, and returns those that had an effect. */
export function tamperWith({ path, object }: Reached): string[] {
  const done: string[] = []
  const attempt = (what: string, work: () => boolean) => {
    if (succeeds(work)) done.push(`${what} ${path}`)
  }
  for (const key of Reflect.ownKeys(object)) {
    const name = String(key)
    attempt(`sets ${name} of`, () => Reflect.set(object, key, 'mallory'))
    attempt(`defines ${name} of`, () => Reflect.defineProperty(object, key, { value: 'mallory' }))
    attempt(`deletes ${name} of`, () => Reflect.deleteProperty(object, key))
  }
  attempt('adds a member to', () => Reflect.set(object, 'mallory', true))
  attempt('gives a prototype to', () => Reflect.setPrototypeOf(object, { mallory: true }))
  if (Array.isArray(object)) attempt('pushes to', () => object.push('mallory') > 0)
  return done
}

/** A list throws if its length is set to an invalid value, or may not be changed. */
function succeeds(work: () => boolean): boolean {
  try {
    return work()
  } catch (error) {
    if (error instanceof TypeError || error instanceof RangeError) return false
    throw error
  }
}
