import { mkdirSync, readFileSync, rmSync, rmdirSync, statSync, writeFileSync } from 'node:fs'
import { setTimeout } from 'node:timers/promises'

/** In a container every run may have the same process id, so an id of our own in a file proves nothing without this. */
const claimedHere = new Set<string>()

/**
 * Makes this process the only one that works on a file, by a file beside it that holds the process id.
 * What a process that is no more has left behind does not count.
 *
 * @param path the one that the file really has, as two names of one file would be two claims
 * @returns what gives it back
 * @throws {Error} when a process that lives works on it, or the file beside it is somebody else's
 */
export async function claimFile(path: string): Promise<() => void> {
  const claimPath = `${path}.pid`
  await inTurn(`${claimPath}.turn`, () => {
    const holder = holderOf(path, claimPath)
    if (holder !== undefined) throw new Error(`process ${holder} works on it: stop that one, or delete ${claimPath}`)
    rmSync(claimPath, { force: true })
    writeFileSync(claimPath, String(process.pid), { flag: 'wx', mode: 0o600 })
    claimedHere.add(path)
  })
  return () => {
    if (!claimedHere.delete(path)) return
    if (readIfThere(claimPath) === String(process.pid)) rmSync(claimPath, { force: true })
  }
}

/** Milliseconds. A turn takes far less than one of them, unless its process was killed in the midst of it. */
const TURN_ENDS_AFTER = 1000

/**
 * Of several processes that start at the same moment, each could find the claim of one that is no more, and take away
 * that of another which was quicker: so they look one after another. Only one of them can make a folder.
 */
async function inTurn(turnPath: string, act: () => void): Promise<void> {
  while (!isMyTurn(turnPath)) await setTimeout(10)
  try {
    act()
  } finally {
    rmdirSync(turnPath)
  }
}

function isMyTurn(turnPath: string): boolean {
  const isLeftOver = ageOf(turnPath) > TURN_ENDS_AFTER
  try {
    if (isLeftOver) rmdirSync(turnPath)
    mkdirSync(turnPath)
    return true
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === 'EEXIST' || (code === 'ENOENT' && isLeftOver)) return false
    throw code === 'ENOTDIR' || code === 'ENOTEMPTY' ? inTheWay(turnPath) : error
  }
}

function ageOf(path: string): number {
  const { mtimeMs } = statSync(path, { throwIfNoEntry: false }) ?? { mtimeMs: Date.now() }
  return Date.now() - mtimeMs
}

function holderOf(path: string, claimPath: string): number | undefined {
  if (claimedHere.has(path)) return process.pid
  const text = readIfThere(claimPath) ?? ''
  if (!/^\d{0,15}\n?$/.test(text)) throw inTheWay(claimPath)
  const pid = Number(text)
  return pid > 0 && pid !== process.pid && isAlive(pid) ? pid : undefined
}

/** What stands where the instance would put something of its own, and is not to be taken away. */
export function inTheWay(path: string): Error {
  return new Error(`${path} is in the way, and belongs to something else: give another path`)
}

function readIfThere(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === 'ENOENT') return undefined
    throw code === 'EISDIR' ? inTheWay(path) : error
  }
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0) && !isZombie(pid)
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}

/** One that was killed and whose end nobody asked about, as in a container without an init process. Linux alone tells. */
function isZombie(pid: number): boolean {
  try {
    return /\) [ZX] /.test(readFileSync(`/proc/${pid}/stat`, 'utf8'))
  } catch {
    return false
  }
}
