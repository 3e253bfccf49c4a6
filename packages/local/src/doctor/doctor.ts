import type { Finding } from './finding.js'
import { checkInstance } from './instance.js'
import { checkMachine } from './machine.js'
import { checkProject } from './project.js'
import { checkKeys, settingsIn, type Environment } from './settings.js'

export interface ExaminationOptions {
  readonly env: Environment
  /** of the project whose `@clerk-auth` packages are used */
  readonly folder: string
  readonly token: string | undefined
}

/** Examines the environment of an API, from its keys to a token, in this order. */
export async function examine({ env, folder, token }: ExaminationOptions): Promise<readonly Finding[]> {
  const settings = settingsIn(env)
  return [
    ...checkKeys(env),
    ...(await checkInstance(settings)),
    ...(await checkMachine(settings)),
    ...(await checkProject(folder, env, token)),
  ]
}
