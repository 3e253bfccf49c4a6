import { join } from 'node:path'
import type { NextConfig } from 'next'

// The packages of this repository are not below this folder. An application with its own `node_modules` needs no settings.
const root = join(import.meta.dirname, '../../..')
const config: NextConfig = { turbopack: { root }, outputFileTracingRoot: root }

export default config
