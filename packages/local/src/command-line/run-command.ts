import { spawn, type ChildProcess } from 'node:child_process'
import { constants } from 'node:os'
import { isatty } from 'node:tty'
import type { LocalEnv } from '../instance/env.js'
import { escapeInvisible } from '../support/escape-invisible.js'

/** A program and its arguments. */
export type Command = readonly [program: string, ...args: string[]]

export interface RunCommandIo {
  readonly env: Readonly<Record<string, string | undefined>>
  readonly err: (text: string) => void
}

const NOT_FOUND = 127
const NOT_EXECUTABLE = 126

/**
 * Runs a command with the variables of an instance, on the standard streams of this process, and waits until it ends.
 *
 * @returns the exit code, as in a shell: that of the command; 128 plus the number of the signal that ended it; 127 if it
 *   is not found; 126 if it cannot be executed
 */
export async function runCommand([program, ...args]: Command, variables: LocalEnv, io: RunCommandIo): Promise<number> {
  let child: ChildProcess | undefined
  // Before the command starts: otherwise a signal could end this process and leave the command running.
  const stopForwarding = forwardSignals((signal) => child?.kill(signal))
  try {
    child = spawn(program, args, { stdio: 'inherit', env: withVariables(io.env, variables) })
    return await exitCodeOf(child, io)
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException
    const reason = code === 'ENOENT' ? 'command not found' : `the command cannot be executed: ${code}`
    io.err(escapeInvisible(`clerk-auth-local: ${program}: ${reason}`))
    return code === 'ENOENT' ? NOT_FOUND : NOT_EXECUTABLE
  } finally {
    stopForwarding()
  }
}

/** Removes all other `CLERK_` variables, which could point a program to another instance. */
export function withVariables(env: RunCommandIo['env'], variables: LocalEnv): NodeJS.ProcessEnv {
  const others = Object.entries(env).filter(([name]) => !name.startsWith('CLERK_'))
  return { ...Object.fromEntries(others), ...variables }
}

/** @returns stops forwarding */
function forwardSignals(send: (signal: NodeJS.Signals) => void): () => void {
  const isInTerminal = isatty(0)
  // A terminal sends these to the command as well, and many programs exit immediately on a second one.
  const handleTerminalSignal = (signal: NodeJS.Signals) => void (isInTerminal || send(signal))
  const endWithProcess = () => send('SIGTERM')
  process.on('SIGINT', handleTerminalSignal)
  process.on('SIGHUP', handleTerminalSignal)
  process.on('SIGTERM', send)
  process.on('exit', endWithProcess)
  return () => {
    process.off('SIGINT', handleTerminalSignal)
    process.off('SIGHUP', handleTerminalSignal)
    process.off('SIGTERM', send)
    process.off('exit', endWithProcess)
  }
}

function exitCodeOf(child: ChildProcess, io: RunCommandIo): Promise<number> {
  return new Promise((resolve, reject) => {
    child.on('exit', (code, signal) => resolve(code ?? 128 + constants.signals[signal!]))
    child.on('error', (error) => {
      if (child.pid === undefined) return reject(error)
      // For example, a signal to a process of another user.
      io.err(`clerk-auth-local: ${error.message}`)
    })
  })
}
