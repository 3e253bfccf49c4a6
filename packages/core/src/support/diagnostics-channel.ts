/** The part of a channel of `node:diagnostics_channel` that is used here. */
export interface DiagnosticsChannel {
  readonly hasSubscribers: boolean
  readonly publish: (message: unknown) => void
}

interface DiagnosticsChannelModule {
  readonly channel: (name: string) => DiagnosticsChannel
}

interface RuntimeProcess {
  readonly getBuiltinModule?: (name: string) => DiagnosticsChannelModule | undefined
}

/**
 * A channel of `node:diagnostics_channel`. The module is not imported, because some runtimes do not have it.
 *
 * @returns `undefined` on such runtimes
 */
export function diagnosticsChannel(name: string): DiagnosticsChannel | undefined {
  const { process } = globalThis as { process?: RuntimeProcess }
  return process?.getBuiltinModule?.('node:diagnostics_channel')?.channel(name)
}
