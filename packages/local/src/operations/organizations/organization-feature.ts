import { Refusal } from '../../api/errors.js'
import { instanceSettingsOf } from '../../people/instance-settings.js'
import type { Operation } from '../operation.js'

/** The same operations, which refuse all calls while organizations are disabled for the instance. */
export function ofOrganizations(operations: readonly Operation[]): readonly Operation[] {
  return operations.map((operation) => ({
    ...operation,
    endpoint(instance) {
      const endpoint = operation.endpoint(instance)
      return {
        ...endpoint,
        async answer(request) {
          if (!instanceSettingsOf(instance.world).organizations_enabled)
            throw new Refusal('organization_not_enabled_in_instance')
          return endpoint.answer(request)
        },
      }
    },
  }))
}
