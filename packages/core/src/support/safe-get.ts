/**
 * A member of an object from the application, own or inherited, but not from `Object.prototype`: prototype pollution
 * elsewhere in the process must not set options or headers here.
 */
export function safeGet(object: object, name: string): unknown {
  if (!Object.hasOwn(object, name) && name in Object.prototype) return undefined
  return (object as Readonly<Record<string, unknown>>)[name]
}
