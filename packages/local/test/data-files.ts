import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import { startLocalClerk, type LocalClerk, type LocalClerkOptions } from '../src/index.js'

/** A folder that is deleted when the test ends. */
export function newFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'clerk-auth-local-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

/** An instance with a data file, closed when the test ends. */
export async function open(data: string, options: LocalClerkOptions = {}): Promise<LocalClerk> {
  const local = await startLocalClerk({ algorithm: 'ES256', ...options, data })
  onTestFinished(local.close)
  // Drops pooled connections to an earlier instance on the same port.
  await fetch(local.url).catch(() => {})
  return local as LocalClerk
}
