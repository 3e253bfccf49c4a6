// Servers under load, each in a separate process.
import { fork } from 'node:child_process'
import { once } from 'node:events'

/**
 * @param {string} script the file that reports its port, and then answers every message
 * @param {readonly string[]} args
 * @param {NodeJS.ProcessEnv} env added to the environment of this process
 */
export async function startServer(script, args, env) {
  const child = fork(new URL(script, import.meta.url), [...args], { env: { ...process.env, ...env } })
  const port = Number(await answerOf(child))
  return {
    port,
    /** @param {string} question */
    ask: (question) => {
      child.send(question)
      return answerOf(child)
    },
    stop: () => child.disconnect(),
  }
}

/**
 * Measures the server's CPU time, which other processes do not affect. It has one thread: on an idle machine a second
 * of it is a second.
 *
 * @param {Pick<Awaited<ReturnType<typeof startServer>>, 'ask'>} server
 */
export async function cpuSecondsOf(server) {
  const { user, system } = await server.ask('cpu')
  return (user + system) / 1e6
}

/**
 * @param {number} port
 * @param {string} token
 */
export function requestWith(port, token) {
  return fetch(`http://127.0.0.1:${port}/`, { headers: { Authorization: `Bearer ${token}` } })
}

/** @param {{ listen: (port: number, host: string, listening: () => void) => any }} server */
export function listen(server) {
  return new Promise((resolve) => {
    const listening = server.listen(0, '127.0.0.1', () => resolve(listening.address()))
  })
}

/**
 * The next message of a child process.
 *
 * @param {import('node:child_process').ChildProcess} child
 * @returns {Promise<any>}
 */
export async function answerOf(child) {
  const answered = new AbortController()
  const { signal } = answered
  try {
    return await Promise.race([
      once(child, 'message', { signal }).then(([message]) => message),
      once(child, 'exit', { signal }).then(() => Promise.reject(new Error(`${scriptOf(child)} has ended`))),
    ])
  } finally {
    answered.abort()
  }
}

/** @param {import('node:child_process').ChildProcess} child */
const scriptOf = (child) => child.spawnargs.find((argument) => argument.endsWith('.js'))
