import { InstanceSettings } from '../model/instance-settings.js'
import type { Changes } from '../state/table.js'
import type { World } from '../state/world.js'

/** The settings of the instance, with the defaults until they are first changed. */
export function instanceSettingsOf({ instance_settings, now }: World): InstanceSettings {
  return instance_settings.all()[0] ?? InstanceSettings.create({}, now())
}

export function changeInstanceSettings(
  { instance_settings }: World,
  changes: Changes<InstanceSettings>,
): InstanceSettings {
  const { id } = instance_settings.all()[0] ?? instance_settings.add({})
  return instance_settings.update(id, changes)
}
