/**
 * A member of an object that the application gives, its own or its class's, and not what somebody put onto every object
 * there is: a vulnerable merge elsewhere in the process must not configure this one, nor send a header.
 */
export function safeGet(object: object, name: string): unknown {
  if (!Object.hasOwn(object, name) && name in Object.prototype) return undefined
  return (object as Readonly<Record<string, unknown>>)[name]
}
