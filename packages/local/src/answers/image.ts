import type { Organization } from '../model/organization.js'
import type { User } from '../model/user.js'
import type { World } from '../state/world.js'

/** Where the instance serves images: uploaded ones by their id, and generated ones by the id of what they show. */
export const IMAGES_PATH = '/images'

/** Every user and organization has an image: an uploaded or a generated one. */
export function imageFields({ url }: World, { id, image_id }: Pick<User | Organization, 'id' | 'image_id'>) {
  return { image_url: `${url()}${IMAGES_PATH}/${image_id ?? id}`, has_image: image_id !== null }
}
