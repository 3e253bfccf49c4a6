import { ask } from '../support/ask.js'
import { note, ok, problem, type Finding } from './finding.js'
import type { Settings } from './settings.js'

/** Asks about a token that cannot exist: who asks is checked first. */
const NO_TOKEN = { token: 'mt_doctor' }

/** Whether the machine that the API runs as exists, and its secret key works. */
export async function checkMachine(settings: Settings): Promise<readonly Finding[]> {
  return [...(await secretFindings(settings)), ...(await idFindings(settings))]
}

async function secretFindings({ apiUrl, machineSecretKey }: Settings): Promise<readonly Finding[]> {
  if (machineSecretKey === undefined) return []
  const { status } = await ask(`${apiUrl}/m2m_tokens/verify`, machineSecretKey, NO_TOKEN)
  if (status === 401)
    return [problem(`${apiUrl} refuses CLERK_MACHINE_SECRET_KEY`, 'copy it again, or rotate it in the Dashboard')]
  // Only a caller that is known learns that there is no such token.
  if (status === 404) return [ok('CLERK_MACHINE_SECRET_KEY works')]
  return [
    note(
      `CLERK_MACHINE_SECRET_KEY could not be tried: ${apiUrl} ${status === undefined ? 'does not answer' : `answers with status ${status}`}`,
    ),
  ]
}

async function idFindings({ apiUrl, machineId, secretKey }: Settings): Promise<readonly Finding[]> {
  if (machineId === undefined) return []
  if (!/^mch_\w+$/.test(machineId))
    return [
      problem(
        'CLERK_MACHINE_ID is not the id of a machine',
        'use the id of the API’s own machine, which begins with mch_',
      ),
    ]
  if (secretKey === undefined)
    return [note(`CLERK_MACHINE_ID is ${machineId}, which was not looked up`, 'set CLERK_SECRET_KEY to look it up')]
  const { status } = await ask(`${apiUrl}/v1/machines/${encodeURIComponent(machineId)}`, secretKey)
  if (status === 200) return [ok(`CLERK_MACHINE_ID is a machine of this instance: ${machineId}`)]
  if (status === 404)
    return [problem(`There is no machine ${machineId} in this instance`, 'use the id of the API’s own machine')]
  return [note(`CLERK_MACHINE_ID is ${machineId}, which could not be looked up`)]
}
