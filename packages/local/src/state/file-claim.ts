import { spawnSync } from 'node:child_process'
import {
  closeSync,
  constants,
  fstatSync,
  ftruncateSync,
  openSync,
  readFileSync,
  rmSync,
  statSync,
  writeSync,
} from 'node:fs'
import { hostname } from 'node:os'

/**
 * Claims a file for this process with a lock on a file beside it, `<path>.pid`. The operating system releases the lock
 * when the process ends, however it ends, so a claim never depends on whether a process id is alive or was reused.
 *
 * @param path the real path, because two names for one file would be two claims
 * @returns a function that releases the claim
 * @throws {Error} if another live process has claimed it, or the file beside it is not a claim
 */
export function claimFile(path: string): () => void {
  const claimPath = `${path}.pid`
  const claim = openLocked(claimPath)
  try {
    if (!CLAIM.test(readFileSync(claim, 'utf8'))) throw inTheWay(claimPath)
    ftruncateSync(claim)
    writeSync(claim, `${process.pid} ${hostname()}\n`, 0)
  } catch (error) {
    closeSync(claim)
    throw error
  }
  claimedHere.add(claimPath)
  return () => {
    claimedHere.delete(claimPath)
    // While it is locked, because it could be the claim of another process after that. Windows deletes no open files.
    if (process.platform !== 'win32' && isAt(claimPath, claim)) rmSync(claimPath)
    closeSync(claim)
  }
}

const claimedHere = new Set<string>()

/** The process id and host name of the last claim; an earlier release wrote only the process id. */
const CLAIM = /^(?:(\d{1,15})(?: (.{0,255}))?\n?)?$/

function openLocked(claimPath: string): number {
  for (;;) {
    const claim = openClaim(claimPath)
    try {
      lock(claim, claimPath)
    } catch (error) {
      closeSync(claim)
      throw error
    }
    if (isAt(claimPath, claim)) return claim
    // It was released and deleted after it was opened here.
    closeSync(claim)
  }
}

/** Flags with which the operating system locks a file when it opens it: macOS's O_EXLOCK, libuv's UV_FS_O_EXLOCK. */
const LOCK_FLAGS: { readonly [Platform in NodeJS.Platform]?: number } = {
  darwin: 0x20 | constants.O_NONBLOCK,
  win32: 0x1000_0000,
}
const lockFlags = LOCK_FLAGS[process.platform]

function openClaim(claimPath: string): number {
  const found = statSync(claimPath, { throwIfNoEntry: false })
  if (found && !found.isFile()) throw inTheWay(claimPath)
  try {
    return openSync(claimPath, constants.O_RDWR | constants.O_CREAT | (lockFlags ?? 0), 0o600)
  } catch (error) {
    const { code = '' } = error as NodeJS.ErrnoException
    throw lockFlags !== undefined && ['EAGAIN', 'EBUSY'].includes(code) ? inUse(claimPath) : error
  }
}

/** A lock belongs to the open file, which the child process shares, so it remains when the `flock` command exits. */
function lock(claim: number, claimPath: string): void {
  if (lockFlags !== undefined) return
  const { error, status } = spawnSync('flock', ['-n', '3'], { stdio: ['ignore', 'ignore', 'ignore', claim] })
  if (error) throw new Error('the command "flock" is needed to lock it: install util-linux', { cause: error })
  if (status === 1) throw inUse(claimPath)
  if (status !== 0) throw new Error('its file system does not support locks: use another path')
}

function inUse(claimPath: string): Error {
  const [, pid, host] = CLAIM.exec(readIfAllowed(claimPath)) ?? []
  if (claimedHere.has(claimPath)) return new Error('another instance in this process is using it: close that instance')
  const holder = pid === undefined ? 'another process' : `process ${pid}`
  return new Error(`${holder}${host ? ` on ${host}` : ''} is using it: stop that process`)
}

/** Windows does not let others read a locked file. */
function readIfAllowed(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return ''
  }
}

function isAt(path: string, descriptor: number): boolean {
  const [there, here] = [statSync(path, { throwIfNoEntry: false }), fstatSync(descriptor)]
  return there?.ino === here.ino && there.dev === here.dev
}

/** Something unknown is at a path that the instance needs, and must not be deleted. */
export function inTheWay(path: string): Error {
  return new Error(`${path} exists and belongs to something else: use another path`)
}
