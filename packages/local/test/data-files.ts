import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import { startLocalClerk, type LocalClerk, type LocalClerkOptions } from '../src/index.js'

/** A folder that goes when the test ends. */
export function newFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'clerk-auth-local-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

/** An instance that keeps what is in it, and is closed when the test ends. */
export async function open(data: string, options: LocalClerkOptions = {}): Promise<LocalClerk> {
  const local = await startLocalClerk({ algorithm: 'ES256', ...options, data })
  onTestFinished(local.close)
  // Connections to the instance that was on this port before: whoever kept them learns here that they are no more.
  await fetch(local.url).catch(() => {})
  return local as LocalClerk
}
