import { AuthError, createClerkAuth, type ClerkAuthEvent, type ClerkAuthOptions } from '@clerk-auth/core'
import type { AnyClerkAuth, App } from '../../test/contract/app.js'
import {
  decode,
  type Commands,
  type Replies,
  type Reply,
  type SentClerk,
  type SentError,
  type SentOptions,
  type State,
} from './wire.js'

/** Starts an app of the contract, and says where it listens. */
export type Open = (
  target: string,
  app: App,
) => Promise<{ readonly at: number; readonly close: () => Promise<void> | void }>

/** Carries out the commands of the tests in any runtime. */
export function hostOf(open: Open): (command: string, body: string) => Promise<string> {
  const clocks = new Map<string, number>()
  const apps = new Map<string, { readonly seen: unknown[]; readonly close: () => Promise<void> | void }>()
  const instances = new Map<string, AnyClerkAuth>()
  const events = new Map<string, ClerkAuthEvent[]>()
  const observed = observeRuntime()

  const commands: { readonly [C in keyof Commands]: (sent: Commands[C]) => Promise<Replies[C]> } = {
    serve: async ({ id, target, clerk, callers }) => {
      const seen: unknown[] = []
      const { at, close } = await open(target, { clerk: clerk.map(received), seen, ...(callers && { callers }) })
      apps.set(id, { seen, close })
      return { at }
    },
    close: async ({ id }) => {
      await apps.get(id)?.close()
      apps.delete(id)
      return {}
    },
    createInstance: async ({ environment, ...sent }) => {
      instances.set(sent.id, createClerkAuth(optionsOf(sent), environment ? { ...environment } : undefined))
      return {}
    },
    useInstance: async ({ id, call, argument }) => {
      const instance = instances.get(id)
      await (instance?.[call] as ((argument: unknown) => unknown) | undefined)?.(argument)
      if (call === 'close') instances.delete(id)
      return {}
    },
    setClocks: async (sent) => {
      for (const [id, now] of Object.entries(sent)) clocks.set(id, now)
      return {}
    },
    takeState: async ({ app, options }) => ({
      events: Object.fromEntries(options.map((id) => [id, events.get(id)?.splice(0) ?? []])),
      seen: apps.get(app)?.seen.splice(0).map(sentError) ?? [],
      stats: Object.fromEntries(options.flatMap((id) => (instances.has(id) ? [[id, instances.get(id)!.stats()]] : []))),
      ...observed(),
    }),
  }

  function received(sent: SentClerk): ClerkAuthOptions | AnyClerkAuth {
    return 'instance' in sent ? instances.get(sent.instance)! : optionsOf(sent)
  }

  function optionsOf({ id, options, now }: SentOptions): ClerkAuthOptions {
    const emitted: ClerkAuthEvent[] = []
    events.set(id, emitted)
    clocks.set(id, now)
    const functions = {
      now: () => clocks.get(id)!,
      onEvent: (event) => void emitted.push(event),
      refusalBody: (error) => ({ oops: error.code }),
    } satisfies ClerkAuthOptions
    return decode(options, functions) as ClerkAuthOptions
  }

  return async (command, body) => {
    try {
      const run = commands[command as keyof Commands] as (sent: unknown) => Promise<object>
      return JSON.stringify(await run(JSON.parse(body)))
    } catch (error) {
      return JSON.stringify({ error: sentError(error) } satisfies Reply<keyof Commands>)
    }
  }
}

function sentError(error: unknown): SentError {
  const { name, message } = error as Error
  return { name, message, code: AuthError.is(error) ? error.code : null }
}

/** Records what the runtime writes, warns about and fetches. */
function observeRuntime(): () => Pick<State, 'warnings' | 'output' | 'fetched'> {
  const warnings: string[] = []
  const output: string[] = []
  const fetched: string[] = []
  const { process, fetch } = globalThis
  // oxlint-disable-next-line typescript/no-unnecessary-condition -- workerd has none
  if (process?.emitWarning) process.emitWarning = (message) => void warnings.push(String(message))
  for (const name of ['log', 'info', 'warn', 'error', 'debug'] as const)
    console[name] = (...values: unknown[]) => void output.push(values.map(String).join(' '))
  globalThis.fetch = (input, init) => {
    fetched.push(input instanceof Request ? input.url : String(input))
    return fetch(input, init)
  }
  return () => ({ warnings: warnings.splice(0), output: output.splice(0), fetched: fetched.splice(0) })
}
