import { mkdirSync, readFileSync, rmSync, rmdirSync, statSync, writeFileSync } from 'node:fs'
import { setTimeout } from 'node:timers/promises'

/** In a container every run may have the same process id, so a claim file with our own id may be from an earlier run. */
const claimedHere = new Set<string>()

/**
 * Claims a file for this process by writing the process id to a file beside it. Claims of dead processes are ignored.
 *
 * @param path the real path, because two names for one file would be two claims
 * @returns a function that releases the claim
 * @throws {Error} if another live process has claimed it, or the file beside it is not a claim
 */
export async function claimFile(path: string): Promise<() => void> {
  const claimPath = `${path}.pid`
  await inTurn(`${claimPath}.turn`, () => {
    const holder = holderOf(path, claimPath)
    if (holder !== undefined)
      throw new Error(`process ${holder} is using it: stop that process, or delete ${claimPath}`)
    rmSync(claimPath, { force: true })
    writeFileSync(claimPath, String(process.pid), { flag: 'wx', mode: 0o600 })
    claimedHere.add(path)
  })
  return () => {
    if (!claimedHere.delete(path)) return
    if (readIfThere(claimPath) === String(process.pid)) rmSync(claimPath, { force: true })
  }
}

/** Milliseconds. A turn takes less than one of them unless its process is killed. */
const TURN_ENDS_AFTER = 1000

/**
 * Processes that start together could each find a stale claim, and delete the new claim of a faster one. So they take
 * turns: only one of them can create the directory.
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

/** Something unknown is at a path that the instance needs, and must not be deleted. */
export function inTheWay(path: string): Error {
  return new Error(`${path} exists and belongs to something else: use another path`)
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

/** Killed but not reaped by its parent, as in a container without an init process. Only Linux reports it. */
function isZombie(pid: number): boolean {
  try {
    return /\) [ZX] /.test(readFileSync(`/proc/${pid}/stat`, 'utf8'))
  } catch {
    return false
  }
}
