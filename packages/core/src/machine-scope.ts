import type { M2mAuth } from './auth.js'
import { AuthError } from './errors.js'

export const MACHINE_ID = /^mch_\w{27}$/

/**
 * Checks that an M2M token is meant for this service. That says who may be called with it, not who calls: guards name
 * the machines that may call.
 *
 * @param machineId this service's machine; `any` for every machine of the instance
 * @throws {AuthError} `machine-out-of-scope`
 */
export function checkMachineScope({ scopes }: M2mAuth, machineId: string): void {
  if (machineId !== 'any' && !scopes.includes(machineId))
    throw new AuthError('machine-out-of-scope', {
      message:
        'the scopes of the token do not hold this machine: check that "machineId" is this service\'s own, ' +
        'and that the calling machine has its scope',
    })
}
