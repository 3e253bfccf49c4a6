import type { InstanceSettings } from '../model/instance-settings.js'
import type { Changes } from '../state/table.js'
import type { World } from '../state/world.js'

/** The settings of the instance, with the defaults until they are first changed or read. */
export function settingsOf({ instance_settings }: World): InstanceSettings {
  return instance_settings.all()[0] ?? instance_settings.add({})
}

export function changeSettings(world: World, changes: Changes<InstanceSettings>): InstanceSettings {
  return world.instance_settings.update(settingsOf(world).id, changes)
}
