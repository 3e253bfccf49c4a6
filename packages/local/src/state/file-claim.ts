import { readFileSync, rmSync, writeFileSync } from 'node:fs'

/** In a container every run may have the same process id, so an id of our own in a file proves nothing without this. */
const claimedHere = new Set<string>()

/**
 * Makes this process the only one that works on a file, by a file beside it that holds the process id.
 * What a process that is no more has left behind does not count.
 *
 * @returns gives it back
 * @throws {Error} when a process that lives works on it
 */
export function claimFile(path: string): () => void {
  const claimPath = `${path}.pid`
  const holder = holderOf(path, claimPath)
  if (holder !== undefined) throw new Error(`process ${holder} works on it: stop that one, or delete ${claimPath}`)
  rmSync(claimPath, { force: true })
  writeFileSync(claimPath, String(process.pid), { flag: 'wx', mode: 0o600 })
  claimedHere.add(path)
  return () => {
    claimedHere.delete(path)
    rmSync(claimPath, { force: true })
  }
}

function holderOf(path: string, claimPath: string): number | undefined {
  if (claimedHere.has(path)) return process.pid
  const pid = Number(readIfThere(claimPath))
  return Number.isSafeInteger(pid) && pid > 0 && pid !== process.pid && isAlive(pid) ? pid : undefined
}

function readIfThere(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}
