#!/usr/bin/env node
import { existsSync } from 'node:fs'

const command = new URL('../dist/command.js', import.meta.url)

if (existsSync(command)) {
  const { run } = await import(command.href)
  process.exitCode = await run(process.argv.slice(2))
} else {
  console.error('clerk-auth-local: not built yet, run npm run build first')
  process.exitCode = 1
}
