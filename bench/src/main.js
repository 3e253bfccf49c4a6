// node bench/src/main.js [--quick] [a table ...]
import { eventLoopDelay } from './delay.js'
import { fleetOfProcesses } from './fleet.js'
import { keySetFetches } from './fetches.js'
import { frameworkGuards } from './frameworks.js'
import { growthOfTokens } from './growth.js'
import { httpRoutes } from './http.js'
import { importTimes } from './import.js'
import { machineTokens } from './machines.js'
import { mintedTokens } from './mint.js'
import { packageSizes } from './package-size.js'
import { repeatedToken } from './repeated.js'
import { machineNow } from './report.js'
import { linesOfCode } from './lines.js'
import { startUps } from './start.js'
import { newTokens } from './verify.js'

const TABLES = {
  lines: linesOfCode,
  size: packageSizes,
  fetches: keySetFetches,
  import: importTimes,
  verify: newTokens,
  repeated: repeatedToken,
  http: httpRoutes,
  machines: machineTokens,
  start: startUps,
  mint: mintedTokens,
  growth: growthOfTokens,
  delay: eventLoopDelay,
  fleet: fleetOfProcesses,
  frameworks: frameworkGuards,
}

const quick = process.argv.includes('--quick')
const asked = process.argv.slice(2).filter((argument) => argument !== '--quick')
const unknown = asked.find((name) => !Object.hasOwn(TABLES, name))
if (unknown !== undefined)
  throw new TypeError(`unknown table "${unknown}"; the tables are ${Object.keys(TABLES).join(', ')}`)

console.log(machineNow())
for (const [name, run] of Object.entries(TABLES)) {
  if (asked.length === 0 || asked.includes(name)) await run({ quick })
}
