const warned = new Set<string>()

/** Warns the operator once per process, regardless of the number of instances. */
export function warnOnce(code: `CLERK_AUTH_${string}`, message: string): void {
  if (warned.has(code)) return
  warned.add(code)
  warn(code, message)
}

/** Emits a process warning: printed to stderr unless the application handles the `warning` event. */
export function warn(code: `CLERK_AUTH_${string}`, message: string): void {
  const { process } = globalThis as { process?: { emitWarning?: (message: string, options: object) => void } }
  if (process?.emitWarning) process.emitWarning(message, { type: 'ClerkAuthWarning', code })
  // oxlint-disable-next-line no-console -- the warning must not be lost on runtimes without a process
  else console.warn(message)
}
