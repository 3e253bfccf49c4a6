#!/usr/bin/env node
import { existsSync, readFileSync } from 'node:fs'

const command = new URL('../dist/command.js', import.meta.url)
const { engines } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'))
const [oldest] = engines.node.match(/\d.*/)

if (process.versions.node.localeCompare(oldest, 'en', { numeric: true }) < 0) {
  console.error(`clerk-auth-local: this is Node ${process.versions.node}, and ${oldest} or newer is needed`)
  process.exitCode = 1
} else if (existsSync(command)) {
  const { run } = await import(command.href)
  process.exitCode = await run(process.argv.slice(2))
} else {
  console.error('clerk-auth-local: not built yet, run npm run build first')
  process.exitCode = 1
}
