import { fork, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'

/** A Lambda function in an execution environment of its own, which handles one event at a time. */
export interface LambdaFunction {
  /** @throws {Error} with the message of what the function threw */
  readonly invoke: (event: object) => Promise<unknown>
  /** Lambda freezes the process between two events. Timers and connections stand still, clocks do not. */
  readonly freeze: () => void
  readonly thaw: () => void
  readonly stop: () => void
}

type Outcome = { readonly result: unknown } | { readonly error: { readonly name: string; readonly message: string } }

/** Starts a function from a file that exports a `handler`. The environment contains nothing else. */
export async function startFunction(
  file: string,
  environment: Readonly<Record<string, string>>,
): Promise<LambdaFunction> {
  const child = fork(join(import.meta.dirname, 'lambda-process.js'), [file], {
    env: { PATH: process.env['PATH'], NODE_NO_WARNINGS: '1', ...environment },
    execArgv: [],
    serialization: 'json',
  })
  await messageOf(child)
  let idle: Promise<unknown> = Promise.resolve()
  const invokeAlone = async (event: object): Promise<unknown> => {
    child.send(event)
    const outcome = (await messageOf(child)) as Outcome
    if ('error' in outcome) throw Object.assign(new Error(outcome.error.message), { name: outcome.error.name })
    return outcome.result
  }
  return {
    invoke: (event) => {
      const result = idle.then(() => invokeAlone(event))
      idle = result.catch(() => {})
      return result
    },
    freeze: () => void child.kill('SIGSTOP'),
    thaw: () => void child.kill('SIGCONT'),
    stop: () => void child.kill('SIGKILL'),
  }
}

async function messageOf(child: ChildProcess): Promise<unknown> {
  const ended = new AbortController()
  const exit = once(child, 'exit', { signal: ended.signal }).then(([code]) => {
    throw new Error(`the function ended with exit code ${code}`)
  })
  try {
    const [message] = (await Promise.race([once(child, 'message', { signal: ended.signal }), exit])) as [unknown]
    return message
  } finally {
    exit.catch(() => {})
    ended.abort()
  }
}
